"""Metrics again, from stored predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from xbench.analysis.results import StoredCell
from xbench.errors import StoreError
from xbench.metrics import compute
from xbench.store import CellRecord, PredictionRecord

MetricsOf = Callable[[PredictionRecord], tuple[Sequence[str], Sequence[str]]]
"""The names of a pair's metrics, and its task's labels."""


def score(cell: StoredCell, metrics_of: MetricsOf) -> CellRecord:
    """Computes a cell's metrics anew and stores them; the predictions stay as they are.

    Raises StoreError where predictions are missing, damaged, or not as many as were recorded, DataError where the gold
    answers are not of the metrics' kind.
    """
    pairs = tuple(_scored(cell, pair, metrics_of) for pair in cell.record.predictions)
    return cell.store.write_cell(replace(cell.record, predictions=pairs), {})


def _scored(cell: StoredCell, pair: PredictionRecord, metrics_of: MetricsOf) -> PredictionRecord:
    frame = cell.store.predictions(cell.record, pair.task, pair.language, columns=("gold", "prediction"))
    if len(frame) != pair.n:
        path = cell.store.predictions_path(cell.record.id, pair.task, pair.language)
        raise StoreError(f"{path}: holds {len(frame)} predictions, and cell.json says {pair.n}; run the cell again.")
    prediction = frame["prediction"].astype(object).where(frame["prediction"].notna(), None).tolist()
    names, labels = metrics_of(pair)
    metrics = compute(names, frame["gold"].tolist(), prediction, labels, pair.language)
    return replace(pair, metrics=metrics, invalid=prediction.count(None))

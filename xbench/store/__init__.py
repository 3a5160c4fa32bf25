"""The run store: finished artifacts and cells, written atomically and claimed by one writer. Imports no torch."""

from xbench.store.files import atomic_path
from xbench.store.filters import CellFilter
from xbench.store.identity import stable_hash
from xbench.store.record import CellRecord, PredictionRecord
from xbench.store.run_store import PREDICTION_COLUMNS, RunStore, default_path

__all__ = [
    "PREDICTION_COLUMNS",
    "CellFilter",
    "CellRecord",
    "PredictionRecord",
    "RunStore",
    "atomic_path",
    "default_path",
    "stable_hash",
]

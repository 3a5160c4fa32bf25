"""Example-level outcomes of systems, from their prediction files: what resampling draws from.

Each metric is a function of sums over examples (`xbench.metrics.Metric`): summing drawn examples therefore gives the
metric of the drawn sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy

from xbench.analysis.systems import TaskScores
from xbench.metrics import METRICS, Predictions, ratio
from xbench.store import PREDICTION_COLUMNS, RunStore

Value = Callable[[numpy.ndarray], numpy.ndarray]


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of one or several systems on the same examples.

    `parts` are groups of languages whose examples have the same ids (translations of each other, or one language):
    for each, arrays [systems, seeds, languages of the part, examples, counts]. `value` maps sums over examples
    [..., counts] to the metric [...]. `languages` names those of each part.
    """

    parts: tuple[numpy.ndarray, ...]
    value: Value = ratio
    languages: tuple[tuple[str, ...], ...] = ()

    @property
    def are_right_or_wrong(self) -> bool:
        """Whether the metric is the share of examples that are right."""
        shares = ((part[..., 0], part[..., 1]) for part in self.parts)
        return self.value is ratio and all(
            (((above == 0) | (above == 1)) & (below == 1)).all() for above, below in shares
        )

    def measured(self) -> numpy.ndarray:
        """The metric of all examples [systems, seeds, languages]."""
        return numpy.concatenate([self.value(part.sum(axis=3, dtype=float)) for part in self.parts], axis=2)


def load_outcomes(systems: Sequence[TaskScores], seeds: Sequence[int], languages: Sequence[str]) -> Outcomes | None:
    """The outcomes of the systems in these seeds and languages.

    Of adapted models in the source an example's counts are the mean of theirs. None where the metric is none that
    examples are known to add up to (a hub metric), or where runs of one language were scored on different examples.
    Raises StoreError for a prediction file that is missing or damaged.
    """
    metric = METRICS.get(systems[0].metric)
    if metric is None:
        return None
    tables = {
        language: [[_tables(system, seed, language) for seed in seeds] for system in systems] for language in languages
    }
    # The same labels in the same order everywhere, so that counts of labels stand in the same places.
    every = [table for rows in tables.values() for row in rows for models in row for table in models]
    labels = _labels(every, metric.kinds)
    parts: dict[bytes, list[numpy.ndarray]] = {}
    names: dict[bytes, list[str]] = {}
    for language, rows in tables.items():
        ids = rows[0][0][0].ids
        if any(not numpy.array_equal(ids, table.ids) for row in rows for models in row for table in models):
            return None
        counts = [
            [numpy.mean([metric.counts(table.predictions(labels, language)) for table in models], 0) for models in row]
            for row in rows
        ]
        key = "\0".join(ids).encode()
        parts.setdefault(key, []).append(numpy.array(counts, dtype=numpy.float32))
        names.setdefault(key, []).append(language)
    stacked = tuple(numpy.stack(group, axis=2) for group in parts.values())
    return Outcomes(stacked, metric.value, tuple(map(tuple, names.values())))


def drawn_counts(sizes: numpy.ndarray, draws: int, generator: numpy.random.Generator) -> numpy.ndarray:
    """How often each of several patterns of outcomes is drawn in n draws of n examples [draws, patterns].

    Examples with the same outcomes are interchangeable: drawing how many of each pattern is the same distribution as
    drawing examples one by one, and there are far fewer patterns than examples.
    """
    n = int(sizes.sum())
    if len(sizes) * 6 < n:
        return generator.multinomial(n, sizes / n, size=draws).astype(numpy.float32)
    # The same distribution; faster where there are nearly as many patterns as examples.
    pattern = numpy.repeat(numpy.arange(len(sizes)), sizes)
    counts = (numpy.bincount(pattern[generator.integers(0, n, n)], minlength=len(sizes)) for _ in range(draws))
    return numpy.array(list(counts), dtype=numpy.float32)


@dataclass(frozen=True)
class _Table:
    ids: numpy.ndarray
    gold: tuple[str, ...]
    prediction: tuple[str | None, ...]

    def predictions(self, labels: Sequence[str], language: str) -> Predictions:
        """Its answers, as metrics take them."""
        return Predictions(self.gold, self.prediction, labels, language)


def _labels(tables: Sequence[_Table], kinds: Sequence[str]) -> list[str]:
    """Every label of these tables; none where answers are no labels."""
    if "classification" not in kinds:
        return []
    found = {label for table in tables for label in (*table.gold, *table.prediction) if label is not None}
    return sorted(found)


def _tables(system: TaskScores, seed: int, language: str) -> list[_Table]:
    """The tables of the models whose mean the system's value is: one, but for adapted models in the source."""
    tables = []
    for cell in system.models_of(seed, language):
        path = cell.store.predictions_path(cell.record.id, system.task, language)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            changed = 0  # reading it says what is wrong
        tables.append(_read(cell.store, cell.record.id, system.task, language, changed))
    return tables


@lru_cache(maxsize=512)
def _read(store: RunStore, cell: str, task: str, language: str, changed: int) -> _Table:
    # Kept for a task's comparisons, which all read the baseline; `changed` is there to tell a file written anew.
    table = store.prediction_columns(cell, task, language, columns=PREDICTION_COLUMNS)
    return _Table(table["id"], tuple(table["gold"]), tuple(table["prediction"]))

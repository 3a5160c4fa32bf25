"""The measured numbers of one or several run stores."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import RequestError, nearest
from xbench.store import CellFilter, CellRecord, PredictionRecord, RunStore, default_path

if TYPE_CHECKING:
    import pandas

COLUMNS = (
    *("task", "method", "variant", "model", "data", "profile", "setting", "train_tasks", "shots", "seed"),
    *("language", "metric", "value", "n", "system", "cell", "adapted_to", "source", "limit", "skipped_rows"),
)


@dataclass(frozen=True)
class StoredCell:
    """A cell's record and the store that holds its predictions."""

    record: CellRecord
    store: RunStore


@dataclass(frozen=True)
class Results:
    """The cells that a reading command is about, each pair once, in a fixed order."""

    cells: tuple[StoredCell, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One mapping with the keys `COLUMNS` for each measured number; `value` is a fraction."""
        rows = [row for cell in self.cells for row in _rows(cell.record)]
        return sorted(rows, key=lambda row: tuple(natural_key(row[name]) for name in COLUMNS if name != "value"))

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a data frame with the columns `COLUMNS`, also where there is none."""
        import pandas

        kinds = {"seed": "int64", "n": "int64", "value": "float64", "limit": "Int64", "skipped_rows": "int64"}
        frame = pandas.DataFrame(self.rows(), columns=list(COLUMNS))
        return frame.astype({name: kinds.get(name, "str") for name in COLUMNS})

    def only(self, cells: Collection[str]) -> Results:
        """The results of the cells with these ids."""
        return Results(tuple(cell for cell in self.cells if cell.record.id in cells))

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[StoredCell]:
        return iter(self.cells)


def load_results(*paths: str | os.PathLike[str], **filters: Any) -> Results:
    """The results in the run stores at `paths`, or in the default one.

    Filters are those of `CellFilter`, each one value or several: `load_results("runs", task="xnli", seed=[1, 2])`.
    A run store that is not there is an error where it was named, and no results where it is the default.
    Raises RequestError for such a store, an unknown filter, or a value that no cell has.
    """
    if missing := [path for path in paths if not Path(path).is_dir()]:
        raise RequestError(f"{missing[0]}: there is no run store; `xbench eval --runs {missing[0]}` makes one.")
    keep = cell_filter(filters)
    stores = [RunStore(path) for path in paths or (default_path(),)]
    every = [StoredCell(record, store) for store in stores for record in store.cells()]
    keep.check(cell.record for cell in every)
    selected = (StoredCell(record, cell.store) for cell in every if (record := keep.select(cell.record)))
    return Results(tuple(_without_repeats(selected)))


def cell_filter(filters: Mapping[str, Any]) -> CellFilter:
    """The filter of keyword arguments; None and nothing keep all. Raises RequestError for an unknown one."""
    known = [entry.name for entry in fields(CellFilter)]
    for name in filters:
        if name not in known:
            raise RequestError(f"There is no filter '{name}'.{nearest(name, known)}")
    return CellFilter(**{name: _values(name, value) for name, value in filters.items()})


def _values(name: str, value: Any) -> tuple[Any, ...]:
    values = () if value is None else (value,) if isinstance(value, (str, int)) else tuple(value)
    try:
        return tuple(int(entry) if name == "seed" else str(entry) for entry in values)
    except ValueError:
        raise RequestError(f"A seed is a whole number, not {values}.") from None


def _without_repeats(cells: Iterator[StoredCell]) -> Iterator[StoredCell]:
    """Each pair of each cell from the first store that has it; a later one that measured otherwise is named."""
    seen: dict[tuple[str, str, str], tuple[PredictionRecord, RunStore]] = {}
    for cell in cells:
        record = cell.record
        fresh = []
        for pair in record.predictions:
            first, store = seen.setdefault((record.id, *pair.pair), (pair, cell.store))
            if first is pair:
                fresh.append(pair)
            elif dict(first.metrics) != dict(pair.metrics):
                print(
                    f"Left out, in conflict: {pair.task} in {pair.language} of cell {record.id} "
                    f"has {dict(pair.metrics)} in {cell.store.path}; "
                    f"shown is {dict(first.metrics)} from {store.path}.",
                    file=sys.stderr,
                )
        if fresh and len(fresh) == len(record.predictions):
            yield cell
        elif fresh:
            yield replace(cell, record=replace(record, predictions=tuple(fresh)))


def _rows(record: CellRecord) -> Iterator[dict[str, Any]]:
    about = {name: getattr(record, name, None) for name in COLUMNS}
    about |= {"train_tasks": "+".join(record.train_tasks), "cell": record.id}
    for pair in record.predictions:
        for metric, value in pair.metrics.items():
            yield {
                **about,
                "task": pair.task,
                "language": pair.language,
                "metric": metric,
                "value": value,
                "n": pair.n,
            }


def natural_key(value: object) -> tuple[tuple[int, int, str], ...]:
    """A sort key under which 8 comes before 16, also inside text."""
    return _natural_parts(str(value))


@lru_cache(maxsize=100_000)
def _natural_parts(text: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.split(r"(\d+)", text)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)

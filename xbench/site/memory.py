"""A run store that remembers the predictions read last: several analyses of one system read the same files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy

from xbench.analysis.results import Results
from xbench.store import CellRecord, RunStore

REMEMBERED = 400  # files


@dataclass(frozen=True)
class _Known:
    columns: dict[str, numpy.ndarray]
    is_whole: bool


class RememberingStore(RunStore):
    """Reads prediction files, each once as long as it is among the last ones, and again only for further columns."""

    def __init__(self, store: RunStore) -> None:
        self.path = store.path
        self._known: OrderedDict[tuple[str, str, str], _Known] = OrderedDict()

    def prediction_columns(
        self, cell: CellRecord | str, task: str, language: str, columns: Sequence[str] | None = None
    ) -> dict[str, numpy.ndarray]:
        """As that of any run store, perhaps with more columns; they are everybody's, and stay as they are."""
        key = (cell if isinstance(cell, str) else cell.id, task, language)
        known = self._known.get(key)
        if known is None or not (known.is_whole or (columns is not None and set(columns) <= known.columns.keys())):
            read = super().prediction_columns(cell, task, language, columns)
            known = self._known[key] = _Known(read, is_whole=columns is None)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known.columns


def with_memory(results: Results) -> Results:
    """The results, read through stores that remember."""
    stores = {cell.store.path: cell.store for cell in results}
    remembering = {path: RememberingStore(store) for path, store in stores.items()}
    return Results(tuple(replace(cell, store=remembering[cell.store.path]) for cell in results))

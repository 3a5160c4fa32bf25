"""A run store that remembers the predictions read last: several analyses of one system read the same files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy

from xbench.analysis.results import Results
from xbench.store import CellRecord, RunStore

REMEMBERED = 400  # files


class RememberingStore(RunStore):
    """Reads prediction files, each once as long as it is among the last ones."""

    def __init__(self, store: RunStore) -> None:
        self.path = store.path
        self._tables: OrderedDict[tuple[str, str, str], dict[str, numpy.ndarray]] = OrderedDict()

    def prediction_columns(
        self, cell: CellRecord | str, task: str, language: str, columns: Sequence[str] | None = None
    ) -> dict[str, numpy.ndarray]:
        """As that of any run store, but all columns; they are everybody's, and stay as they are."""
        key = (cell if isinstance(cell, str) else cell.id, task, language)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = super().prediction_columns(cell, task, language)
            if len(self._tables) > REMEMBERED:
                self._tables.popitem(last=False)
        return table


def with_memory(results: Results) -> Results:
    """The results, read through stores that remember."""
    stores = {cell.store.path: cell.store for cell in results}
    remembering = {path: RememberingStore(store) for path, store in stores.items()}
    return Results(tuple(replace(cell, store=remembering[cell.store.path]) for cell in results))

"""A run store that remembers the predictions read last: several analyses of one system read the same files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xbench.analysis.results import Results
from xbench.store import CellRecord, RunStore

if TYPE_CHECKING:
    import pandas

REMEMBERED = 400  # files


class RememberingStore(RunStore):
    """Reads prediction files, each choice of columns once as long as it is among the last ones."""

    def __init__(self, store: RunStore) -> None:
        self.path = store.path
        self._frames: OrderedDict[tuple[object, ...], pandas.DataFrame] = OrderedDict()

    def predictions(
        self, cell: CellRecord | str, task: str, language: str, columns: Sequence[str] | None = None
    ) -> pandas.DataFrame:
        """As that of any run store; the frame is everybody's, and stays as it is."""
        key = (cell if isinstance(cell, str) else cell.id, task, language, columns and tuple(columns))
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = super().predictions(cell, task, language, columns)
            if len(self._frames) > REMEMBERED:
                self._frames.popitem(last=False)
        return frame


def with_memory(results: Results) -> Results:
    """The results, read through stores that remember."""
    stores = {cell.store.path: cell.store for cell in results}
    remembering = {path: RememberingStore(store) for path, store in stores.items()}
    return Results(tuple(replace(cell, store=remembering[cell.store.path]) for cell in results))

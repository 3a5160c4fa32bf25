"""The cosines of representations that some tables show, read from the stored models of their cells."""

from __future__ import annotations

from collections.abc import Sequence

from xbench.analysis.results import StoredCell
from xbench.representations.comparison import compare
from xbench.runner.cell import Workplace
from xbench.runner.processes import make_accelerator
from xbench.runner.rebuild import RebuiltCell


def read_cells(cells: Sequence[StoredCell], device: str | None = None) -> dict[tuple[str, str, str], float]:
    """(cell, measure, language) -> value, of the tuned models: `change` against the backbone as pretrained, and cosines
    of the source's texts to their translations, to other texts, and how much greater the first are.

    Raises StoreError where a model cannot be put together again.
    """
    found: dict[tuple[str, str, str], float] = {}
    for cell in cells:
        rebuilt = RebuiltCell(cell.record, Workplace(cell.store, make_accelerator(device)))
        measures = compare(rebuilt).measures
        id = cell.record.id
        for row in measures.change.to_dict("records"):
            found[id, "change", row["language"]] = float(row["cosine"])
        for row in measures.pairs[measures.pairs["state"] == "after"].to_dict("records"):
            found[id, "translations", row["language"]] = float(row["pairs"])
            found[id, "others", row["language"]] = float(row["others"])
            found[id, "relative-difference", row["language"]] = float(row["relative"])
    return found

"""What cannot all be shown: cells that run stores answer differently, and older cells of a system and seed.

Both are reported on the site, and never silently dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xbench.analysis.results import Results
from xbench.errors import StoreError
from xbench.store import CellRecord, PredictionRecord, RunStore
from xbench.store.merge import same_predictions


@dataclass(frozen=True)
class Conflict:
    """One cell's predictions for a task and language that two stores have differently, and both in words."""

    cell: str
    task: str
    language: str
    says: str


def conflicts(runs: Sequence[Path]) -> list[Conflict]:
    """For each task and language of a cell that a later store answered otherwise, both; the first is what is shown."""
    stores = [RunStore(path) for path in runs] if len(runs) > 1 else []
    names = store_names([store.path for store in stores])
    seen: dict[tuple[str, str, str], tuple[PredictionRecord, int]] = {}
    found = []
    for at, store in enumerate(stores):
        for record in store.cells():
            for pair in record.predictions:
                first, place = seen.setdefault((record.id, *pair.pair), (pair, at))
                if place != at and not _same((stores[place], first), (store, pair), record.id):
                    says = (
                        f"Cell {record.id} ({record.label}, seed {record.seed}), {pair.task} in {pair.language}: "
                        f"{_numbers(first)} in {names[place]}, which is shown, and {_numbers(pair)} in {names[at]}"
                        f"{': other answers' if dict(first.metrics) == dict(pair.metrics) else ''}."
                    )
                    found.append(Conflict(record.id, *pair.pair, says))
    return found


def shown(found: Sequence[Conflict], results: Results) -> list[str]:
    """Those that are about predictions in the results."""
    there = {(cell.record.id, *pair.pair) for cell in results for pair in cell.record.predictions}
    return [one.says for one in found if (one.cell, one.task, one.language) in there]


def superseded(results: Results) -> list[str]:
    """Cells that are left out since a newer one is the same system and seed, as `task_scores` chooses."""
    groups: dict[tuple[str, int, str, str, str], list[CellRecord]] = {}
    for cell in results:
        record = cell.record
        for pair in record.predictions:
            groups.setdefault((record.system, record.seed, record.adapted_to, *pair.pair), []).append(record)
    found = {}
    for cells in groups.values():
        *older, newest = sorted(cells, key=lambda record: (record.created, record.id))
        for record in older:
            found[record.id, newest.id] = (
                f"Cell {record.id} is left out: {newest.id} measures the same system and seed ({newest.label}, seed "
                f"{newest.seed}) and is newer."
            )
    return [found[key] for key in sorted(found)]


def store_names(paths: Sequence[Path]) -> list[str]:
    """The end of each path, as long as it takes to tell them apart."""
    parts = [path.resolve().parts for path in paths]
    longest = max(map(len, parts), default=1)
    for length in range(1, longest + 1):
        names = ["/".join(one[-length:]) for one in parts]
        if len(set(names)) == len(set(parts)):
            break
    return names if parts else []


def _same(first: tuple[RunStore, PredictionRecord], second: tuple[RunStore, PredictionRecord], cell: str) -> bool:
    if dict(first[1].metrics) != dict(second[1].metrics):
        return False
    try:
        return same_predictions(first[0], second[0], cell, first[1])
    except StoreError:
        return False


def _numbers(pair: PredictionRecord) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in pair.metrics.items())

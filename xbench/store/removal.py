"""Removing cells, and with them the artifacts that no other cell was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xbench.store.record import CellRecord
from xbench.store.run_store import RunStore


@dataclass(frozen=True)
class Removal:
    """How much was removed."""

    cells: int
    pairs: int
    artifacts: int


def remove(store: RunStore, records: Iterable[CellRecord]) -> Removal:
    """Removes the pairs that each record names, cells of which nothing is left, and what only they were made from.

    What a process that runs at the same time is about to use may be among the latter: its cell then fails, and can be
    run again.
    """
    records = list(records)
    artifacts = _ancestry(store, records)
    for record in records:
        store.remove_pairs(record.id, {pair.pair for pair in record.predictions})
    unused = artifacts - _ancestry(store, store.cells())
    for id in unused:
        store.remove_artifact(id)
    return Removal(len(records), sum(len(record.predictions) for record in records), len(unused))


def _ancestry(store: RunStore, records: Iterable[CellRecord]) -> set[str]:
    """The prediction artifacts of the records, their parents, and so on."""
    waiting = [pair.artifact for record in records for pair in record.predictions if pair.artifact]
    found: set[str] = set()
    while waiting:
        id = waiting.pop()
        if id not in found and store.has_artifact(id):
            found.add(id)
            waiting.extend(store.artifact_record(id).get("parents", ()))
    return found

"""The one set of filters that every reading command shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from xbench.errors import RequestError, nearest
from xbench.store.record import CellRecord


@dataclass(frozen=True)
class CellFilter:
    """Values to keep, per field; an empty tuple keeps all.

    A method is named with its variant (`mpt[alpha=1]`) or without (`mpt`: every variant).
    """

    task: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    shots: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    seed: tuple[int, ...] = ()

    def select(self, record: CellRecord) -> CellRecord | None:
        """The record with the pairs asked for, or None where nothing of it was."""
        if not all(_kept(getattr(self, name), names) for name, names in _names(record).items()):
            return None
        pairs = tuple(
            pair
            for pair in record.predictions
            if _kept(self.task, {pair.task}) and _kept(self.language, {pair.language})
        )
        if len(pairs) == len(record.predictions):
            return record if pairs else None
        return replace(record, predictions=pairs) if pairs else None

    def check(self, records: Iterable[CellRecord]) -> None:
        """Raises RequestError for a value that none of these cells has, with the nearest; no cells, no error."""
        present: dict[str, set[object]] = {entry.name: set() for entry in fields(self)}
        for record in records:
            for name, names in _names(record).items():
                present[name] |= names
            present["task"] |= {pair.task for pair in record.predictions}
            present["language"] |= {pair.language for pair in record.predictions}
        for name, values in present.items():
            for value in getattr(self, name):
                if values and value not in values:
                    choice = nearest(str(value), map(str, values))
                    raise RequestError(f"No cell in the run store has the {name} '{value}'.{choice}")


def _names(record: CellRecord) -> dict[str, set[object]]:
    return {
        "method": {record.method, record.label},
        "model": {record.model},
        "data": {record.data},
        "setting": {record.setting},
        "shots": {record.shots},
        "seed": {record.seed},
    }


def _kept(wanted: tuple[object, ...], names: set[object]) -> bool:
    return not wanted or not names.isdisjoint(wanted)

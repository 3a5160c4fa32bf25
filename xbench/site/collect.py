"""What the site is about: systems under their conditions, each with its scores on every task.

A system is a label (method with its variant) under one set of conditions, as in `xbench compare`. Results on sample
data and on real data never share a page: each is a realm of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy

from xbench.analysis.results import Results, StoredCell
from xbench.analysis.systems import Conditions, TaskScores, conditions, task_scores
from xbench.analysis.transfer import Transfer, transfer
from xbench.store import CellRecord
from xbench.store.identity import stable_hash

SAMPLE_DATA = "sample"


@dataclass(frozen=True)
class OnTask:
    """One system on one task: its scores, and what follows from them without reading predictions."""

    scores: TaskScores
    transfer: Transfer

    @property
    def records(self) -> tuple[CellRecord, ...]:
        """The cells behind the scores, by seed, each once."""
        found = {cell.record.id: cell.record for cell in self.scores.cells.values()}
        return tuple(sorted(found.values(), key=lambda record: (record.seed, record.id)))

    @property
    def spread(self) -> float | None:
        """The standard deviation, over seeds, of the mean over target languages; None of one seed."""
        return deviation([part[1] for part in self.transfer.by_seed.values()])


@dataclass(frozen=True)
class System:
    """One row of the board: a label under one set of conditions, with the tasks it was measured on."""

    label: str
    conditions: Conditions
    tasks: Mapping[str, OnTask]
    group: str = ""

    @property
    def key(self) -> str:
        """The name of its page: readable, the same in every build, and one of its own."""
        return f"{slug(self.label)}-{stable_hash([self.label, *self.conditions])[:6]}"

    @property
    def records(self) -> tuple[CellRecord, ...]:
        """All cells of the system."""
        found = {record.id: record for part in self.tasks.values() for record in part.records}
        return tuple(sorted(found.values(), key=lambda record: (record.tasks, record.seed, record.id)))

    @property
    def method(self) -> str:
        """The method without its variant."""
        return self.records[0].method


@dataclass(frozen=True)
class Group:
    """The systems of one set of conditions: only within a group may numbers be ranked."""

    letter: str
    conditions: Conditions
    systems: tuple[System, ...]

    @property
    def title(self) -> str:
        """The conditions in words."""
        return conditions_text(self.conditions)

    def on(self, task: str) -> tuple[System, ...]:
        """The systems that were measured on a task."""
        return tuple(system for system in self.systems if task in system.tasks)


@dataclass(frozen=True)
class Realm:
    """All that one part of the site shows: either results on sample data or on real data."""

    is_sample: bool
    groups: tuple[Group, ...]
    results: Results = field(repr=False, default_factory=lambda: Results(()))

    @property
    def systems(self) -> tuple[System, ...]:
        """All systems, group by group."""
        return tuple(system for group in self.groups for system in group.systems)

    @property
    def tasks(self) -> tuple[str, ...]:
        """All tasks, sorted."""
        return tuple(sorted({task for system in self.systems for task in system.tasks}))

    def languages(self, task: str | None = None) -> tuple[str, ...]:
        """All languages that a task, or any task, was measured in, sorted."""
        parts = [part for system in self.systems for name, part in system.tasks.items() if task in (None, name)]
        return tuple(sorted({language for part in parts for language in part.scores.languages}))


def realms(results: Results) -> tuple[Realm, ...]:
    """Real results first, then those on sample data; only what there is."""
    found = []
    for is_sample in (False, True):
        cells = tuple(cell for cell in results if (cell.record.data == SAMPLE_DATA) == is_sample)
        if cells:
            found.append(Realm(is_sample, tuple(_groups(Results(cells))), Results(cells)))
    return tuple(found)


def of_task(part: Results, task: str) -> Results:
    """The results of one task."""
    return Results(tuple(_only_task(part, task)))


def conditions_text(about: Conditions) -> str:
    """Conditions in words, without the profile and the source, as a line."""
    size = f"{about.shots} shots" if about.shots.isdigit() else about.shots
    parts = [about.model, f"{about.data} data", about.profile, about.setting, size, f"source {about.source}"]
    if about.limit is not None:
        parts.append(f"{about.limit} examples of each test set")
    return " · ".join(parts)


def slug(text: str) -> str:
    """Text as part of a file's name: small letters, digits and single hyphens, 40 at most."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "x"


def deviation(values: Sequence[float | None]) -> float | None:
    """The sample standard deviation of what was measured; None of fewer than two values."""
    known = [value for value in values if value is not None]
    return float(numpy.std(known, ddof=1)) if len(known) > 1 else None


def _groups(results: Results) -> Iterator[Group]:
    for number, (about, part) in enumerate(conditions(results).items()):
        found: dict[str, dict[str, OnTask]] = {}
        for task, entries in task_scores(part).items():
            for scores in entries:
                if scores.seeds and scores.languages:
                    found.setdefault(scores.label, {})[task] = OnTask(scores, transfer(scores))
        letter = group_letter(number)
        systems = (System(label, about, tasks, letter) for label, tasks in sorted(found.items()))
        if found:
            yield Group(letter, about, tuple(systems))


def group_letter(number: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _only_task(part: Results, task: str) -> Iterator[StoredCell]:
    from dataclasses import replace

    for cell in part:
        pairs = tuple(pair for pair in cell.record.predictions if pair.task == task)
        if pairs:
            yield replace(cell, record=replace(cell.record, predictions=pairs))

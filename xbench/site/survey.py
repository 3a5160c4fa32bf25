"""All that the pages of one realm show: its systems, what was found in their predictions, and their rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.analysis.systems import conditions
from xbench.errors import XbenchError
from xbench.site.collect import Group, Realm, System, of_task
from xbench.site.findings import BlockRequest, SystemFindings, find
from xbench.site.ranking import Ranking, rank

if TYPE_CHECKING:
    from xbench.analysis.results import Results
    from xbench.spec.task import TaskSpec


@dataclass(frozen=True)
class Survey:
    """`findings` by (a system's key, task); `rankings` by group's letter, then task, "" for all tasks together."""

    realm: Realm
    findings: Mapping[tuple[str, str], SystemFindings]
    rankings: Mapping[str, Mapping[str, Ranking]]
    specs: Mapping[str, TaskSpec | None]

    def group(self, letter: str) -> Group:
        """The group of a letter."""
        return self._by_letter[letter]

    def place(self, letter: str) -> int:
        """The group's place among all, from 1."""
        return list(self._by_letter).index(letter) + 1

    @cached_property
    def _by_letter(self) -> dict[str, Group]:
        return {group.letter: group for group in self.realm.groups}

    @cached_property
    def blocks(self) -> Mapping[tuple[str, str], Results]:
        """The results of each (group's letter, task)."""
        return blocks(self.realm)

    def ordered(self, group: Group) -> tuple[System, ...]:
        """The group's systems by rank, then those that have none."""
        ranked = self.rankings[group.letter][""].order
        systems = {system.label: system for system in group.systems}
        rest = (system for label, system in systems.items() if label not in ranked)
        return (*(systems[label] for label in ranked), *rest)


def survey(realm: Realm, tasks_dirs: Sequence[Path] = (), workers: int = 1) -> Survey:
    """Reads all predictions of a realm once, by several processes where that is worth their start."""
    specs = {task: task_spec(task, tasks_dirs) for task in realm.tasks}
    requests = [
        BlockRequest(letter, task, part, spec.labels if (spec := specs[task]) else (), spec.kind if spec else None)
        for (letter, task), part in blocks(realm).items()
    ]
    found = find(requests, workers)
    findings = {
        (system.key, task): found[system.group, task].get(system.label, SystemFindings())
        for system in realm.systems
        for task in system.tasks
    }
    rankings = {group.letter: _rankings(group) for group in realm.groups}
    return Survey(realm, findings, rankings, specs)


def blocks(realm: Realm) -> dict[tuple[str, str], Results]:
    """The results of each group's letter and task, in that order."""
    parts = conditions(realm.results)
    return {
        (group.letter, task): of_task(parts[group.conditions], task)
        for group in realm.groups
        for task in sorted({name for system in group.systems for name in system.tasks})
    }


def task_spec(task: str, tasks_dirs: Sequence[Path]) -> TaskSpec | None:
    """The task's YAML; None where there is none at hand."""
    from xbench.spec.registry import load_task

    try:
        return load_task(task, tuple(map(str, tasks_dirs)))
    except XbenchError:
        return None


def _rankings(group: Group) -> dict[str, Ranking]:
    systems = {system.label: {task: part.scores for task, part in system.tasks.items()} for system in group.systems}
    tasks = sorted({task for own in systems.values() for task in own})
    return {"": rank(systems, tasks), **{task: rank(systems, [task]) for task in tasks}}

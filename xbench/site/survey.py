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
from xbench.site.findings import GroupFindings, GroupRequest, SystemFindings, find
from xbench.site.ranking import Ranking
from xbench.site.workers import Workers

if TYPE_CHECKING:
    from xbench.analysis.results import Results
    from xbench.spec.task import TaskSpec

TEXT_ANSWERS = ("extractive-qa", "generation")
"""Kinds whose answers are texts, which may be passed on no more than the inputs."""


@dataclass(frozen=True)
class Survey:
    """`findings` by (a system's key, task); `rankings` by group's letter, then task, "" for all tasks together.

    `groups` are the findings of each group, by letter.
    """

    realm: Realm
    findings: Mapping[tuple[str, str], SystemFindings]
    rankings: Mapping[str, Mapping[str, Ranking]]
    specs: Mapping[str, TaskSpec | None]
    groups: Mapping[str, GroupFindings]

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


def survey(
    realm: Realm,
    tasks_dirs: Sequence[Path] = (),
    workers: Workers | None = None,
    baseline: str = "",
    asked: tuple[tuple[str, str], ...] = (),
) -> Survey:
    """Reads all predictions of a realm once, by several processes where that is worth their start."""
    specs = {task: task_spec(task, tasks_dirs) for task in realm.tasks}
    kinds = {task: (spec.labels, spec.kind) for task, spec in specs.items() if spec}
    parts = conditions(realm.results)
    requests = [GroupRequest(parts[group.conditions], kinds, baseline, asked) for group in realm.groups]
    found = dict(zip((group.letter for group in realm.groups), find(requests, workers or Workers()), strict=True))
    findings = {
        (system.key, task): found[system.group].systems.get((system.label, task), SystemFindings())
        for system in realm.systems
        for task in system.tasks
    }
    return Survey(realm, findings, {letter: one.rankings for letter, one in found.items()}, specs, found)


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


def shows_answers(spec: TaskSpec | None) -> bool:
    """Whether a site may show gold answers and predictions: labels it may, texts where the task may be passed on."""
    return spec is not None and (spec.redistribute or spec.kind not in TEXT_ANSWERS)

"""Ranks within one group: by the mean over target languages, statistically tied systems sharing one.

A system shares the rank of the best system before it from which it is not told apart: the 95 % interval of their paired
difference, over seeds, languages and examples (the headline of `xbench compare`), holds 0. Only systems that were
measured on everything that the ranking is about take part: the same tasks, languages and seeds, no bad rows skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy

from xbench.analysis.intervals import Interval, crossed_interval
from xbench.analysis.paired_values import comparable, paired_values
from xbench.analysis.significance import Ranks, rank_systems
from xbench.analysis.systems import TaskScores

Systems = Mapping[str, Mapping[str, TaskScores]]  # label -> task -> scores
Differ = Callable[[str, str], Interval | None]


@dataclass(frozen=True)
class Ranking:
    """The order of a group's systems over some tasks. `ranks` start at 1; `left_out` says why systems have none.

    `mean_ranks` are over blocks (a task in a target language), `test` Friedman's and Nemenyi's of them where there are
    three systems and two blocks. `means` are those that order the systems, fractions.
    """

    tasks: tuple[str, ...]
    ranks: Mapping[str, int]
    mean_ranks: Mapping[str, float]
    means: Mapping[str, float]
    blocks: int
    left_out: Mapping[str, str] = field(default_factory=dict)
    test: Ranks | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """The ranked systems, best first."""
        return tuple(sorted(self.ranks, key=lambda label: (-self.means[label], label)))

    def tied(self, label: str) -> bool:
        """Whether a system shares its rank."""
        return Counter(self.ranks.values())[self.ranks[label]] > 1


def rank(systems: Systems, tasks: Sequence[str], differ: Differ | None = None) -> Ranking:
    """The ranking over the tasks; `differ` gives the interval of a paired difference (that of `difference` if None)."""
    from scipy import stats

    kept, left_out = complete(systems, tasks)
    columns = _columns(kept, tasks)  # [blocks, systems]
    labels = tuple(kept)
    if not labels or not columns:
        return Ranking(tuple(tasks), {}, {}, {}, 0, left_out)
    values = numpy.round(numpy.stack(list(columns.values())), 12)
    means = _means(columns, labels)
    placed = dict(zip(labels, stats.rankdata(-values, axis=1).mean(axis=0).tolist(), strict=True))
    order = sorted(labels, key=lambda label: (-means[label], label))
    differ = differ or (lambda first, second: difference(kept[first], kept[second]))
    ranks: dict[str, int] = {}
    leader = order[0]
    for place, label in enumerate(order, start=1):
        if label != leader and not _tied(differ(leader, label)):
            leader = label
        ranks[label] = ranks[leader] if label != leader else place
    test = rank_systems(values, labels, tuple(columns), "task and language") if len(labels) > 2 else None
    return Ranking(tuple(tasks), ranks, placed, means, len(columns), left_out, test)


def usual_tasks(systems: Systems) -> tuple[str, ...]:
    """The tasks that a ranking over all is about: of the sets of tasks that a system was measured on in target
    languages, the one that fills the largest block of systems and tasks."""
    measured = {label: {task for task, scores in own.items() if scores.targets} for label, own in systems.items()}

    def filled(tasks: frozenset[str]) -> tuple[int, int, list[str]]:
        return sum(tasks <= own for own in measured.values()) * len(tasks), len(tasks), sorted(tasks)

    sets = [frozenset(tasks) for tasks in measured.values()]
    largest = max(sets, key=filled, default=frozenset[str]())
    return tuple(sorted(largest))


def difference(first: Mapping[str, TaskScores], second: Mapping[str, TaskScores]) -> Interval | None:
    """The headline interval of first - second over all tasks that both have; from the table alone where examples are
    not to be had, None where nothing is common."""
    values = paired_values(first, second)
    if values is None:
        return None
    return values.interval() or crossed_interval(values.first - values.second)


def complete(systems: Systems, tasks: Sequence[str]) -> tuple[dict[str, dict[str, TaskScores]], dict[str, str]]:
    """The systems that were measured on all tasks in the usual languages and seeds, and why others were not kept."""
    left_out: dict[str, str] = {}
    kept: dict[str, dict[str, TaskScores]] = {}
    for label, scores in systems.items():
        missing = [task for task in tasks if task not in scores]
        if missing:
            left_out[label] = f"not measured on {', '.join(missing)}"
        else:
            kept[label] = {task: scores[task] for task in tasks}
    for task in tasks:
        usual = Counter((own[task].metric, own[task].targets, own[task].seeds) for own in kept.values())
        if not usual:
            break
        # The largest block of systems that agree; among equals the one with most languages and seeds.
        block = max(usual, key=lambda one: (usual[one], len(one[1]) * len(one[2]), one))
        first = next(own[task] for own in kept.values() if _block(own[task]) == block)
        for label in list(kept):
            if reason := _reason(kept[label][task], first, block):
                left_out[label] = f"{task}: {reason}"
                del kept[label]
    return kept, left_out


def _block(scores: TaskScores) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
    return scores.metric, scores.targets, scores.seeds


def _reason(scores: TaskScores, first: TaskScores, block: tuple[str, tuple[str, ...], tuple[int, ...]]) -> str:
    metric, targets, seeds = block
    if scores.skipped_rows:
        return "bad rows were skipped"
    if not scores.targets:
        return "no target language was measured"
    if scores.targets != targets:
        return "measured in other languages than most"
    if scores.seeds != seeds:
        return "measured with other seeds than most"
    return "" if scores.metric == metric and (first.skipped_rows or comparable(first, scores)) else "another metric"


def _columns(systems: Systems, tasks: Sequence[str]) -> dict[str, numpy.ndarray]:
    """For each block, a task in a target language, the systems' means over seeds [systems]."""
    if not systems:
        return {}
    first = next(iter(systems.values()))
    return {
        f"{task}:{language}": numpy.array([own[task].columns([language]).mean() for own in systems.values()])
        for task in tasks
        for language in first[task].targets
    }


def _means(columns: Mapping[str, numpy.ndarray], labels: Sequence[str]) -> dict[str, float]:
    """Each system's mean over target languages, tasks averaged within a language first, as `xbench compare` does."""
    by_language: dict[str, list[numpy.ndarray]] = {}
    for name, column in columns.items():
        by_language.setdefault(name.partition(":")[2], []).append(column)
    means = numpy.mean([numpy.mean(part, axis=0) for part in by_language.values()], axis=0)
    return dict(zip(labels, (float(mean) for mean in means), strict=True))


def _tied(interval: Interval | None) -> bool:
    return interval is None or interval.low <= 0 <= interval.high

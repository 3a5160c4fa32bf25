"""Two systems' numbers as pairs: by language, or by task and language.

The unit is a choice that every comparison records. `language`: seeds and tasks are averaged first, one pair a
language. `task-language`: seeds are averaged, one pair a task and language; the pairs of one language, and those of one
task, depend on each other, so that its tests claim more than they know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy

from xbench.analysis.intervals import Interval, common_block, crossed_interval, shared_variance
from xbench.analysis.outcomes import load_outcomes
from xbench.analysis.systems import TaskScores
from xbench.errors import RequestError, nearest

UNITS = ("language", "task-language")
PAIRED = {"language": "languages", "task-language": "pairs of task and language"}

Cells = Mapping[tuple[str, str], tuple[numpy.ndarray, numpy.ndarray]]


@dataclass(frozen=True)
class PairedValues:
    """Two systems in the seeds, tasks and target languages that both have; values are fractions.

    `first` and `second` [seeds, languages] have tasks averaged within a language; `cells` has both systems' values
    [seeds] by (task, language).
    """

    systems: tuple[tuple[TaskScores, TaskScores], ...]
    seeds: tuple[int, ...]
    languages: tuple[str, ...]
    first: numpy.ndarray
    second: numpy.ndarray
    cells: Cells

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that both have."""
        return tuple(first.task for first, _ in self.systems)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The tasks' headline metrics, each once."""
        return tuple(dict.fromkeys(first.metric for first, _ in self.systems))

    @property
    def by_seed(self) -> numpy.ndarray:
        """The differences of the means over languages [seeds]."""
        return (self.first - self.second).mean(axis=1)

    def units(self, unit: str) -> tuple[tuple[str, ...], numpy.ndarray, numpy.ndarray]:
        """(the units' names, the first system's values, the second's), seeds averaged. Raises as `check_unit`."""
        check_unit(unit)
        if unit == "language":
            return self.languages, self.first.mean(axis=0), self.second.mean(axis=0)
        names = tuple(f"{task}:{language}" for task, language in self.cells)
        one, other = (numpy.array([pair[side].mean() for pair in self.cells.values()]) for side in (0, 1))
        return names, one, other

    def interval(self) -> Interval | None:
        """The hierarchical interval of the difference over seeds and languages, tasks being fixed.

        None where examples of a task cannot be resampled, as in `difference_interval`.
        """
        counts = {name: sum(language == name for _, language in self.cells) for name in self.languages}
        loaded = []
        for first, second in self.systems:
            languages = [language for task, language in self.cells if task == first.task]
            outcomes = load_outcomes([first, second], self.seeds, languages)
            if outcomes is None:
                return None
            loaded.append((outcomes, {name: 1 / counts[name] for name in languages}))
        return crossed_interval(
            self.first - self.second, shared_variance(loaded, [1.0, -1.0], len(self.seeds), len(self.languages))
        )


def check_unit(unit: str) -> None:
    """Raises RequestError for a unit that there is not."""
    if unit not in UNITS:
        raise RequestError(f"There is no unit '{unit}', only {', '.join(UNITS)}.{nearest(unit, UNITS)}")


def comparable(first: TaskScores, second: TaskScores) -> bool:
    """Whether two systems' numbers on a task are about the same: one metric, and no bad rows skipped."""
    return first.metric == second.metric and not first.skipped_rows and not second.skipped_rows


def paired_values(first: Mapping[str, TaskScores], second: Mapping[str, TaskScores]) -> PairedValues | None:
    """The pairs of two systems, given each one's scores by task; None where they have nothing in common."""
    shared = [(first[task], second[task]) for task in first if task in second and comparable(first[task], second[task])]
    shared = [pair for pair in shared if all(common_block(*pair))]
    if not shared:
        return None
    seeds = [seed for seed in shared[0][0].seeds if all(seed in common_block(*pair)[0] for pair in shared)]
    if not seeds:
        return None
    cells = dict(_cells(shared, seeds))
    languages = tuple(sorted({language for _, language in cells}))
    means = [
        numpy.stack(
            [
                numpy.mean([pair[side] for (_, name), pair in cells.items() if name == language], axis=0)
                for language in languages
            ],
            axis=1,
        )
        for side in (0, 1)
    ]
    return PairedValues(tuple(shared), tuple(seeds), languages, means[0], means[1], cells)


def _cells(
    shared: list[tuple[TaskScores, TaskScores]], seeds: list[int]
) -> Iterator[tuple[tuple[str, str], tuple[numpy.ndarray, numpy.ndarray]]]:
    for one, other in shared:
        for language in common_block(one, other)[1]:
            yield (
                (one.task, language),
                (one.columns([language], seeds)[:, 0], other.columns([language], seeds)[:, 0]),
            )

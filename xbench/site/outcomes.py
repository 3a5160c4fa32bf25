"""Outcomes of a group's systems, loaded once each, and the intervals that follow from them.

The same numbers as `mean_interval`, `difference_interval` and `PairedValues.interval` give, which read predictions anew
for each pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from xbench.analysis.intervals import Interval, common_block, crossed_interval, interval, shared_variance
from xbench.analysis.outcomes import Outcomes, load_outcomes
from xbench.analysis.paired_values import PairedValues, comparable, paired_values
from xbench.analysis.systems import TaskScores
from xbench.metrics import ratio


@dataclass(frozen=True)
class LanguageDifference:
    """Two systems in one language: their means over the seeds that both have, and the interval of the difference.

    The interval is over seeds and examples; over seeds alone where examples are not to be had, None of one seed then.
    """

    language: str
    n: int
    first: float
    second: float
    interval: Interval | None


class GroupOutcomes:
    """Loads the outcomes of systems one by one; keeps those whose counts may stand beside another system's."""

    def __init__(self) -> None:
        self._kept: dict[int, Outcomes] = {}  # by the identity of the scores, which live as long as this
        self._scores: list[TaskScores] = []

    def load(self, scores: TaskScores) -> Outcomes | None:
        """The outcomes of a system in all its seeds and languages. Raises StoreError for a damaged file."""
        if id(scores) in self._kept:
            return self._kept[id(scores)]
        found = load_outcomes([scores], scores.seeds, scores.languages)
        # Counts of labels stand in places that depend on the systems loaded together; ratios do not.
        if found is not None and found.value is ratio:
            self._kept[id(scores)] = found
            self._scores.append(scores)
        return found

    def mean_interval(self, scores: TaskScores) -> Interval | None:
        """The interval of a system's mean over seeds and target languages; None where examples are not to be had."""
        if not scores.targets or (found := self._several([scores], scores.seeds, scores.targets)) is None:
            return None
        return interval(found, [1.0])

    def difference(self, first: Mapping[str, TaskScores], second: Mapping[str, TaskScores]) -> Interval | None:
        """The headline interval of first - second over all tasks that both have, as `PairedValues.interval`."""
        values = paired_values(first, second)
        return None if values is None else self.paired(values)

    def by_language(self, first: TaskScores, second: TaskScores) -> tuple[LanguageDifference, ...]:
        """The difference on a task in every language that both have, the source first; none for unlike metrics."""
        seeds, targets = common_block(first, second)
        if not seeds or not comparable(first, second):
            return ()
        source = [first.source] if first.source in first.languages and first.source in second.languages else []
        return tuple(self._in_language(first, second, seeds, language) for language in (*source, *targets))

    def _in_language(
        self, first: TaskScores, second: TaskScores, seeds: tuple[int, ...], language: str
    ) -> LanguageDifference:
        one, other = (scores.columns([language], seeds) for scores in (first, second))  # [seeds, 1]
        found = self._several([first, second], seeds, [language])
        bounded = None
        if found is not None:
            bounded = interval(found, [1.0, -1.0])
        elif len(seeds) > 1:
            bounded = crossed_interval(one - other)
        n = first.cells[seeds[0], language].record.pair(first.task, language).n
        return LanguageDifference(language, n, float(one.mean()), float(other.mean()), bounded)

    def paired(self, values: PairedValues) -> Interval:
        """The interval of a paired difference; from the table alone where examples are not to be had."""
        differences = values.first - values.second
        counts = {name: sum(language == name for _, language in values.cells) for name in values.languages}
        loaded = []
        for pair in values.systems:
            languages = [language for task, language in values.cells if task == pair[0].task]
            found = self._several(pair, values.seeds, languages)
            if found is None:
                return crossed_interval(differences)
            loaded.append((found, {name: 1 / counts[name] for name in languages}))
        return crossed_interval(differences, shared_variance(loaded, [1.0, -1.0], *differences.shape))

    def _several(
        self, systems: Sequence[TaskScores], seeds: Sequence[int], languages: Sequence[str]
    ) -> Outcomes | None:
        """The outcomes of systems side by side: of those kept, where they are of the same examples."""
        kept = [self._kept.get(id(scores)) for scores in systems]
        whole = [one for one in kept if one is not None]
        if len(whole) < len(systems) or not _same_examples(systems, languages):
            return load_outcomes(systems, seeds, languages)
        parts, names = [], []
        for place, own in enumerate(whole[0].languages):
            chosen = [language for language in own if language in languages]
            if chosen:
                sides = []
                for scores, one in zip(systems, whole, strict=True):
                    if not set(chosen) <= set(one.languages[place] if place < len(one.languages) else ()):
                        return load_outcomes(systems, seeds, languages)
                    rows = [scores.seeds.index(seed) for seed in seeds]
                    columns = [one.languages[place].index(language) for language in chosen]
                    sides.append(one.parts[place][:, rows][:, :, columns])
                parts.append(numpy.concatenate(sides))
                names.append(tuple(chosen))
        return Outcomes(tuple(parts), whole[0].value, tuple(names))


def _same_examples(systems: Sequence[TaskScores], languages: Sequence[str]) -> bool:
    """Whether the store says that all seeds of all systems answered the same examples, in the same order."""
    for language in languages:
        contents = {
            cell.record.pair(scores.task, language).examples
            for scores in systems
            for (_, name), cell in scores.cells.items()
            if name == language
        }
        if len(contents) != 1 or "" in contents:
            return len(systems) == 1
    return True


class KnownInterval(PairedValues):
    """Paired values whose interval has been computed."""

    known: Interval | None

    @classmethod
    def of(cls, values: PairedValues, known: Interval | None) -> KnownInterval:
        """The values with this interval."""
        found = cls(values.systems, values.seeds, values.languages, values.first, values.second, values.cells)
        object.__setattr__(found, "known", known)
        return found

    def interval(self) -> Interval | None:
        """The interval."""
        return self.known

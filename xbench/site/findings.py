"""What has to be read from predictions for the site: intervals, ranks, pairs, calibration, answers.

Groups are independent, and are worked on by several processes.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy

from xbench.analysis.intervals import Interval
from xbench.analysis.outcomes import Outcomes
from xbench.analysis.pair_comparison import PairComparison, compare_pair
from xbench.analysis.paired_values import paired_values
from xbench.analysis.results import Results
from xbench.analysis.systems import TaskScores, task_scores
from xbench.analysis.transfer import Chance, chance, gap_interval
from xbench.errors import XbenchError
from xbench.metrics import METRICS
from xbench.site.memory import with_memory
from xbench.site.outcomes import GroupOutcomes, KnownInterval, LanguageDifference
from xbench.site.ranking import Ranking, rank, usual_tasks
from xbench.site.workers import Workers

if TYPE_CHECKING:
    from xbench.diagnosis.answers import Answers
    from xbench.diagnosis.calibration import Calibration

FEW_CELLS = 200  # are not worth a process
CALIBRATED_SEEDS = 3  # calibration is over these; all seeds take part in everything else


@dataclass(frozen=True)
class SystemFindings:
    """One system on one task; a part that could not be computed is None, and `problems` says why."""

    interval: Interval | None = None
    gap: Interval | None = None
    chance: Chance | None = None
    calibration: Calibration | None = None
    answers: Mapping[str, LanguageAnswers] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class LanguageAnswers:
    """A system's answers in one language, in the order of the examples.

    `codes` [examples] are places in `texts` of its first seed's answers, -1 for an answer outside the label set.
    `right` [examples] counts the seeds, of `seeds`, that are right; `values` [examples] is the mean over seeds of a
    metric that knows more than right and wrong, else None. `examples` is the content hash of what was answered, `ids`
    and `gold` are left out where another system of the block has them.
    """

    examples: str
    seeds: int
    texts: tuple[str, ...]
    codes: numpy.ndarray
    right: numpy.ndarray
    values: numpy.ndarray | None = None
    ids: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()


@dataclass(frozen=True)
class GroupRequest:
    """The results of one set of conditions; `kinds` has each task's labels and kind, where they are known.

    The pairs to compare are those with the `baseline`, neighbours in rank, and the ones `asked` for.
    """

    results: Results
    kinds: Mapping[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    baseline: str = ""
    asked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class GroupFindings:
    """`systems` by label and task; `rankings` by task, "" for all together.

    Pairs of labels are compared over all tasks (`whole`), on each (`single`), and on each in every language.
    """

    systems: Mapping[tuple[str, str], SystemFindings]
    rankings: Mapping[str, Ranking]
    whole: Mapping[tuple[str, str], PairComparison]
    single: Mapping[tuple[str, str], Mapping[str, PairComparison]]
    languages: Mapping[tuple[str, str], Mapping[str, tuple[LanguageDifference, ...]]]


def find(requests: Sequence[GroupRequest], workers: Workers) -> list[GroupFindings]:
    """The findings of each group, by several processes where there are several groups."""
    cells = sum(len(request.results) for request in requests)
    return list(workers.begin(group_findings, requests, enough=cells >= FEW_CELLS))


def group_findings(request: GroupRequest) -> GroupFindings:
    """Reads every prediction file of the group once."""
    outcomes = GroupOutcomes()
    systems: dict[str, dict[str, TaskScores]] = {}
    found: dict[tuple[str, str], SystemFindings] = {}
    for task, entries in task_scores(with_memory(request.results)).items():
        seen: set[tuple[str, str]] = set()
        for scores in entries:
            if scores.seeds and scores.languages:
                systems.setdefault(scores.label, {})[task] = scores
                found[scores.label, task] = _of_system(scores, outcomes, request, seen)
    tasks = sorted({task for own in systems.values() for task in own})
    rankings = {
        "": _rank(outcomes, systems, usual_tasks(systems)),
        **{task: _rank(outcomes, systems, [task]) for task in tasks},
    }
    whole: dict[tuple[str, str], PairComparison] = {}
    single: dict[tuple[str, str], dict[str, PairComparison]] = {}
    languages: dict[tuple[str, str], dict[str, tuple[LanguageDifference, ...]]] = {}
    for first, second in pair_labels(rankings[""], tuple(systems), request.baseline, request.asked):
        one, other = systems[first], systems[second]
        common = [task for task in one if task in other]
        if compared := _compared(outcomes, first, second, one, other, common):
            whole[first, second] = compared
        single[first, second] = {
            task: each for task in common if (each := _compared(outcomes, first, second, one, other, [task]))
        }
        languages[first, second] = {task: outcomes.by_language(one[task], other[task]) for task in common}
    return GroupFindings(found, rankings, whole, single, languages)


def _rank(outcomes: GroupOutcomes, systems: Mapping[str, Mapping[str, TaskScores]], tasks: Sequence[str]) -> Ranking:
    def differ(first: str, second: str) -> Interval | None:
        one, other = ({task: systems[label][task] for task in tasks} for label in (first, second))
        return outcomes.difference(one, other)

    return rank(systems, tasks, differ)


def pair_labels(
    ranking: Ranking, labels: Sequence[str], baseline: str, asked: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The pairs asked for, every system with the baseline, neighbours in rank: each once, the better ranked first."""
    order = order_of(ranking, labels)
    pairs = [(first, second) for one, other in asked for first in _named(one, order) for second in _named(other, order)]
    pairs += [(first, second) for first in _named(baseline, order) for second in order]
    pairs += list(itertools.pairwise(order))
    sorted_pairs = (tuple(sorted(pair, key=order.index)) for pair in pairs)
    return list(dict.fromkeys((first, second) for first, second in sorted_pairs if first != second))


def order_of(ranking: Ranking, labels: Sequence[str]) -> list[str]:
    """The ranked systems, then the others."""
    return [*ranking.order, *(label for label in sorted(labels) if label not in ranking.ranks)]


def _named(name: str, labels: Sequence[str]) -> list[str]:
    """The system of a label, or else all variants of the method."""
    return [name] if name in labels else [label for label in labels if label.partition("[")[0] == name]


def _compared(
    outcomes: GroupOutcomes,
    first: str,
    second: str,
    one: Mapping[str, TaskScores],
    other: Mapping[str, TaskScores],
    tasks: Sequence[str],
) -> PairComparison | None:
    values = paired_values({task: one[task] for task in tasks}, {task: other[task] for task in tasks})
    return compare_pair(first, second, KnownInterval.of(values, outcomes.paired(values))) if values else None


def _of_system(
    scores: TaskScores, outcomes: GroupOutcomes, request: GroupRequest, seen: set[tuple[str, str]]
) -> SystemFindings:
    problems: list[str] = []

    def attempt(function: Any, *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except XbenchError as error:
            problems.append(str(error))
            return None

    few = _with_seeds(scores, scores.seeds[:CALIBRATED_SEEDS])
    answers = {
        language: found
        for language in scores.languages
        if (found := attempt(_load, few, language, request.kinds.get(scores.task))) is not None
    }
    loaded = attempt(outcomes.load, scores)  # after the answers, whose files have been read with all columns then
    return SystemFindings(
        interval=attempt(outcomes.mean_interval, scores),
        gap=attempt(gap_interval, scores, loaded),
        chance=attempt(chance, scores),
        calibration=_calibration(answers),
        answers={language: _answers(scores, one, loaded, seen) for language, one in answers.items()},
        problems=tuple(dict.fromkeys(problems)),
    )


def _with_seeds(scores: TaskScores, seeds: tuple[int, ...]) -> TaskScores:
    return replace(scores, seeds=seeds, values=scores.columns(scores.languages, seeds))


def _load(scores: TaskScores, language: str, kind: tuple[tuple[str, ...], str] | None) -> Answers:
    from xbench.diagnosis.answers import load_answers

    labels, name = kind or ((), None)
    return load_answers(scores, language, labels, confidence=True, kind=name)


def _calibration(answers: Mapping[str, Answers]) -> Calibration | None:
    """Over all seeds; None where predictions carry no scores."""
    from xbench.diagnosis.calibration import calibration

    if any(one.scores == "none" for one in answers.values()):
        return None
    found = calibration(answers)
    return None if found.summary.empty else found


def _answers(
    scores: TaskScores, answers: Answers, outcomes: Outcomes | None, seen: set[tuple[str, str]]
) -> LanguageAnswers:
    content = scores.cells[scores.seeds[0], answers.language].record.pair(scores.task, answers.language).examples
    used, codes = numpy.unique(answers.predicted[0], return_inverse=True)
    outside = int(bool(len(used)) and used[0] < 0)
    first = (answers.language, content) not in seen
    seen.add((answers.language, content))
    counts = _counts(scores, answers, outcomes)
    values = None
    if not answers.metric.right_or_wrong and not answers.are_labels:
        values = answers.metric.value(counts.astype(float)).mean(axis=0).astype(numpy.float32)
    right = answers.right if counts is None else answers.metric.right(counts)
    return LanguageAnswers(
        examples=content,
        seeds=len(right),
        texts=tuple(str(answers.labels[code]) for code in used[outside:]),
        codes=(codes - outside).astype(numpy.int32),
        right=right.sum(axis=0).astype(numpy.uint8),
        values=values,
        ids=tuple(map(str, answers.ids)) if first else (),
        gold=tuple(str(answers.labels[code]) for code in answers.gold) if first else (),
    )


def _counts(scores: TaskScores, answers: Answers, outcomes: Outcomes | None) -> Any:
    """The metric's counts of all seeds [seeds, examples, counts]; of few seeds, or None for labels, where not known."""
    if outcomes is not None and METRICS.get(scores.metric) is answers.metric:
        for part, names in zip(outcomes.parts, outcomes.languages, strict=True):
            if answers.language in names:
                return part[0, :, names.index(answers.language)]
    return None if answers.are_labels else answers.counts

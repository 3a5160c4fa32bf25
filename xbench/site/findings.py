"""What has to be read from predictions for the site: intervals, pairs, calibration, answers; one block at a time.

A block is one task under one set of conditions. Blocks are independent, and are worked on by several processes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy

from xbench.analysis.intervals import Interval, mean_interval
from xbench.analysis.results import Results
from xbench.analysis.systems import TaskScores, task_scores
from xbench.analysis.transfer import Chance, chance, gap_interval
from xbench.errors import XbenchError

if TYPE_CHECKING:
    from xbench.diagnosis.answers import Answers
    from xbench.diagnosis.calibration import Calibration

LEAST_BLOCKS_FOR_PROCESSES = 8


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
class BlockRequest:
    """One block to work on; `labels` are the task's, `kind` is its kind, where they are known."""

    letter: str
    task: str
    results: Results
    labels: tuple[str, ...] = ()
    kind: str | None = None


def find(requests: Sequence[BlockRequest], workers: int = 1) -> dict[tuple[str, str], dict[str, SystemFindings]]:
    """(group's letter, task) -> label -> findings."""
    keys = [(request.letter, request.task) for request in requests]
    if workers < 2 or len(requests) < LEAST_BLOCKS_FOR_PROCESSES:
        return dict(zip(keys, map(block_findings, requests), strict=True))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(requests)), mp_context=context) as pool:
        return dict(zip(keys, pool.map(block_findings, requests), strict=True))


def block_findings(request: BlockRequest) -> dict[str, SystemFindings]:
    """The findings of every system of a block, by label."""
    (systems,) = task_scores(request.results).values()
    seen: set[tuple[str, str]] = set()
    return {scores.label: _of_system(scores, request, seen) for scores in systems if scores.seeds and scores.languages}


def _of_system(scores: TaskScores, request: BlockRequest, seen: set[tuple[str, str]]) -> SystemFindings:
    problems: list[str] = []

    def attempt(function: Any, *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except XbenchError as error:
            problems.append(str(error))
            return None

    answers = {
        language: found
        for language in scores.languages
        if (found := attempt(_load, scores, language, request)) is not None
    }
    return SystemFindings(
        interval=attempt(mean_interval, scores),
        gap=attempt(gap_interval, scores),
        chance=attempt(chance, scores),
        calibration=_calibration(answers),
        answers={language: _answers(scores, one, seen) for language, one in answers.items()},
        problems=tuple(dict.fromkeys(problems)),
    )


def _load(scores: TaskScores, language: str, request: BlockRequest) -> Answers:
    from xbench.diagnosis.answers import load_answers

    return load_answers(scores, language, request.labels, confidence=True, kind=request.kind)


def _calibration(answers: Mapping[str, Answers]) -> Calibration | None:
    """Over all seeds; None where predictions carry no scores."""
    from xbench.diagnosis.calibration import calibration

    if any(one.scores == "none" for one in answers.values()):
        return None
    found = calibration(answers)
    return None if found.summary.empty else found


def _answers(scores: TaskScores, answers: Answers, seen: set[tuple[str, str]]) -> LanguageAnswers:
    content = scores.cells[scores.seeds[0], answers.language].record.pair(scores.task, answers.language).examples
    used, codes = numpy.unique(answers.predicted[0], return_inverse=True)
    outside = int(bool(len(used)) and used[0] < 0)
    first = (answers.language, content) not in seen
    seen.add((answers.language, content))
    values = None
    if not answers.metric.right_or_wrong and not answers.are_labels:
        values = answers.metric.value(answers.counts.astype(float)).mean(axis=0).astype(numpy.float32)
    return LanguageAnswers(
        examples=content,
        seeds=len(answers.seeds),
        texts=tuple(str(answers.labels[code]) for code in used[outside:]),
        codes=(codes - outside).astype(numpy.int32),
        right=answers.right.sum(axis=0).astype(numpy.uint8),
        values=values,
        ids=tuple(map(str, answers.ids)) if first else (),
        gold=tuple(str(answers.labels[code]) for code in answers.gold) if first else (),
    )

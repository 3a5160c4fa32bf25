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

    `codes` [examples] are places in `texts`, the distinct answers of its first seed, -1 for none; `scores` [examples]
    the share of seeds that are right, or the mean of the task's metric where it is no share of right answers; None
    where examples cannot be scored one by one. `examples` is the content hash of what was answered.
    """

    examples: str
    texts: tuple[str, ...]
    codes: numpy.ndarray
    scores: numpy.ndarray | None
    ids: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()


@dataclass(frozen=True)
class BlockRequest:
    """One block to work on, and whether its examples are to be kept for the examples pages."""

    letter: str
    task: str
    results: Results
    labels: tuple[str, ...] = ()


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
    return {scores.label: _of_system(scores) for scores in systems if scores.seeds and scores.languages}


def _of_system(scores: TaskScores) -> SystemFindings:
    problems: list[str] = []

    def attempt(function: Any, *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except XbenchError as error:
            problems.append(str(error))
            return None

    return SystemFindings(
        interval=attempt(mean_interval, scores),
        gap=attempt(gap_interval, scores),
        chance=attempt(chance, scores),
        calibration=attempt(_calibration, scores),
        answers={
            language: found
            for language in scores.languages
            if (found := attempt(_answers, scores, language)) is not None
        },
        problems=tuple(dict.fromkeys(problems)),
    )


def _calibration(scores: TaskScores) -> Calibration | None:
    """Over all seeds; None where predictions carry no scores."""
    from xbench.diagnosis.answers import load_answers
    from xbench.diagnosis.calibration import calibration

    first = scores.cells[scores.seeds[0], scores.languages[0]]
    if not _has_scores(first.store.predictions_path(first.record.id, scores.task, scores.languages[0])):
        return None
    answers = {language: load_answers(scores, language, confidence=True) for language in scores.languages}
    found = calibration(answers)
    return None if found.summary.empty else found


def _has_scores(path: Any) -> bool:
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            return any(name.startswith("score_") for name in file.schema_arrow.names)
    except (OSError, ValueError):
        return False


def _answers(scores: TaskScores, language: str) -> LanguageAnswers:
    cell = scores.cells[scores.seeds[0], language]
    columns = ("index", "id", "gold", "prediction")
    frame = cell.store.predictions(cell.record, scores.task, language, columns=columns).sort_values("index")
    answers = frame["prediction"].astype(object)
    codes, texts = answers.factorize()
    return LanguageAnswers(
        examples=cell.record.pair(scores.task, language).examples,
        texts=tuple(map(str, texts)),
        codes=codes.astype(numpy.int32),
        scores=_example_scores(scores, language),
        ids=tuple(map(str, frame["id"])),
        gold=tuple(map(str, frame["gold"])),
    )


def _example_scores(scores: TaskScores, language: str) -> numpy.ndarray | None:
    """The mean over seeds of each example's value in the task's metric [examples]; None where there is none."""
    from xbench.analysis.outcomes import load_outcomes

    outcomes = load_outcomes([scores], scores.seeds, [language])
    if outcomes is None:
        return None
    (part,) = outcomes.parts  # [1, seeds, 1, examples, counts]
    return outcomes.value(part[0, :, 0].astype(float)).mean(axis=0).astype(numpy.float32)

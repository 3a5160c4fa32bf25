"""The answers of a system in one language, as numbers: what every part of the diagnosis reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy

from xbench.analysis.results import StoredCell
from xbench.analysis.systems import TaskScores
from xbench.answers import gold_answers, text_list
from xbench.diagnosis.scores import ScoreKind, chosen_probability, score_kind
from xbench.errors import DataError, StoreError
from xbench.metrics import METRICS, Metric, Predictions, accuracy
from xbench.store import PREDICTION_COLUMNS

INVALID = -1  # the code of an answer outside the label set


@dataclass(frozen=True)
class Answers:
    """A system's answers to the examples of one language, in the examples' order.

    `gold` [examples] and `predicted` [seeds, examples] are places in `labels`, -1 for an answer outside of them; where
    answers are no labels, these are all the texts that occur. `confidence` [seeds, examples] is the probability given
    to the answer, NaN where no scores were stored, None where it was not asked for; `scores` says what the stored
    scores are. `metric` is what the answers are judged by.
    """

    language: str
    seeds: tuple[int, ...]
    labels: tuple[str, ...]
    ids: numpy.ndarray
    gold: numpy.ndarray
    predicted: numpy.ndarray
    confidence: numpy.ndarray | None = None
    scores: ScoreKind = "none"
    metric: Metric = accuracy

    @cached_property
    def counts(self) -> numpy.ndarray:
        """The metric's counts [seeds, examples, counts]."""
        texts = numpy.array([*self.labels, None], dtype=object)
        gold = texts[self.gold].tolist()
        seeds = (Predictions(gold, texts[answers].tolist(), self.labels, self.language) for answers in self.predicted)
        return numpy.stack([self.metric.counts(one) for one in seeds])

    @property
    def are_labels(self) -> bool:
        """Whether an answer is one of a few labels."""
        return self.metric.kinds == accuracy.kinds

    @property
    def values(self) -> numpy.ndarray:
        """Each answer's own value [seeds, examples], whose mean the metric is where it is one."""
        return self.metric.value(self.counts)

    def shown(self, place: int) -> str:
        """An answer, by its place in `labels`, as people read it."""
        if place < 0:
            return "(none)"
        return readable(self.labels[place], self.metric.kinds[0])

    @cached_property
    def right(self) -> numpy.ndarray:
        """Whether each answer is as good as it can be [seeds, examples]: the gold label, every tag, a gold answer."""
        return self.predicted == self.gold if self.are_labels else self.metric.right(self.counts)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, places: numpy.ndarray) -> Answers:
        """The answers to some examples."""
        confidence = None if self.confidence is None else self.confidence[:, places]
        return replace(
            self,
            ids=self.ids[places],
            gold=self.gold[places],
            predicted=self.predicted[:, places],
            confidence=confidence,
        )


def readable(text: str, kind: str) -> str:
    """A field, a gold answer or a prediction without the marks of JSON: tokens and tags in a row, answers apart."""
    try:
        if kind == "tagging":
            return " ".join(text_list(text))
        if kind == "extractive-qa" and text.startswith("{"):
            return " / ".join(gold_answers(text).texts) or "(no answer)"
    except (ValueError, KeyError, TypeError):
        pass  # a prediction that looks like JSON and is not
    return text


def judged_by(headline: str, kind: str | None = None) -> Metric:
    """The metric that answers are judged by: the headline one, or the kind's first where that is one of the hub."""
    of_kind = (metric for metric in METRICS.values() if kind in metric.kinds)
    return METRICS.get(headline) or next(of_kind, accuracy)


def load_answers(
    system: TaskScores,
    language: str,
    labels: Sequence[str] = (),
    *,
    confidence: bool = False,
    kind: str | None = None,
    cells: Mapping[int, StoredCell] | None = None,
) -> Answers:
    """The answers of all seeds of a system in a language; labels that are not given follow the given ones, sorted.

    `kind` is the task's, which the system's headline metric tells where it is not given. `cells` by seed are others
    than the system's first in this language, where it has several models.

    Raises:
        StoreError: a prediction file is missing or damaged.
        DataError: seeds were scored on different examples.
    """
    chosen = cells or {seed: system.cells[seed, language] for seed in system.seeds}
    tables = [_table(chosen[seed], system.task, language, confidence) for seed in system.seeds]
    first = tables[0]
    for seed, table in zip(system.seeds, tables, strict=True):
        if not all(numpy.array_equal(table[name], first[name]) for name in ("id", "gold")):
            raise DataError(
                f"{system.label}, {system.task} in {language}: seed {seed} was scored on other examples than seed "
                f"{system.seeds[0]}; choose one with --seed."
            )
    metric = judged_by(system.metric, kind)
    known = _labels(tables, labels if metric.kinds == accuracy.kinds else ())
    places = {text: place for place, text in enumerate(known)}
    predicted = numpy.array([[places.get(text, INVALID) for text in table["prediction"]] for table in tables])
    kinds: set[ScoreKind] = {score_kind(table) for table in tables} if confidence else {"none"}
    scores: ScoreKind = next(iter(kinds)) if len(kinds) == 1 else "mixed"
    return Answers(
        language=language,
        seeds=system.seeds,
        labels=known,
        ids=first["id"],
        gold=numpy.array([places[text] for text in first["gold"]], dtype=numpy.int32),
        predicted=predicted.astype(numpy.int32),
        confidence=numpy.stack([chosen_probability(table) for table in tables]) if confidence else None,
        scores=scores,
        metric=metric,
    )


def paired(first: Answers, second: Answers) -> tuple[Answers, Answers, int]:
    """Both systems' answers to the examples that both have, in the first one's order, and how many were left out.

    Both then have the same labels. Raises DataError where an example has two different gold answers.
    """
    import pandas

    left_out = 0
    if not (len(first) == len(second) and numpy.array_equal(first.ids, second.ids)):
        places = pandas.Index(second.ids).get_indexer(pandas.Index(first.ids))
        kept = numpy.flatnonzero(places >= 0)
        left_out = len(first) + len(second) - 2 * len(kept)
        first, second = first.take(kept), second.take(places[kept])
    labels = tuple(dict.fromkeys((*first.labels, *second.labels)))
    first, second = (_with_labels(one, labels) for one in (first, second))
    differing = first.gold != second.gold
    if differing.any():
        place = int(numpy.flatnonzero(differing)[0])
        golds = first.labels[first.gold[place]], second.labels[second.gold[place]]
        raise DataError(
            f"the example '{first.ids[place]}' in {first.language} has the gold answer '{golds[0]}' in one system's "
            f"predictions and '{golds[1]}' in the other's: not the same data."
        )
    return first, second, left_out


def _with_labels(answers: Answers, labels: tuple[str, ...]) -> Answers:
    """The answers as places in other labels, which hold those that they have."""
    import pandas

    if answers.labels == labels:
        return answers
    places = pandas.Index(labels, dtype=object).get_indexer(pandas.Index(answers.labels, dtype=object))
    places = numpy.append(places, INVALID)
    return replace(answers, labels=labels, gold=places[answers.gold], predicted=places[answers.predicted])


def _table(cell: StoredCell, task: str, language: str, confidence: bool) -> Mapping[str, numpy.ndarray]:
    columns = None if confidence else PREDICTION_COLUMNS
    table = cell.store.prediction_columns(cell.record, task, language, columns=columns)
    if len(table["id"]) == 0:
        raise StoreError(f"{cell.store.predictions_path(cell.record.id, task, language)}: holds no predictions")
    return table


def _labels(tables: Sequence[Mapping[str, numpy.ndarray]], labels: Sequence[str]) -> tuple[str, ...]:
    seen: set[str | None] = set(tables[0]["gold"])
    for table in tables:
        seen |= {*table["prediction"], *(name.removeprefix("score_") for name in table if name.startswith("score_"))}
    return (*labels, *sorted(text for text in seen if text is not None and text not in set(labels)))

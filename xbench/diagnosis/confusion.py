"""Which label, or tag of a token, is taken for which: counts of gold labels against answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy

from xbench.answers import text_list
from xbench.diagnosis.answers import INVALID, Answers
from xbench.metrics import accuracy
from xbench.metrics.tagging import read_tags

if TYPE_CHECKING:
    import pandas

OUTSIDE = "(none)"  # an answer outside the label set
MOST_LABELS = 50  # of more there is no table that anyone could read


def confusion(answers: Mapping[str, Answers]) -> pandas.DataFrame:
    """One row for each language, gold label and answer: `count` over all seeds, `share` of the gold label's answers.

    Columns language, gold, prediction, count, share; every pair of labels has a row, also where the count is 0, and
    answers outside the label set have the prediction "(none)". No rows where there are more than 50 labels, and where
    answers are neither labels nor tags.
    """
    import pandas

    frames = []
    for language, whole in answers.items():
        one = labelled(whole)
        if one is None or len(one.labels) > MOST_LABELS:
            continue
        names = [*one.labels, OUTSIDE]
        size = len(names)
        given = numpy.where(one.predicted < 0, size - 1, one.predicted)
        cells = numpy.bincount((one.gold * size + given).ravel(), minlength=size * size)[: size * size]
        table = cells.reshape(size, size)[:-1]  # [gold, predicted]
        total = table.sum(axis=1, keepdims=True)
        share = numpy.divide(table, total, out=numpy.full(table.shape, numpy.nan), where=total > 0)
        frames.append(
            pandas.DataFrame(
                {
                    "language": language,
                    "gold": numpy.repeat(names[:-1], size),
                    "prediction": numpy.tile(names, size - 1),
                    "count": table.ravel(),
                    "share": share.ravel(),
                }
            )
        )
    columns = ["language", "gold", "prediction", "count", "share"]
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=columns)


def labelled(answers: Answers) -> Answers | None:
    """Answers as labels: themselves, or their tags token by token; None where they are neither."""
    return answers if answers.are_labels else token_answers(answers)


def token_answers(answers: Answers) -> Answers | None:
    """The tags as labels, token by token; None where answers are no tags. Of an answer that is no list all are -1."""
    if "tagging" not in answers.metric.kinds:
        return None
    gold = [text_list(answers.labels[place]) for place in answers.gold]
    sizes = [len(tags) for tags in gold]
    found: list[list[Sequence[str | None]]] = []
    for seed in answers.predicted:
        texts = (answers.labels[place] if place >= 0 else None for place in seed)
        found.append([read_tags(text, size) or [None] * size for text, size in zip(texts, sizes, strict=True)])
    every = {tag for tags in (*gold, *(tags for seed in found for tags in seed)) for tag in tags}
    labels = sorted(tag for tag in every if tag is not None)
    places: dict[str | None, int] = {tag: place for place, tag in enumerate(labels)}
    return replace(
        answers,
        labels=tuple(labels),
        ids=numpy.repeat(answers.ids, sizes),
        gold=numpy.array([places[tag] for tags in gold for tag in tags]),
        predicted=numpy.array([[places.get(tag, INVALID) for tags in seed for tag in tags] for seed in found]),
        confidence=None,
        metric=accuracy,
    )

"""Which label is taken for which: counts of gold labels against answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy

from xbench.diagnosis.answers import Answers

if TYPE_CHECKING:
    import pandas

OUTSIDE = "(none)"  # an answer outside the label set
MOST_LABELS = 50  # of more there is no table that anyone could read


def confusion(answers: Mapping[str, Answers]) -> pandas.DataFrame:
    """One row for each language, gold label and answer: `count` over all seeds, `share` of the gold label's answers.

    Columns language, gold, prediction, count, share; every pair of labels has a row, also where the count is 0, and
    answers outside the label set have the prediction "(none)". No rows where there are more than 50 labels.
    """
    import pandas

    frames = []
    for language, one in answers.items():
        names = [*one.labels, OUTSIDE]
        if len(one.labels) > MOST_LABELS:
            continue
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

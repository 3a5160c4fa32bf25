"""The wrong answers that a system was most sure of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy

from xbench.diagnosis.answers import Answers
from xbench.diagnosis.confusion import OUTSIDE

if TYPE_CHECKING:
    import pandas

MOST_ERRORS = 20
COLUMNS = ("language", "id", "gold", "prediction", "confidence", "seed", "wrong_seeds")


def confident_errors(answers: Mapping[str, Answers], most: int = MOST_ERRORS) -> pandas.DataFrame:
    """The wrong answers with the highest confidence over all languages, each example once, with its surest seed.

    Columns language, id, gold, prediction, confidence in [0, 1], seed, wrong_seeds (how many seeds are wrong on it).
    No rows where no confidences are stored.
    """
    import pandas

    rows = []
    for language, one in answers.items():
        if one.confidence is None:
            continue
        sure = numpy.where(one.right | numpy.isnan(one.confidence), -1, one.confidence)  # [seeds, examples]
        surest, seed = sure.max(axis=0), sure.argmax(axis=0)
        kept = numpy.argsort(-surest, kind="stable")[:most]
        for place in kept[surest[kept] >= 0]:
            answer = one.predicted[seed[place], place]
            rows.append(
                {
                    "language": language,
                    "id": one.ids[place],
                    "gold": one.labels[one.gold[place]],
                    "prediction": one.labels[answer] if answer >= 0 else OUTSIDE,
                    "confidence": float(surest[place]),
                    "seed": one.seeds[seed[place]],
                    "wrong_seeds": int((~one.right[:, place]).sum()),
                }
            )
    frame = pandas.DataFrame(rows, columns=list(COLUMNS))
    order = frame.sort_values("confidence", ascending=False, kind="stable", ignore_index=True)
    return order.head(most)

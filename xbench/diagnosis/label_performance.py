"""One system's share right per label, or per tag of a token, with its interval and precision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy

from xbench.diagnosis.answers import Answers
from xbench.diagnosis.confusion import labelled
from xbench.diagnosis.contributions import contributions
from xbench.diagnosis.performance import LEAST_EXAMPLES, share_right
from xbench.diagnosis.resampling import graded_interval
from xbench.metrics import ratio

if TYPE_CHECKING:
    import pandas

LABEL_COLUMNS = ("language", "label", "n", "value", "low", "high", "precision", "too_small")


def label_performance(answers: Mapping[str, Answers]) -> pandas.DataFrame:
    """Per language and gold label: n, the share answered right (recall) with its interval, and precision.

    Of tags it is over tokens: n tokens have the gold tag, and the interval draws the sentences that they stand in.
    Precision is NaN where no answer has the label; pooled over seeds. No rows where answers are neither.
    """
    import pandas

    rows: list[dict[str, Any]] = []
    for language, whole in answers.items():
        one = labelled(whole)
        for code, label in enumerate(one.labels if one else ()):
            assert one is not None
            places = numpy.flatnonzero(one.gold == code)
            right = one.right[:, places]
            given = int((one.predicted == code).sum())
            if not len(places) and not given:
                continue
            row = {"language": language, "label": label, "n": len(places), "too_small": len(places) < LEAST_EXAMPLES}
            row |= dict.fromkeys(("value", "low", "high"), numpy.nan)
            if len(places):
                row |= share_right(right) if one is whole else _of_tokens(right, one.ids[places])
            rows.append(row | {"precision": right.sum() / given if given else numpy.nan})
    return pandas.DataFrame(rows, columns=list(LABEL_COLUMNS))


def _of_tokens(right: numpy.ndarray, ids: numpy.ndarray) -> dict[str, Any]:
    """The share of right tokens [seeds, tokens]; tokens of one sentence are drawn together."""
    _, sentence = numpy.unique(ids.astype(str), return_inverse=True)
    tokens = numpy.bincount(sentence).astype(float)
    hits = numpy.stack([numpy.bincount(sentence, weights=one) for one in right])
    value = float(right.mean())
    if len(tokens) < LEAST_EXAMPLES:
        return {"value": value, "low": numpy.nan, "high": numpy.nan, "too_small": True}
    counts = numpy.stack([hits, numpy.broadcast_to(tokens, hits.shape)], axis=-1)  # [seeds, sentences, 2]
    low, high = graded_interval(contributions(counts, ratio))
    return {"value": value, "low": min(low, value), "high": max(high, value)}

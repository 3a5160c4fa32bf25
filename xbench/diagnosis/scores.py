"""Probabilities of answers from the `score_*` columns of a prediction table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy

Table = Mapping[str, numpy.ndarray]
ScoreKind = Literal["probabilities", "log-scores", "none", "mixed"]
"""What stored scores are: probabilities that add up to one; anything else, read as log-scores; or nothing."""

TOLERANCE = 1e-3  # scores rounded to four digits still add up to one


def score_kind(table: Table) -> ScoreKind:
    """Probabilities where no score is negative and every row adds up to one; "none" where no row has all scores."""
    return _kind(_scores(table))


def _kind(scores: numpy.ndarray) -> ScoreKind:
    whole = scores[~numpy.isnan(scores).any(axis=1)]
    if scores.shape[1] == 0 or len(whole) == 0:
        return "none"
    is_share = bool((whole >= 0).all()) and bool((numpy.abs(whole.sum(axis=1) - 1) <= TOLERANCE).all())
    return "probabilities" if is_share else "log-scores"


def chosen_probability(table: Table) -> numpy.ndarray:
    """The probability of each row's prediction [rows], in [0, 1]; log-scores go through a softmax.

    NaN where the row has no scores, or its prediction is outside the label set.
    """
    scores = _scores(table)
    kind = _kind(scores)
    if kind == "none":
        return numpy.full(len(table["prediction"]), numpy.nan, dtype=numpy.float32)
    if kind == "log-scores":
        exponents = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        scores = exponents / exponents.sum(axis=1, keepdims=True)
    columns = {name.removeprefix("score_"): place for place, name in enumerate(_names(table))}
    places = numpy.array([columns.get(answer, -1) for answer in table["prediction"]])
    chosen = scores[numpy.arange(len(scores)), places]
    return numpy.where(places >= 0, chosen, numpy.nan).astype(numpy.float32)


def _names(table: Table) -> list[str]:
    return [name for name in table if name.startswith("score_")]


def _scores(table: Table) -> numpy.ndarray:
    columns = [numpy.asarray(table[name], dtype=float) for name in _names(table)]
    return numpy.stack(columns, axis=1) if columns else numpy.empty((len(table["prediction"]), 0))

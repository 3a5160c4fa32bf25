"""Metrics of labels, and of other answers that are one of a few texts."""

from __future__ import annotations

import numpy

from xbench.metrics.metric import Metric, Predictions

KINDS = ("classification", "multiple-choice")


def right(given: Predictions) -> numpy.ndarray:
    """Whether each prediction is the gold answer [examples]."""
    return _texts(given.gold) == _texts(given.prediction)


def occurrences(given: Predictions) -> numpy.ndarray:
    """For each label whether it is the gold one, the predicted one, and both [examples, 3 * labels].

    The labels given come first, then what else occurs, sorted.
    """
    others = {*given.gold, *(label for label in given.prediction if label is not None)} - set(given.labels)
    names = _texts((*given.labels, *sorted(others)))
    in_gold, predicted = (_texts(texts)[:, None] == names for texts in (given.gold, given.prediction))
    return numpy.concatenate([in_gold, predicted, in_gold & predicted], axis=1)


def macro_value(sums: numpy.ndarray) -> numpy.ndarray:
    """Sums of occurrences [..., 3 * labels] -> the mean over labels that occur of 2 both / (gold + predicted)."""
    in_gold, predicted, both = numpy.split(sums.astype(float), 3, axis=-1)  # each [..., labels]
    occurs = in_gold + predicted
    f1 = numpy.divide(2 * both, occurs, out=numpy.zeros_like(occurs), where=occurs > 0)
    return f1.sum(axis=-1) / numpy.maximum((occurs > 0).sum(axis=-1), 1)


def hit(counts: numpy.ndarray) -> numpy.ndarray:
    """Occurrences [..., 3 * labels] -> whether the gold label is the predicted one [...]."""
    return numpy.split(counts, 3, axis=-1)[2].sum(axis=-1) > 0


def _texts(texts: object) -> numpy.ndarray:
    return numpy.array(texts, dtype=object)


accuracy = Metric.mean(
    "accuracy",
    KINDS,
    "The share of predictions that are the gold label.",
    right,
    right_or_wrong=True,
)

macro_f1 = Metric(
    "macro_f1",
    KINDS,
    "F1 of each label that occurs in the gold or the predictions, averaged without weights "
    '(scikit-learn\'s f1_score(average="macro")).',
    occurrences,
    value=macro_value,
    right=hit,
)

"""Metrics of classification. A prediction of None, an answer outside the label set, is wrong for every label."""

from __future__ import annotations

from collections.abc import Sequence


def accuracy(gold: Sequence[str], prediction: Sequence[str | None]) -> float:
    """The share of examples whose prediction is the gold label, in [0, 1]."""
    return sum(a == b for a, b in zip(gold, prediction, strict=True)) / len(gold)


def macro_f1(gold: Sequence[str], prediction: Sequence[str | None]) -> float:
    """The mean over labels of F1 = 2 hits / (gold + predicted), in [0, 1].

    Over the labels that occur in the gold or the predictions, as scikit-learn's `f1_score(average="macro")` has it.
    """
    labels = {*gold, *(label for label in prediction if label is not None)}
    pairs = list(zip(gold, prediction, strict=True))
    return sum(_f1(pairs, label) for label in sorted(labels)) / len(labels)


def _f1(pairs: Sequence[tuple[str, str | None]], label: str) -> float:
    hits = sum(a == b == label for a, b in pairs)
    occurrences = sum((a == label) + (b == label) for a, b in pairs)
    return 2 * hits / occurrences

"""What each example contributes to a metric of many, and to the difference of two systems.

A metric is a function of sums over examples (`xbench.metrics.Metric`), and near those sums it is as good as linear: an
example contributes by how fast the metric moves as its weight among the examples grows. For a mean over examples that
is the example's own value; for a ratio of sums, as F1 of entities, the first-order term of its bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy

Value = Callable[[numpy.ndarray], numpy.ndarray]

STEP = 1e-6


def contributions(counts: numpy.ndarray, value: Value) -> numpy.ndarray:
    """Numbers [examples] whose mean is the metric of counts [seeds, examples, counts], averaged over seeds."""
    sums = counts.sum(axis=1, keepdims=True, dtype=float)  # [seeds, 1, counts]
    base = value(sums)
    moved = value(sums + STEP * (counts.shape[1] * counts - sums)) - base  # [seeds, examples]
    return (base + moved / STEP).mean(axis=0)


def exchanges(first: numpy.ndarray, second: numpy.ndarray, value: Value) -> numpy.ndarray:
    """Numbers [examples] whose mean is the difference first - second, of counts [seeds, examples, counts].

    To first order around the middle of the two systems. That stays where it is when the systems exchange their answers
    to an example, which only turns the sign of its number: a test may flip signs, whatever the metric.
    """
    ours, theirs = first.mean(axis=0, dtype=float), second.mean(axis=0, dtype=float)  # [examples, counts]
    middle = (ours + theirs).sum(axis=0) / 2
    move = STEP * len(ours) * (ours - theirs)
    return (value(middle + move) - value(middle - move)) / (2 * STEP)

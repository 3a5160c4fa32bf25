"""Tests over the examples of one task and language: McNemar's, paired bootstrap, and paired permutation.

They say whether two trained models differ on such examples; nothing about other seeds or languages. Several seeds'
models are tested together: an example is drawn, or swapped, with its outcomes in all seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy

from xbench.analysis.intervals import paired_interval
from xbench.analysis.outcomes import Outcomes, Value, drawn_counts
from xbench.analysis.significance.p_value import Numbers, PValue, least_of_signs
from xbench.analysis.significance.percentiles import percentile_interval
from xbench.metrics import as_mean

DRAWS = 10_000
SLACK = 1e-9  # sums of floats that are equal on paper
MOST_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class ExampleTests:
    """first - second in a metric over n examples (a fraction), with its interval over examples and the tests.

    The interval is adjusted Wald's where examples are right or wrong (`paired_interval`), else by expanded percentiles
    of the bootstrap (`percentile_interval`). `mcnemar` has one p for each seed, of that seed's two models; empty where
    examples are not right or wrong.
    """

    difference: float
    low: float
    high: float
    n: int
    seeds: int
    permutation: PValue
    bootstrap: PValue
    mcnemar: tuple[PValue, ...]


def values_as_outcomes(first: Numbers, second: Numbers) -> Outcomes:
    """Outcomes for a metric that is a mean over examples, such as F1 or EM of answers: its value for each example.

    `first` and `second` are [examples], or [seeds, examples].
    """
    both = numpy.stack([numpy.atleast_2d(numpy.asarray(one, dtype=float)) for one in (first, second)])
    return Outcomes((as_mean(both[:, :, None]),))


def example_tests(
    outcomes: Outcomes, *, mcnemars: bool, draws: int = DRAWS, level: float = 0.95, seed: int = 0
) -> ExampleTests:
    """The tests of two systems on the examples of one language; `mcnemars`: these are right or wrong.

    Raises ValueError for outcomes of several languages, or not of two systems.
    """
    (part,) = outcomes.parts
    if part.shape[0] != 2 or part.shape[2] != 1:
        raise ValueError(f"two systems and one language were expected, not {part.shape[0]} and {part.shape[2]}")
    generator = numpy.random.default_rng(seed)
    sums = numpy.moveaxis(part[:, :, 0], 2, 0).astype(float)  # [examples, systems, seeds, counts]
    n, seeds = sums.shape[0], sums.shape[2]
    patterns, sizes = numpy.unique(sums.reshape(n, -1), axis=0, return_counts=True)
    patterns = patterns.reshape(-1, *sums.shape[1:])
    observed = float(_difference(sums.sum(axis=0)[None], outcomes.value)[0])
    swapped = _swapped(patterns, sizes, outcomes.value, draws, generator)
    drawn = _drawn(patterns, sizes, outcomes.value, draws, generator)
    differing = int(sizes[(patterns[:, 0] != patterns[:, 1]).any(axis=(1, 2))].sum())
    if mcnemars:
        low, high = paired_interval((sums[:, 0, :, 0] - sums[:, 1, :, 0]).mean(axis=1), level)
    else:
        low, high = percentile_interval(drawn, n, level)
    return ExampleTests(
        difference=observed,
        low=min(low, observed),
        high=max(high, observed),
        n=n,
        seeds=seeds,
        permutation=PValue(
            "paired permutation test", _share_as_far(swapped, observed), n, "examples", least_of_signs(differing)
        ),
        bootstrap=PValue("paired bootstrap test", _share_as_far(drawn - observed, observed), n, "examples"),
        mcnemar=tuple(mcnemar(sums[:, 0, i, 0], sums[:, 1, i, 0]) for i in range(seeds)) if mcnemars else (),
    )


def mcnemar(first: Numbers, second: Numbers) -> PValue:
    """McNemar's exact test of two models' right and wrong answers (statsmodels); n: examples that only one answers."""
    from statsmodels.stats.contingency_tables import mcnemar as exact

    one, other = numpy.asarray(first, dtype=bool), numpy.asarray(second, dtype=bool)
    table = [[int((a & b).sum()) for b in (other, ~other)] for a in (one, ~one)]
    n = table[0][1] + table[1][0]
    p = float(exact(table, exact=True).pvalue) if n else 1.0
    return PValue("McNemar's exact test", min(1.0, p), n, "examples that one has right", least_of_signs(n))


def _difference(sums: numpy.ndarray, value: Value) -> numpy.ndarray:
    """Sums [draws, systems, seeds, counts] -> first - second, averaged over seeds [draws]."""
    metric = value(sums)  # [draws, systems, seeds]
    return (metric[:, 0] - metric[:, 1]).mean(axis=1)


def _swapped(
    patterns: numpy.ndarray, sizes: numpy.ndarray, value: Value, draws: int, generator: numpy.random.Generator
) -> numpy.ndarray:
    """The differences where each example's two systems were swapped with chance a half [draws]."""
    total = numpy.tensordot(sizes, patterns, axes=1)  # [systems, seeds, counts]
    change = (patterns[:, ::-1] - patterns).reshape(len(sizes), -1)
    found = []
    for count in _at_once(draws, len(sizes)):
        times = generator.binomial(sizes, 0.5, size=(count, len(sizes)))
        sums = total + (times @ change).reshape(count, *total.shape)
        found.append(_difference(sums, value))
    return numpy.concatenate(found)


def _drawn(
    patterns: numpy.ndarray, sizes: numpy.ndarray, value: Value, draws: int, generator: numpy.random.Generator
) -> numpy.ndarray:
    """The differences of drawn examples [draws]."""
    flat = patterns.reshape(len(sizes), -1)
    found = []
    for count in _at_once(draws, len(sizes)):
        sums = (drawn_counts(sizes, count, generator) @ flat).reshape(count, *patterns.shape[1:])
        found.append(_difference(sums, value))
    return numpy.concatenate(found)


def _at_once(draws: int, patterns: int) -> Iterator[int]:
    step = max(1, MOST_AT_ONCE // patterns)
    while draws > 0:
        yield min(step, draws)
        draws -= step


def _share_as_far(null: numpy.ndarray, observed: float) -> float:
    # The observed sample counts as one draw, so that p is never zero and the test never rejects too often.
    return float((1 + (numpy.abs(null) >= abs(observed) - SLACK).sum()) / (1 + len(null)))

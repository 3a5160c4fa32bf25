"""Intervals and tests over the examples of a bucket, from how many examples have which outcome.

An outcome is the number of seeds that are right (of one system), or a difference of such numbers (of two): whole
numbers, so that the bootstrap distribution of their sum is computed, and nothing is drawn. Where answers are better or
worse (F1, ROUGE) an outcome is what an example contributes (`xbench.diagnosis.contributions`): near contributions are
taken together, and a draw of n examples is one multinomial draw of their counts.

Everything here is conditional on the runs at hand: examples are drawn anew, seeds and training are not.
"""

from __future__ import annotations

import math

import numpy

from xbench.analysis.significance.percentiles import expanded_tail, percentile_interval

DRAWS = 2000  # of contributions
LEVEL = 0.95
GROUPS = 64  # of near contributions
STEPS = 20  # from no difference to the largest of an example, in the sign-flip test
MOST_FOR_EXACT = 1000  # examples that differ; beyond, the normal approximation


def share_interval(counts: numpy.ndarray, *, level: float = LEVEL) -> tuple[float, float]:
    """The bootstrap interval of a share; counts [k + 1] is how many examples 0, 1, ..., k seeds are right on.

    Two right and two wrong examples are added before drawing (after Agresti and Coull 1998): without them the interval
    of a bucket that is all right is one point, and coverage near 1 is far too low.
    """
    seeds = len(counts) - 1
    padded = counts.astype(float)
    padded[[0, -1]] += 2
    low, high = _sum_percentiles(padded, level)
    return low / seeds, high / seeds


def difference_interval(counts: numpy.ndarray, *, level: float = LEVEL) -> tuple[float, float]:
    """The bootstrap interval of a paired difference; counts [2 k + 1] is of examples whose difference is -k/k ... k/k.

    One example is added on either end before drawing (after Bonett and Price 2012).
    """
    most = len(counts) // 2
    padded = counts.astype(float)
    padded[[0, -1]] += 1
    low, high = _sum_percentiles(padded, level)
    return low / most - 1, high / most - 1


def graded_interval(contributions: numpy.ndarray, *, draws: int = DRAWS, level: float = LEVEL) -> tuple[float, float]:
    """As `share_interval`, of a value in [0, 1] to which every example contributes [examples].

    Half an example is added on either end: contributions differ less than right and wrong do, and two examples more
    would move and widen the interval. (docs/diagnosis.md has the coverage measured.)
    """
    low, high = _percentiles(*_grouped(contributions, (0.0, 1.0), 0.5), draws, level)
    return max(low, 0.0), min(high, 1.0)


def graded_difference_interval(
    contributions: numpy.ndarray, *, draws: int = DRAWS, level: float = LEVEL
) -> tuple[float, float]:
    """As `difference_interval`, of a difference in [-1, 1] to which every example contributes [examples].

    A quarter of an example is added on either end.
    """
    low, high = _percentiles(*_grouped(contributions, (-1.0, 1.0), 0.25), draws, level)
    return max(low, -1.0), min(high, 1.0)


def _grouped(
    contributions: numpy.ndarray, ends: tuple[float, float], weight: float
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """How many examples are in each group of near contributions, and the mean of each; the ends have a weight."""
    low, high = float(contributions.min()), float(contributions.max())
    place = ((contributions - low) / ((high - low) or 1) * (GROUPS - 1)).round().astype(int)
    sizes, totals = numpy.bincount(place), numpy.bincount(place, weights=contributions)
    kept = sizes > 0
    return (
        numpy.concatenate([sizes[kept].astype(float), numpy.full(2, weight)]),
        numpy.concatenate([totals[kept] / sizes[kept], ends]),
    )


def steps(differences: numpy.ndarray) -> numpy.ndarray:
    """Counts for `sign_flip_p` of differences of any size, rounded to 20 steps from 0 to the largest.

    The test stays exact: it is that of the sum of rounded differences, whose signs are as free as those of the others.
    """
    largest = float(numpy.abs(differences).max(initial=0))
    places = numpy.rint(differences / (largest or 1) * STEPS).astype(int) + STEPS
    return numpy.bincount(places, minlength=2 * STEPS + 1)


def _sum_percentiles(counts: numpy.ndarray, level: float) -> tuple[float, float]:
    """The expanded bootstrap percentiles of the mean of outcomes 0, 1, ..., of which there are so many (whole in all).

    The distribution of a sum of n draws is the n-th power of the outcomes' discrete Fourier transform. Its length
    covers sixteen standard deviations of the sum, outside of which next to nothing lies, however many examples.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    n = round(counts.sum())
    shares, outcomes = counts / counts.sum(), numpy.arange(len(counts))
    mean = float(outcomes @ shares)
    spread = math.sqrt(n * float((outcomes - mean) ** 2 @ shares))
    size = next_fast_len(max(len(counts), math.ceil(16 * spread)) + 2, real=True)
    sums = math.floor(n * mean) - size // 2 + numpy.arange(size)
    reached = numpy.cumsum(irfft(rfft(shares, size) ** n, size)[sums % size])
    tail = expanded_tail(n, level)
    low, high = numpy.searchsorted(reached, [tail, 1 - tail])
    return float(sums[low]) / n, float(sums[min(high, size - 1)]) / n


def _percentiles(padded: numpy.ndarray, values: numpy.ndarray, draws: int, level: float) -> tuple[float, float]:
    kept = padded > 0
    n = round(padded.sum())
    # The same generator each time: equal counts give equal intervals.
    drawn = numpy.random.default_rng(0).multinomial(n, padded[kept] / padded.sum(), size=draws) @ values[kept] / n
    return percentile_interval(drawn, n, level)


def is_exact(counts: numpy.ndarray) -> bool:
    """Whether `sign_flip_p` of these counts is exact."""
    return bool(counts.sum() - counts[len(counts) // 2] <= MOST_FOR_EXACT)


def sign_flip_p(counts: numpy.ndarray) -> float:
    """The two-sided p of no difference: each example's difference might as well have the other sign.

    `counts` as in `difference_interval`. With one seed this is McNemar's exact test. Exact up to 1,000 examples that
    differ, a normal approximation with continuity correction beyond. 1 where no example differs.
    """
    most = len(counts) // 2
    sizes = numpy.arange(1, most + 1)
    gains, losses = counts[most + 1 :], counts[:most][::-1]
    pairs = (gains + losses).astype(int)
    seen = abs(int(sizes @ (gains - losses)))
    if pairs.sum() == 0:
        return 1.0
    if not is_exact(counts):
        step = math.gcd(*(int(size) for size in sizes[pairs > 0]))  # sums lie 2 * step apart
        spread = math.sqrt(float(sizes**2 @ pairs))
        return math.erfc(max(seen - step, 0) / spread / math.sqrt(2))
    ways = numpy.ones(1)
    for size, number in zip(sizes, pairs, strict=True):
        if number:
            ways = numpy.convolve(ways, _binomial(int(number), int(size)))
    sums = 2 * numpy.arange(len(ways)) - int(sizes @ pairs)  # of heads less tails
    return min(1.0, float(ways[numpy.abs(sums) >= seen].sum()))


def _binomial(number: int, size: int) -> numpy.ndarray:
    """Probabilities of heads * size, for `number` fair coins."""
    from scipy.special import gammaln

    heads = numpy.arange(number + 1)
    logs = gammaln(number + 1) - gammaln(heads + 1) - gammaln(number - heads + 1)
    spread = numpy.zeros(number * size + 1)
    spread[::size] = numpy.exp(logs - number * math.log(2))
    return spread

"""How many seeds it would take to see a difference.

Model: the same seeds for both systems; the differences of the two means over target languages, one a seed, are
independent and normal with the standard deviation seen; they are tested by a paired t-test over seeds at the 5 %
level, two-sided; its power is that of the noncentral t distribution. Languages and examples stay the same: more seeds
say nothing about other languages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from xbench.analysis.significance.p_value import LEVEL, Numbers

POWER = 0.8
MOST_SEEDS = 10_000


@dataclass(frozen=True)
class SeedsNeeded:
    """The seeds that resolve a `difference` (a fraction) at 80 % power, given the deviation seen over `n` seeds.

    A deviation known from few seeds is uncertain itself: `at_most` is what its upper 80 % limit would ask for.
    None for more than 10,000.
    """

    difference: float
    deviation: float
    n: int
    seeds: int | None
    at_most: int | None


def seeds_needed(differences: Numbers, difference: float, power: float = POWER) -> SeedsNeeded | None:
    """The seeds it would take to resolve `difference`, given paired differences of means, one a seed (fractions).

    None for fewer than two seeds, for no difference, and where the seeds do not vary.
    """
    from scipy import stats

    n = len(differences)
    deviation = float(numpy.std(differences, ddof=1)) if n > 1 else 0.0
    if deviation < 1e-12 or difference == 0:
        return None
    upper = deviation * float(numpy.sqrt((n - 1) / stats.chi2.ppf(0.2, n - 1)))
    counts = (seeds_for(abs(difference) / spread, power) for spread in (deviation, upper))
    return SeedsNeeded(difference, deviation, n, *counts)


def seeds_for(effect: float, power: float = POWER) -> int | None:
    """The least seeds with which a paired t-test has the power, for a mean of `effect` standard deviations."""
    low, high = 1, 2
    while power_of(effect, high) < power:
        low, high = high, 2 * high
        if low > MOST_SEEDS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of(effect, middle) >= power else (middle, high)
    return high if high <= MOST_SEEDS else None


def power_of(effect: float, seeds: int) -> float:
    """The chance that a paired t-test over so many seeds gives p < 0.05, for a mean of `effect` deviations."""
    from scipy.special import nctdtr, stdtrit

    df, shift = seeds - 1, effect * numpy.sqrt(seeds)
    limit = stdtrit(df, 1 - LEVEL / 2)
    power = float(1 - nctdtr(df, shift, limit) + nctdtr(df, shift, -limit))
    return power if numpy.isfinite(power) else _power_by_quantiles(effect, seeds)


def _power_by_quantiles(effect: float, seeds: int) -> float:
    """The same to three digits, as a mean over quantiles of the deviation: scipy's noncentral t has holes of nan."""
    from scipy import stats

    shares = (numpy.arange(4000) + 0.5) / 4000
    deviation = numpy.sqrt(stats.chi2.ppf(shares, seeds - 1) / (seeds - 1))
    limit, shift = stats.t.ppf(1 - LEVEL / 2, seeds - 1) * deviation, effect * numpy.sqrt(seeds)
    return float((stats.norm.sf(limit - shift) + stats.norm.cdf(-limit - shift)).mean())

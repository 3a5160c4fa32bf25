"""The percentile interval of a bootstrap over examples, expanded to what few examples need."""

from __future__ import annotations

import numpy


def percentile_interval(drawn: numpy.ndarray, n: int, level: float = 0.95) -> tuple[float, float]:
    """The percentiles of drawn means of n examples that a t-interval would ask for, in place of the normal's.

    Hesterberg 2015, 'What teachers should know about the bootstrap': draws vary less than the sample's mean does, by
    (n - 1) / n, and few examples say little about how much; plain percentiles cover 84 % at n = 5.
    """
    from scipy import stats

    if n < 2:
        return float(numpy.min(drawn)), float(numpy.max(drawn))
    tail = float(stats.norm.cdf(-numpy.sqrt(n / (n - 1)) * stats.t.ppf((1 + level) / 2, n - 1)))
    low, high = numpy.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)

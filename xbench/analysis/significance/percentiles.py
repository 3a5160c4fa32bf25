"""The percentile interval of a bootstrap over examples, expanded to what few examples need."""

from __future__ import annotations

from statistics import NormalDist

import numpy


def percentile_interval(drawn: numpy.ndarray, n: int, level: float = 0.95) -> tuple[float, float]:
    """The percentiles of drawn means of n examples that a t-interval would ask for, in place of the normal's.

    Hesterberg 2015, 'What teachers should know about the bootstrap': draws vary less than the sample's mean does, by
    (n - 1) / n, and few examples say little about how much; plain percentiles cover 84 % at n = 5. Without scipy, whose
    import takes longer than a diagnosis.
    """
    if n < 2:
        return float(numpy.min(drawn)), float(numpy.max(drawn))
    wide = t_quantile((1 + level) / 2, n - 1) * (n / (n - 1)) ** 0.5
    tail = NormalDist().cdf(-wide)
    low, high = numpy.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def t_quantile(chance: float, df: int) -> float:
    """Student's quantile by its expansion about the normal's (Abramowitz and Stegun 1964, 26.7.5).

    Within 0.3 % for 95 % intervals from four degrees of freedom on.
    """
    z = NormalDist().inv_cdf(chance)
    return (
        z
        + (z**3 + z) / (4 * df)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
    )

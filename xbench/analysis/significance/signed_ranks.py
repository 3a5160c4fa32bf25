"""The exact distribution of the signed-rank statistic.

Our own: scipy has it for ranks that are not shared only, and not as quantiles, which intervals are inverted from.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy


def ways(ranks: Iterable[int]) -> numpy.ndarray:
    """ways[w]: how many of the 2^n patterns of signs have positive ranks that sum to w. Ranks are whole numbers."""
    counts = numpy.ones(1)
    for rank in ranks:
        counts = numpy.pad(counts, (0, rank)) + numpy.pad(counts, (rank, 0))
    return counts


def chance_of_at_most(n: int) -> numpy.ndarray:
    """P(W <= w) for w = 0 ... n(n+1)/2, where ranks 1 ... n have random signs."""
    counts = ways(range(1, n + 1))
    return numpy.cumsum(counts) / counts.sum()

"""Wilcoxon's signed-rank test over languages, PolyPrompt's test (Fu et al. 2022, section 5).

It is conditional on the runs at hand: languages evaluated by one trained model are not independent, so that it
rejects a true null far too often where they vary together. The hierarchical interval is the headline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

LEAST_PAIRS = 6  # of five pairs the smallest two-sided p is 2 / 2^5 = 0.0625
MOST_PAIRS_EXACT = 50


@dataclass(frozen=True)
class Wilcoxon:
    """p, two-sided, over `n` pairs that differ; `ties` pairs that do not differ take no part."""

    p: float
    n: int
    ties: int
    exact: bool

    @property
    def too_few(self) -> bool:
        """Whether there are too few pairs for any p < 0.05."""
        return self.n < LEAST_PAIRS


def wilcoxon(first: Sequence[float], second: Sequence[float]) -> Wilcoxon:
    """Wilcoxon's signed-rank test of paired fractions, one a language, seeds averaged beforehand.

    Pairs that do not differ are left out; differences of one size share their mean rank. The distribution over all
    2^n signs is exact up to 50 pairs, shared ranks included, and a normal approximation beyond. p = 1 where no pair
    differs.
    """
    from scipy import stats

    # Fractions that are equal on paper differ in the last bits, which would break ties and zeros.
    differences = numpy.round(numpy.asarray(first, dtype=float) - numpy.asarray(second, dtype=float), 12)
    differing = differences[differences != 0]
    ties = len(differences) - len(differing)
    if len(differing) == 0:
        return Wilcoxon(p=1.0, n=0, ties=ties, exact=True)
    exact = len(differing) <= MOST_PAIRS_EXACT
    p = _exact_p(differing) if exact else float(stats.wilcoxon(differing, method="approx").pvalue)
    return Wilcoxon(p=p, n=len(differing), ties=ties, exact=exact)


def _exact_p(differences: numpy.ndarray) -> float:
    """Two-sided p over all signs of the differences' ranks; scipy has no exact distribution where ranks are shared."""
    from scipy import stats

    ranks = (2 * stats.rankdata(numpy.abs(differences))).astype(int)  # doubled, since shared ranks may be halves
    ways = numpy.ones(1)  # ways[w]: sign patterns whose positive doubled ranks sum to w
    for rank in ranks:
        ways = numpy.pad(ways, (0, rank)) + numpy.pad(ways, (rank, 0))
    positive = ranks[differences > 0].sum()
    tail = min(ways[: positive + 1].sum(), ways[positive:].sum()) / ways.sum()
    return min(1.0, 2 * float(tail))

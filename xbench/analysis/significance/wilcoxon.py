"""Wilcoxon's signed-rank test over languages (or tasks and languages), PolyPrompt's test (Fu et al. 2022, section 5).

It is conditional on the runs at hand: languages evaluated by one trained model are not independent, so that it
rejects a true null far too often where they vary together. The hierarchical interval is the headline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from xbench.analysis.significance.p_value import Numbers, PValue, least_of_signs
from xbench.analysis.significance.paired import differences_of
from xbench.analysis.significance.signed_ranks import ways

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

    def p_value(self, paired: str) -> PValue:
        """The same with its name, and what was paired in words."""
        how = "exact" if self.exact else "normal approximation"
        return PValue(f"Wilcoxon's signed-rank test ({how})", self.p, self.n, paired, least_of_signs(self.n))


def wilcoxon(first: Numbers, second: Numbers) -> Wilcoxon:
    """Wilcoxon's signed-rank test of paired fractions, one a language (or task and language), seeds averaged.

    Pairs that do not differ are left out; differences of one size share their mean rank. The distribution over all
    2^n signs is exact up to 50 pairs, shared ranks included, and a normal approximation beyond. p = 1 where no pair
    differs.
    """
    from scipy import stats

    differences = differences_of(first, second)
    differing = differences[differences != 0]
    ties = len(differences) - len(differing)
    if len(differing) == 0:
        return Wilcoxon(p=1.0, n=0, ties=ties, exact=True)
    exact = len(differing) <= MOST_PAIRS_EXACT
    p = _exact_p(differing) if exact else float(stats.wilcoxon(differing, method="asymptotic").pvalue)
    return Wilcoxon(p=p, n=len(differing), ties=ties, exact=exact)


def _exact_p(differences: numpy.ndarray) -> float:
    """Two-sided p over all signs of the differences' ranks; scipy has no exact distribution where ranks are shared."""
    from scipy import stats

    ranks = (2 * stats.rankdata(numpy.abs(differences))).astype(int)  # doubled, since shared ranks may be halves
    counts = ways(ranks)
    positive = ranks[differences > 0].sum()
    tail = min(counts[: positive + 1].sum(), counts[positive:].sum()) / counts.sum()
    return min(1.0, 2 * float(tail))

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

    Exact where no two differences are of one size and at most 50 pairs differ; else by the normal approximation.
    p = 1 where no pair differs.
    """
    from scipy import stats

    # Fractions that are equal on paper differ in the last bits, which would break ties and zeros.
    differences = numpy.round(numpy.asarray(first, dtype=float) - numpy.asarray(second, dtype=float), 12)
    differing = differences[differences != 0]
    ties = len(differences) - len(differing)
    if len(differing) == 0:
        return Wilcoxon(p=1.0, n=0, ties=ties, exact=True)
    distinct = len(numpy.unique(numpy.abs(differing))) == len(differing)
    exact = distinct and len(differing) <= MOST_PAIRS_EXACT
    result = stats.wilcoxon(differing, method="exact" if exact else "approx")
    return Wilcoxon(p=float(result.pvalue), n=len(differing), ties=ties, exact=exact)

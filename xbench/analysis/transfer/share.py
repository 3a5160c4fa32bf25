"""Gaps against languages' shares of the pretraining data (after PolyPrompt's figures 6 and 7): a rank correlation.

Languages are few, related to each other, and evaluated by one trained model; their shares go with family, script and
with how much text of them the tokenizer saw. The correlation describes these languages; it shows no cause.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy

LARGEST_ENUMERATED = 8
LEAST = 3


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's rho of share and gap over n languages; negative: the more data, the smaller the gap.

    p is two-sided. `exact`: from all n! orders (up to 8 languages, ties as they are); else by Student's t.
    """

    rho: float
    p: float
    n: int
    exact: bool

    @property
    def too_few(self) -> bool:
        """Whether even a perfect order of n different values has p >= 0.05."""
        return 2 / math.factorial(self.n) >= 0.05


def rank_correlation(shares: Mapping[str, float], gaps: Mapping[str, float]) -> RankCorrelation | None:
    """The rank correlation over the languages that both have.

    None for fewer than three, or where all shares or all gaps are equal.
    """
    from scipy import stats

    languages = [language for language in gaps if language in shares]
    x = stats.rankdata([shares[language] for language in languages])
    y = stats.rankdata([gaps[language] for language in languages])
    n = len(languages)
    if n < LEAST or numpy.ptp(x) == 0 or numpy.ptp(y) == 0:
        return None
    rho = float(numpy.corrcoef(x, y)[0, 1])
    if n <= LARGEST_ENUMERATED:
        return RankCorrelation(rho, _enumerated(x, y), n, exact=True)
    return RankCorrelation(rho, float(stats.spearmanr(x, y).pvalue), n, exact=False)


def _enumerated(x: numpy.ndarray, y: numpy.ndarray) -> float:
    """The share of all orders of y whose correlation with x is as large in size."""
    x, y = x - x.mean(), y - y.mean()
    orders = numpy.array(list(itertools.permutations(range(len(y)))))
    products = numpy.abs(y[orders] @ x)
    return float((products >= abs(x @ y) - 1e-9).mean())

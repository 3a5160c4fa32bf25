"""How large a difference is: matched-pairs rank-biserial correlation, and the Hodges-Lehmann difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from xbench.analysis.significance.p_value import Numbers
from xbench.analysis.significance.paired import differences_of
from xbench.analysis.significance.signed_ranks import chance_of_at_most
from xbench.analysis.significance.wilcoxon import MOST_PAIRS_EXACT


def rank_biserial(first: Numbers, second: Numbers) -> float | None:
    """The matched-pairs rank-biserial correlation in [-1, 1]: the share of rank sum for `first` less that against.

    Kerby 2014, 'The simple difference formula'. 1: first is higher in every pair. Pairs that do not differ take no
    part; None where none does. Our own, since scipy, statsmodels and scikit-posthocs have none for pairs.
    """
    from scipy import stats

    differences = differences_of(first, second)
    differences = differences[differences != 0]
    if len(differences) == 0:
        return None
    ranks = stats.rankdata(numpy.abs(differences))
    return float((ranks * numpy.sign(differences)).sum() / ranks.sum())


@dataclass(frozen=True)
class HodgesLehmann:
    """The median of all pairwise means of differences, with the interval that inverts Wilcoxon's test.

    `level` is the coverage that the interval has (not less than asked for, where n allows it): 0.9375 of five pairs.
    It holds for independent differences distributed symmetrically; ties among them only raise it.
    """

    value: float
    low: float
    high: float
    level: float
    n: int
    exact: bool


def hodges_lehmann(first: Numbers, second: Numbers, level: float = 0.95) -> HodgesLehmann:
    """The Hodges-Lehmann difference of paired values (Hollander and Wolfe, 'Nonparametric Statistical Methods', 3.2).

    The interval's ends are Walsh averages counted off by the signed-rank distribution, exact up to 50 pairs and its
    normal approximation beyond; our own, since scipy has it for two independent samples only. Pairs that do not differ
    take part. Raises ValueError for no pair.
    """
    differences = differences_of(first, second)
    n = len(differences)
    if n == 0:
        raise ValueError("there is no pair")
    rows, columns = numpy.triu_indices(n)
    means = numpy.sort((differences[rows] + differences[columns]) / 2)  # Walsh averages [n * (n + 1) / 2]
    exact = n <= MOST_PAIRS_EXACT
    from_end, covered = _exact_end(n, level) if exact else (_approximate_end(n, level), level)
    return HodgesLehmann(
        float(numpy.median(means)), float(means[from_end]), float(means[-1 - from_end]), covered, n, exact
    )


def _exact_end(n: int, level: float) -> tuple[int, float]:
    """(the index of the lower end among the Walsh averages, the coverage from there to its mirror)."""
    below = chance_of_at_most(n)
    index = max(0, int(numpy.searchsorted(below, (1 - level) / 2 * (1 + 1e-12), side="right")) - 1)
    return index, float(1 - 2 * below[index])


def _approximate_end(n: int, level: float) -> int:
    from scipy import stats

    spread = numpy.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return int(n * (n + 1) / 4 + stats.norm.ppf((1 - level) / 2) * spread)

"""Several systems at once: Friedman's test over blocks, and Nemenyi's critical difference of mean ranks.

Demšar 2006, 'Statistical comparisons of classifiers over multiple data sets', section 3.2. A block is a language, or
a task and language: what all systems were measured in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from xbench.analysis.significance.p_value import LEVEL, PValue
from xbench.analysis.significance.paired import SAME

LEAST_SYSTEMS = 3
MOST_BLOCKS_PERMUTED = 30
DRAWS = 9999


@dataclass(frozen=True)
class Ranks:
    """Mean ranks of systems over complete blocks, 1 the best, with Friedman's test and Nemenyi's.

    Two systems whose mean ranks differ by more than `critical_difference` differ at the 5 % level, all pairs
    together. `nemenyi` [systems, systems] has the p of each pair; `cliques` are the largest groups of systems, by
    rank, within which no pair differs.
    """

    systems: tuple[str, ...]
    blocks: tuple[str, ...]
    mean_ranks: numpy.ndarray
    friedman: PValue
    statistic: float
    nemenyi: numpy.ndarray
    critical_difference: float
    cliques: tuple[tuple[str, ...], ...]


def rank_systems(values: numpy.ndarray, systems: Sequence[str], blocks: Sequence[str], unit: str) -> Ranks | None:
    """The ranks of values [blocks, systems], higher is better; None for fewer than three systems or two blocks.

    Friedman's p is by 9,999 permutations within blocks up to 30 blocks (all of them where there are fewer), since the
    chi-square approximation is off for few blocks; beyond by scipy's `friedmanchisquare`. Nemenyi's p is
    scikit-posthocs'.
    """
    from scikit_posthocs import posthoc_nemenyi_friedman
    from scipy import stats

    values = numpy.round(values, SAME)
    n, k = values.shape
    if k < LEAST_SYSTEMS or n < 2:
        return None
    ranks = stats.rankdata(-values, axis=1)  # [blocks, systems]
    mean_ranks = ranks.mean(axis=0)
    nemenyi = posthoc_nemenyi_friedman(values).to_numpy()
    critical = float(stats.studentized_range.ppf(1 - LEVEL, k, numpy.inf) / numpy.sqrt(2) * _rank_error(n, k))
    same = bool((ranks == ranks[:, :1]).all())
    statistic = 0.0 if same else float(stats.friedmanchisquare(*values.T).statistic)
    p, how = (1.0, "no block differs") if same else _friedman_p(values, ranks)
    # With n blocks all ranked alike, one of (k!)^(n-1) patterns, p is at its least.
    least = float(numpy.exp(-(n - 1) * sum(numpy.log(range(1, k + 1)))))
    order = numpy.argsort(mean_ranks, kind="stable")
    return Ranks(
        systems=tuple(systems),
        blocks=tuple(blocks),
        mean_ranks=mean_ranks,
        friedman=PValue(f"Friedman's test ({how})", p, n, f"blocks, each a {unit}", least),
        statistic=statistic,
        nemenyi=nemenyi,
        critical_difference=critical,
        cliques=tuple(tuple(systems[i] for i in group) for group in _cliques(order, mean_ranks, critical)),
    )


def _rank_error(n: int, k: int) -> float:
    return float(numpy.sqrt(k * (k + 1) / (6 * n)))


def _friedman_p(values: numpy.ndarray, ranks: numpy.ndarray) -> tuple[float, str]:
    from scipy import stats

    if len(values) > MOST_BLOCKS_PERMUTED:
        return float(stats.friedmanchisquare(*values.T).pvalue), "chi-square"
    found = stats.permutation_test(
        tuple(ranks.T),
        # Under permutation within blocks all else of Friedman's statistic is constant. Rounded, so that equal sums tie.
        lambda *columns, axis: numpy.round(sum(column.sum(axis=axis) ** 2 for column in columns), 6),
        permutation_type="samples",
        vectorized=True,
        n_resamples=DRAWS,
        batch=1000,
        alternative="greater",
        rng=numpy.random.default_rng(0),
    )
    return float(found.pvalue), "permutation"


def _cliques(order: numpy.ndarray, mean_ranks: numpy.ndarray, critical: float) -> list[list[int]]:
    """The largest runs of two or more systems, by rank, whose ends are no further apart than `critical`."""
    found: list[list[int]] = []
    reached = 0
    for start in range(len(order)):
        end = start
        while end + 1 < len(order) and mean_ranks[order[end + 1]] - mean_ranks[order[start]] <= critical:
            end += 1
        if end > start and end > reached:
            found.append([int(system) for system in order[start : end + 1]])
            reached = end
    return found

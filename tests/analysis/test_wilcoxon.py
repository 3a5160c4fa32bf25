"""Wilcoxon's test against the exact distribution, enumerated, and against scipy."""

from __future__ import annotations

import itertools

import numpy
import pytest
from scipy import stats

from xbench.analysis.significance import wilcoxon
from xbench.analysis.significance.signed_ranks import chance_of_at_most


def enumerated(differences: list[float]) -> float:
    """The two-sided p of the signed-rank statistic over all sign flips, for differences without ties."""
    ranks = numpy.argsort(numpy.argsort(numpy.abs(differences))) + 1
    sums = [
        sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign)
        for signs in itertools.product((0, 1), repeat=len(ranks))
    ]
    observed = ranks[numpy.array(differences) > 0].sum()
    tail = min(numpy.mean([total <= observed for total in sums]), numpy.mean([total >= observed for total in sums]))
    return min(1.0, 2 * tail)


@pytest.mark.parametrize(
    "differences", [[0.1, 0.2, -0.05, 0.3, 0.25, 0.15, 0.4], [0.01, -0.02, 0.03, -0.04, 0.05, -0.06]]
)
def test_exact_p(differences: list[float]) -> None:
    found = wilcoxon([0.5 + value for value in differences], [0.5] * len(differences))
    assert found.exact
    assert found.n == len(differences)
    assert found.p == pytest.approx(enumerated(differences))


def test_smallest_p_of_fourteen_languages() -> None:
    first = [0.5 + 0.01 * number for number in range(1, 15)]
    assert wilcoxon(first, [0.5] * 14).p == pytest.approx(2 / 2**14)


def test_equal_pairs_take_no_part_and_equal_sizes_share_ranks() -> None:
    first, second = [0.6, 0.7, 0.3, 0.8, 0.5, 0.9, 0.55, 0.2], [0.5, 0.6, 0.4, 0.6, 0.5, 0.6, 0.5, 0.3]
    found = wilcoxon(first, second)
    assert (found.n, found.ties, found.exact) == (7, 1, True)
    differences = numpy.round(numpy.subtract(first, second), 12)
    every_sign = stats.PermutationMethod(n_resamples=2**8)
    expected = stats.wilcoxon(differences[differences != 0], method=every_sign).pvalue
    assert found.p == pytest.approx(expected)


def test_rounding_noise_is_no_difference() -> None:
    found = wilcoxon([0.1 + 0.2, 0.7], [0.3, 0.7])
    assert (found.p, found.n, found.ties) == (1.0, 0, 2)


@pytest.mark.parametrize(("n", "too_few"), [(1, True), (5, True), (6, False)])
def test_too_few_pairs_for_any_significance(n: int, too_few: bool) -> None:
    found = wilcoxon([0.5 + 0.01 * (number + 1) for number in range(n)], [0.5] * n)
    assert found.too_few == too_few
    assert (found.p >= 0.05) == too_few


def test_shared_ranks_are_exact_by_enumeration() -> None:
    import itertools

    import scipy.stats

    differences = [0.02, 0.02, 0.04, -0.02, 0.06, 0.04]
    ranks = scipy.stats.rankdata([abs(value) for value in differences])
    observed = sum(rank for rank, value in zip(ranks, differences, strict=True) if value > 0)
    sums = [
        sum(r for r, sign in zip(ranks, signs, strict=True) if sign) for signs in itertools.product((0, 1), repeat=6)
    ]
    tail = min(sum(s <= observed for s in sums), sum(s >= observed for s in sums)) / len(sums)
    assert wilcoxon(differences, [0.0] * 6).p == pytest.approx(min(1.0, 2 * tail), abs=1e-12)


@pytest.mark.parametrize("n", [51, 80])
def test_more_than_fifty_pairs_have_the_normal_approximation(n: int) -> None:
    values = numpy.random.default_rng(n).normal(0.25, 1, n)
    found = wilcoxon(values, numpy.zeros(n))
    assert (found.n, found.exact) == (n, False) and "normal approximation" in found.p_value("languages").test
    ranks = stats.rankdata(numpy.abs(values))
    distance = ranks[values > 0].sum() - n * (n + 1) / 4
    by_hand = 2 * stats.norm.sf(abs(distance) / numpy.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    assert found.p == pytest.approx(by_hand)
    at_most = chance_of_at_most(n)
    exact = 2 * min(at_most[int(ranks[values > 0].sum())], at_most[int(ranks[values < 0].sum())])
    assert found.p == pytest.approx(exact, rel=0.1)


def test_equal_pairs_beyond_fifty_take_no_part() -> None:
    values = numpy.concatenate([numpy.random.default_rng(0).normal(0.3, 1, 55), numpy.zeros(9)])
    found = wilcoxon(values, numpy.zeros(64))
    assert (found.n, found.ties, found.exact) == (55, 9, False)
    assert found.p == wilcoxon(values[:55], numpy.zeros(55)).p


def test_equal_differences_of_five_pairs_cannot_be_significant() -> None:
    assert wilcoxon([0.01] * 5, [0.0] * 5).p == pytest.approx(0.0625)

"""Friedman, Nemenyi and critical differences: against Demšar's published example, scipy, and enumeration."""

from __future__ import annotations

import itertools

import numpy
import pytest
from scipy import stats

from xbench.analysis.significance import rank_systems

# Demšar 2006, table 6: AUC of C4.5 and three variants on 14 data sets.
DEMSAR = numpy.array(
    [
        [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.000, 0.940, 0.619, 0.972, 0.957],
        [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.000, 0.962, 0.666, 0.981, 0.978],
        [0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.000, 0.965, 0.614, 0.9751, 0.946],
        [0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.000, 0.962, 0.669, 0.975, 0.970],
    ]
).T
NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")


def test_demsars_example() -> None:
    found = rank_systems(DEMSAR, NAMES, [str(number) for number in range(14)], "data set")
    assert found is not None
    assert found.mean_ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    # The paper: chi-square 9.28 without correction for ties (scipy corrects), critical difference 1.25 by q = 2.569.
    assert found.statistic == pytest.approx(stats.friedmanchisquare(*DEMSAR.T).statistic)
    assert found.critical_difference == pytest.approx(1.25, abs=0.005)
    assert (found.friedman.n, found.friedman.paired) == (14, "blocks, each a data set")
    assert found.friedman.p == pytest.approx(stats.friedmanchisquare(*DEMSAR.T).pvalue, abs=0.01)


def test_a_pair_is_in_a_clique_where_nemenyi_does_not_tell_it_apart() -> None:
    generator = numpy.random.default_rng(0)
    values = generator.normal(size=(12, 6)) + numpy.arange(6) * 0.5
    found = rank_systems(values, tuple("abcdef"), range(12), "language")
    assert found is not None
    together = {frozenset(pair) for clique in found.cliques for pair in itertools.combinations(clique, 2)}
    for one, other in itertools.combinations(range(6), 2):
        alike = frozenset((found.systems[one], found.systems[other])) in together
        assert alike == (found.nemenyi[one, other] >= 0.05)
    assert not any(set(a) < set(b) for a, b in itertools.permutations(found.cliques, 2))


def test_few_blocks_are_permuted_exactly() -> None:
    values = numpy.array([[1.0, 2, 3], [1, 2, 3], [2, 1, 3]])
    found = rank_systems(values, tuple("abc"), range(3), "language")
    assert found is not None
    orders = list(itertools.permutations((1, 2, 3)))
    sums = [sum(numpy.sum(rows, axis=0) ** 2) for rows in itertools.product(orders, repeat=3)]
    observed = sum(stats.rankdata(-values, axis=1).sum(axis=0) ** 2)
    assert found.friedman.p == pytest.approx(numpy.mean(numpy.array(sums) >= observed))
    assert found.friedman.least == pytest.approx(1 / 36)


def test_many_blocks_use_chi_square() -> None:
    values = numpy.random.default_rng(0).normal(size=(40, 4))
    found = rank_systems(values, tuple("abcd"), range(40), "language")
    assert found is not None
    assert found.friedman.p == pytest.approx(stats.friedmanchisquare(*values.T).pvalue)
    assert "chi-square" in found.friedman.test


def test_equal_systems_are_not_told_apart() -> None:
    found = rank_systems(numpy.full((8, 4), 0.5), tuple("abcd"), range(8), "language")
    assert found is not None
    assert (found.friedman.p, found.cliques) == (1.0, (tuple("abcd"),))


@pytest.mark.parametrize("shape", [(8, 2), (1, 4)])
def test_two_systems_or_one_block_have_no_ranks(shape: tuple[int, int]) -> None:
    assert rank_systems(numpy.zeros(shape), tuple("abcd")[: shape[1]], range(shape[0]), "language") is None

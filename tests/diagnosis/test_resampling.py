"""Intervals and tests over the examples of a bucket, against scipy, statsmodels, enumeration and simulation."""

from __future__ import annotations

import itertools

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar

from xbench.diagnosis.resampling import difference_interval, share_interval, sign_flip_p


@pytest.mark.parametrize(("gains", "losses"), [(0, 0), (1, 0), (7, 2), (40, 40), (300, 350), (12, 0)])
def test_one_seed_is_mcnemars_exact_test(gains: int, losses: int) -> None:
    expected = mcnemar([[50, gains], [losses, 9]], exact=True).pvalue
    assert sign_flip_p(numpy.array([losses, 59, gains])) == pytest.approx(min(expected, 1), rel=1e-9)


@settings(max_examples=40)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_several_seeds_by_enumeration_of_signs(differences: list[int]) -> None:
    sums = [
        sum(sign * size for sign, size in zip(signs, differences, strict=True))
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    expected = numpy.mean([abs(one) >= abs(sum(differences)) for one in sums])
    counts = numpy.bincount(numpy.array(differences) + 3, minlength=7)
    assert sign_flip_p(counts) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("gains", [555, 580, 600])
def test_the_approximation_for_many_examples(gains: int) -> None:
    exact = 2 * binom.cdf(1100 - gains, 1100, 0.5)
    assert sign_flip_p(numpy.array([1100 - gains, 0, gains])) == pytest.approx(exact, rel=0.03)


def test_a_test_rejects_a_true_null_in_five_percent_at_most() -> None:
    generator = numpy.random.default_rng(0)
    for seeds in (1, 2):
        first, second = (generator.binomial(seeds, 0.8, size=(4000, 60)) for _ in range(2))
        rejected = [sign_flip_p(numpy.bincount(row + seeds, minlength=2 * seeds + 1)) <= 0.05 for row in first - second]
        assert numpy.mean(rejected) <= 0.05


@pytest.mark.parametrize("n", [30, 100])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.97])
def test_coverage_of_a_share(n: int, share: float) -> None:
    """By the binomial itself: the interval of every possible number of right answers, weighted by its chance."""
    covered = 0.0
    for right in range(n + 1):
        chance = binom.pmf(right, n, share)
        if chance > 1e-5:
            low, high = share_interval(numpy.array([n - right, right]))
            covered += chance * (low - 1e-9 <= share <= high + 1e-9)
    assert covered >= 0.92


def test_coverage_of_a_difference() -> None:
    generator = numpy.random.default_rng(1)
    covered = []
    for counts in generator.multinomial(40, [0.05, 0.8, 0.15], size=600):
        low, high = difference_interval(counts)
        covered.append(low <= 0.1 <= high)
    assert numpy.mean(covered) >= 0.92


def test_an_interval_is_the_same_each_time_and_never_a_point() -> None:
    assert share_interval(numpy.array([0, 40])) == share_interval(numpy.array([0, 40]))
    low, high = share_interval(numpy.array([0, 40]))
    assert low < 0.95 and high == 1
    assert difference_interval(numpy.array([0, 40, 0]))[0] < 0

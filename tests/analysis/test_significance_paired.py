"""Tests of pairs, Holm's correction and effect sizes: against scipy, R's textbook cases, and enumeration."""

from __future__ import annotations

import itertools
import warnings

import numpy
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from xbench.analysis.significance import (
    hodges_lehmann,
    holm,
    independent_t,
    paired_t,
    rank_biserial,
    sign_test,
    wilcoxon,
)
from xbench.analysis.significance.signed_ranks import chance_of_at_most

# Student's sleep data (1908): hours gained by ten patients under two drugs; p = 0.002833 in every textbook.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_students_sleep_data() -> None:
    paired, welch = paired_t(FIRST, SECOND, "patients"), independent_t(FIRST, SECOND)
    pooled = independent_t(FIRST, SECOND, equal_variances=True)
    assert paired is not None and welch is not None and pooled is not None
    assert paired.p == pytest.approx(0.002833, abs=5e-7)
    assert welch.p == pytest.approx(0.07939, abs=5e-6)
    assert pooled.p == pytest.approx(0.07919, abs=5e-6)
    assert (paired.n, paired.paired, welch.n) == (10, "patients", 20)
    assert "Student" in pooled.test and "Welch" in welch.test


def test_the_sign_test_leaves_out_equal_pairs() -> None:
    found = sign_test(FIRST, SECOND)
    assert found.n == 9  # one patient gained the same
    assert found.p == pytest.approx(2 / 2**9)
    assert found.least == found.p
    assert sign_test([0.5] * 3, [0.5] * 3).p == 1.0


def test_too_few_pairs_are_said() -> None:
    few, enough = sign_test([1] * 5, [0] * 5), sign_test([1] * 6, [0] * 6)
    assert few.too_few and "too few for any p < 0.05" in str(few)
    assert not enough.too_few
    assert wilcoxon([1] * 5, [0] * 5).p_value("languages").too_few


def test_a_difference_that_never_varies_has_no_t() -> None:
    assert paired_t([0.6, 0.7, 0.8], [0.5, 0.6, 0.7]) is None
    assert paired_t([0.5], [0.4]) is None
    turning = 0.1234567890125  # where rounding turns: equal differences are rounded to two numbers
    assert paired_t([turning, 0.5 + turning, 0.7 + turning], [0, 0.5, 0.7]) is None
    assert independent_t([turning, turning + 1e-16, turning], [0.2, 0.2, 0.2]) is None
    assert independent_t([0.5, 0.5], [0.4, 0.4]) is None
    same = paired_t([0.1 + 0.2, 0.5], [0.3, 0.5])
    assert same is not None and same.p == 1.0


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="pairs were expected"):
        sign_test([1, 2], [1])


def test_polyprompts_printed_p_is_of_22_positive_pairs_under_the_normal_approximation() -> None:
    sizes = numpy.arange(1.0, 23)
    assert stats.wilcoxon(sizes, method="asymptotic").pvalue == pytest.approx(4.01e-5, abs=5e-8)
    sizes[:4] = 1.0  # four of one size, as rounded numbers may have: the printed 3.96e-5
    assert stats.wilcoxon(sizes, method="asymptotic").pvalue == pytest.approx(3.96e-5, abs=5e-8)
    assert wilcoxon(sizes, [0] * 22).p == pytest.approx(2 / 2**22)  # ours is exact


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, None, 0.03]) == [pytest.approx(0.03), pytest.approx(0.06), None, pytest.approx(0.06)]
    assert holm([]) == []
    assert holm([None]) == [None]


def test_holm_is_that_of_statsmodels() -> None:
    p_values = list(numpy.random.default_rng(0).random(30) ** 4)
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_rank_biserial_by_hand() -> None:
    # Ranks of 0.1, -0.2, 0.3: 1 + 3 for, 2 against, of 6.
    assert rank_biserial([0.1, 0.0, 0.3], [0.0, 0.2, 0.0]) == pytest.approx(2 / 6)
    assert rank_biserial([0.5], [0.5]) is None
    assert rank_biserial([2, 3, 4], [1, 1, 1]) == 1


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_distribution_of_signed_ranks(n: int) -> None:
    sums = [sum(itertools.compress(range(1, n + 1), signs)) for signs in itertools.product((0, 1), repeat=n)]
    at_most = chance_of_at_most(n)
    for total in range(n * (n + 1) // 2 + 1):
        assert at_most[total] == pytest.approx(numpy.mean(numpy.array(sums) <= total))


# Hollander and Wolfe's depression data (their example 3.1): Hamilton scores before and after, of nine patients.
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_the_textbook_interval_of_a_shift() -> None:
    found = hodges_lehmann(AFTER, BEFORE)
    assert found.value == pytest.approx(-0.46)
    # R: wilcox.test(after, before, paired = TRUE, conf.int = TRUE): 95 % interval [-0.786, -0.010], exact.
    assert (found.low, found.high) == (pytest.approx(-0.786), pytest.approx(-0.010))
    assert found.level == pytest.approx(1 - 2 * 10 / 2**9)


@pytest.mark.parametrize("n", [6, 9, 14])
def test_the_interval_holds_exactly_the_shifts_that_wilcoxon_does_not_reject(n: int) -> None:
    values = numpy.random.default_rng(n).normal(0.3, 1, n)
    found = hodges_lehmann(values, numpy.zeros(n))
    inside = numpy.linspace(found.low, found.high, 9)[1:-1]
    for shift in inside:
        assert wilcoxon(values - shift, numpy.zeros(n)).p >= 0.05
    for shift in (found.low - 1e-6, found.high + 1e-6):
        assert wilcoxon(values - shift, numpy.zeros(n)).p < 0.05


def test_five_pairs_allow_less_than_95_percent() -> None:
    found = hodges_lehmann([1.0, 2.0, 3.0, 4.0, 5.0], [0.0] * 5)
    assert (found.low, found.value, found.high, found.level) == (1, 3, 5, 0.9375)


@pytest.mark.parametrize("n", [51, 60, 100])
def test_the_interval_of_many_pairs_covers_what_it_promises(n: int) -> None:
    """Exactly: its end is a Walsh average, and the chance that the centre lies beyond is that of signed ranks."""
    values = numpy.random.default_rng(n).normal(0.3, 1, n)
    found = hodges_lehmann(values, numpy.zeros(n))
    rows, columns = numpy.triu_indices(n)
    end = int(numpy.searchsorted(numpy.sort((values[rows] + values[columns]) / 2), found.low - 1e-9))
    at_most = chance_of_at_most(n)
    assert 1 - 2 * at_most[end] >= 0.95 > 1 - 2 * at_most[end + 2]
    # Inside, Wilcoxon's test of the shift does not reject; just outside it does.
    assert wilcoxon(values - found.low - 1e-6, numpy.zeros(n)).p >= 0.05
    assert wilcoxon(values - found.low + 1e-6, numpy.zeros(n)).p < 0.05


def test_many_pairs_use_the_normal_approximation() -> None:
    values = numpy.random.default_rng(0).normal(0.5, 1, 60)
    found = hodges_lehmann(values, numpy.zeros(60))
    assert not found.exact and found.low < found.value < found.high
    middle = stats.wilcoxon(values - found.low, method="asymptotic").pvalue
    assert middle == pytest.approx(0.05, abs=0.002)


def test_a_sample_that_does_not_vary_is_no_reason_to_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = independent_t([0.1, 0.2, 0.3], [0.5, 0.5, 0.5])
    assert found is not None and found.p == pytest.approx(stats.ttest_1samp([0.1, 0.2, 0.3], 0.5).pvalue)

"""Tests over examples: against exact distributions, statsmodels and scipy; and the seeds that a difference takes."""

from __future__ import annotations

import itertools

import numpy
import pytest
from scipy import stats
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar as reference
from statsmodels.stats.power import TTestPower

from xbench.analysis.outcomes import Outcomes
from xbench.analysis.significance.examples import example_tests, mcnemar, values_as_outcomes
from xbench.analysis.significance.seeds_needed import power_of, seeds_for, seeds_needed
from xbench.metrics import Predictions, macro_f1


def right(share: float, n: int, seed: int) -> numpy.ndarray:
    return numpy.random.default_rng(seed).random(n) < share


def test_mcnemar_is_the_binomial_of_examples_that_differ() -> None:
    first, second = right(0.8, 100, 0), right(0.6, 100, 1)
    found = mcnemar(first, second)
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    assert found.n == only_first + only_second
    assert found.p == pytest.approx(stats.binomtest(only_first, found.n).pvalue)
    assert found.p == pytest.approx(reference([[0, only_first], [only_second, 0]], exact=True).pvalue)
    assert mcnemar([True], [True]).p == 1.0


def test_the_permutation_test_of_one_seeds_accuracy_is_mcnemars() -> None:
    first, second = right(0.75, 80, 0), right(0.6, 80, 1)
    found = example_tests(values_as_outcomes(first, second), mcnemars=True, draws=40_000)
    assert found.permutation.p == pytest.approx(found.mcnemar[0].p, abs=0.01)
    assert found.difference == pytest.approx(first.mean() - second.mean())
    assert found.low < found.difference < found.high


def test_values_between_zero_and_one() -> None:
    generator = numpy.random.default_rng(0)
    first, second = generator.beta(3, 2, 60), generator.beta(2, 2, 60)
    found = example_tests(values_as_outcomes(first, second), mcnemars=False, draws=20_000)
    exact = stats.permutation_test(
        (first, second),
        lambda one, other, axis: numpy.mean(one - other, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=1,
    )
    assert found.permutation.p == pytest.approx(exact.pvalue, abs=0.01)
    error = numpy.std(first - second) / numpy.sqrt(60)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.06)
    assert found.bootstrap.p == pytest.approx(2 * stats.norm.sf(abs(found.difference) / error), abs=0.01)
    assert found.mcnemar == ()


def test_macro_f1_is_that_of_all_examples() -> None:
    generator = numpy.random.default_rng(0)
    labels = numpy.array(["a", "b", "c"], dtype=object)
    gold, one, other = (labels[generator.integers(0, 3, 90)] for _ in range(3))
    one = numpy.where(generator.random(90) < 0.5, gold, one)
    both = (Predictions(list(gold), list(answers), list(labels)) for answers in (one, other))
    counts = numpy.stack([macro_f1.counts(one) for one in both]).astype(float)
    found = example_tests(Outcomes((counts[:, None, None],), macro_f1.value), mcnemars=False, draws=2000)
    f1 = [f1_score(list(gold), list(answers), average="macro") for answers in (one, other)]
    assert found.difference == pytest.approx(f1[0] - f1[1])
    assert found.permutation.p < 0.01 and found.bootstrap.p < 0.01


def test_systems_that_answer_alike_do_not_differ() -> None:
    same = right(0.5, 50, 0)
    found = example_tests(values_as_outcomes(same, same), mcnemars=True, draws=500)
    # None of 50 examples differs; others may: the interval of Bonett and Price.
    half = stats.norm.ppf(0.975) * numpy.sqrt(2 / 52 / 52)
    assert (found.difference, found.low, found.high) == (0, pytest.approx(-half), pytest.approx(half))
    assert (found.permutation.p, found.bootstrap.p, found.mcnemar[0].p) == (1, 1, 1)
    assert found.permutation.too_few


def test_an_examples_seeds_are_swapped_together() -> None:
    # The same answers in all five seeds say no more than one seed's.
    first, second = right(0.7, 60, 0), right(0.55, 60, 1)
    one = example_tests(values_as_outcomes(first, second), mcnemars=False)
    five = example_tests(values_as_outcomes([first] * 5, [second] * 5), mcnemars=False)
    assert five.permutation.p == pytest.approx(one.permutation.p, abs=0.02)
    assert five.seeds == 5


def test_resampling_is_reproducible() -> None:
    outcomes = values_as_outcomes(right(0.7, 60, 0), right(0.55, 60, 1))
    assert example_tests(outcomes, mcnemars=True) == example_tests(outcomes, mcnemars=True)


@pytest.mark.parametrize("effect", [0.2, 0.5, 1.0, 2.5])
def test_the_seeds_needed_are_the_fewest_with_the_power(effect: float) -> None:
    found = seeds_for(effect)
    assert found is not None
    assert TTestPower().power(effect, found, 0.05) >= 0.8
    assert found == 2 or TTestPower().power(effect, found - 1, 0.05) < 0.8


def test_the_textbook_number_of_pairs() -> None:
    assert seeds_for(0.5) == 34  # Cohen's table for paired t, 5 % two-sided, 80 % power


def test_power_is_that_of_statsmodels() -> None:
    for effect, seeds in itertools.product((0.01, 0.1, 0.5, 1.0, 3.0), (2, 3, 5, 10, 100, 5000)):
        expected = TTestPower().power(effect, seeds, 0.05)
        if numpy.isfinite(expected):
            assert power_of(effect, seeds) == pytest.approx(expected, abs=1e-12), (effect, seeds)


def test_power_where_scipy_has_none() -> None:
    assert numpy.isnan(TTestPower().power(8.0, 2, 0.05))
    assert power_of(7.9, 2) < power_of(8.0, 2) < power_of(8.2, 2)
    assert seeds_for(1000.0) == 2


def test_seeds_needed_of_differences() -> None:
    found = seeds_needed([0.01, 0.03, 0.05], 0.02)
    assert found is not None
    assert found.deviation == pytest.approx(0.02)
    assert found.seeds == seeds_for(1.0)
    assert found.at_most is not None and found.at_most > found.seeds
    assert seeds_needed([0.01], 0.02) is None
    assert seeds_needed([0.01, 0.01], 0.02) is None
    hopeless = seeds_needed([0.5, -0.5], 1e-4)
    assert hopeless is not None and hopeless.seeds is None

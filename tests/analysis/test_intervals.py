"""The hierarchical interval: against arithmetic and statsmodels, against itself, and its coverage by simulation."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tests.store.synthetic import answers, write_cell
from xbench.analysis import load_results
from xbench.analysis.intervals import (
    Interval,
    crossed_interval,
    difference_interval,
    interval,
    mean_interval,
    shared_variance,
)
from xbench.analysis.outcomes import Outcomes, drawn_counts, load_outcomes
from xbench.analysis.systems import TaskScores, task_scores
from xbench.metrics import as_mean, ratio


def outcomes(right: numpy.ndarray, *, parallel: bool = False) -> Outcomes:
    """Outcomes of [systems, seeds, languages, examples] right or wrong."""
    counts = as_mean(right.astype(numpy.float32))
    parts = (counts,) if parallel else tuple(counts[:, :, [language]] for language in range(right.shape[2]))
    return Outcomes(parts)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 20)),
    chance=st.floats(0, 1),
    seed=st.integers(0, 100),
    parallel=st.booleans(),
)
def test_an_interval_contains_its_value(shape: tuple[int, ...], chance: float, seed: int, parallel: bool) -> None:
    right = numpy.random.default_rng(seed).random((2, *shape)) < chance
    one = interval(outcomes(right[:1], parallel=parallel), [1.0])
    assert one.low <= one.value <= one.high
    assert one.value == pytest.approx(right[0].mean())
    two = interval(outcomes(right, parallel=parallel), [1.0, -1.0])
    assert two.low <= two.value <= two.high
    assert two.value == pytest.approx(right[0].mean() - right[1].mean(), abs=1e-6)


def test_examples_alone_give_the_binomial_width() -> None:
    right = numpy.zeros((1, 1, 1, 400), dtype=bool)
    right[..., :240] = True
    found = interval(outcomes(right), [1.0])
    error = 1.96 * numpy.sqrt(0.6 * 0.4 / 400)
    assert found.low == pytest.approx(0.6 - error, abs=0.006)
    assert found.high == pytest.approx(0.6 + error, abs=0.006)
    assert not found.covers_seeds


def test_languages_alone_give_the_standard_error_of_their_mean() -> None:
    # Every example of a language alike, so that only languages vary: six all right, five all wrong.
    right = numpy.repeat((numpy.arange(11) % 2 == 0)[None, None, :, None], 10, axis=-1)
    found = interval(outcomes(right), [1.0])
    values = right[0, 0].mean(axis=1)
    error = stats.t.ppf(0.975, 10) * values.std(ddof=1) / numpy.sqrt(11)
    assert (found.low, found.high) == (pytest.approx(values.mean() - error), pytest.approx(values.mean() + error))


def test_seeds_and_languages_have_the_variance_of_a_two_way_table() -> None:
    # Against mean squares of an analysis of variance by statsmodels.
    import pandas
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    values = numpy.random.default_rng(0).normal(0.1, 0.02, (4, 1)) + numpy.random.default_rng(1).normal(0, 0.03, (4, 6))
    seeds, languages = numpy.indices(values.shape)
    table = pandas.DataFrame({"value": values.ravel(), "seed": seeds.ravel(), "language": languages.ravel()})
    squares = anova_lm(ols("value ~ C(seed) + C(language)", table).fit())["mean_sq"].to_numpy()
    of_seeds, of_languages, rest = squares
    expected = max(of_seeds + of_languages - rest, of_seeds, of_languages)
    df = expected**2 / (of_seeds**2 / 3 + of_languages**2 / 5 + rest**2 / 15)
    found = crossed_interval(values)
    assert found.error == pytest.approx(numpy.sqrt(expected / 24))
    assert found.df == pytest.approx(max(df, 3))
    assert found.high - found.value == pytest.approx(found.error * stats.t.ppf(0.975, found.df))


def test_pairing_cancels_what_systems_share() -> None:
    right = numpy.random.default_rng(0).random((1, 3, 6, 100)) < 0.6
    same = interval(outcomes(numpy.concatenate([right, right])), [1.0, -1.0])
    assert (same.low, same.value, same.high) == (0, 0, 0)


def test_translated_examples_are_drawn_together() -> None:
    hard = numpy.random.default_rng(0).random(100) < 0.5  # an example is right in all languages or in none
    right = numpy.broadcast_to(hard, (1, 2, 10, 100))
    together, apart = interval(outcomes(right, parallel=True), [1.0]), interval(outcomes(right), [1.0])
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_shared_examples_add_the_covariance_of_cells_that_differ_in_seed_and_language() -> None:
    generator = numpy.random.default_rng(0)
    hard = generator.random(80)
    right = generator.random((1, 3, 4, 80)) < hard  # [systems, seeds, languages, examples]
    cells = list(itertools.product(range(3), range(4)))
    apart = [
        numpy.cov(right[0][one], right[0][other])[0, 1] / 80
        for one, other in itertools.product(cells, cells)
        if one[0] != other[0] and one[1] != other[1]
    ]
    found = shared_variance([(outcomes(right, parallel=True), None)], [1.0], 3, 4)
    assert found == pytest.approx(numpy.mean(apart))
    assert shared_variance([(outcomes(right), None)], [1.0], 3, 4) == 0
    table = crossed_interval(right[0].mean(axis=2))
    assert interval(outcomes(right, parallel=True), [1.0]).error == pytest.approx(numpy.hypot(table.error, found**0.5))


def test_a_ratio_moves_with_its_examples_as_any_metric_does() -> None:
    """By its derivative, which is known, and by a small step: also where examples weigh unequally, or nothing."""
    generator = numpy.random.default_rng(3)
    below = generator.integers(0, 4, (2, 3, 4, 50)).astype(float)
    hard = generator.random((2, 1, 1, 50))
    part = numpy.stack([below * (0.8 * hard + 0.2 * generator.random(below.shape)), below], axis=-1)
    part[:, :, 0, :, :] = 0.0  # a language that says nothing
    by_derivative, by_step = (Outcomes((part,), value) for value in (ratio, lambda sums: ratio(sums)))
    for weights in ([1.0, 0.0], [1.0, -1.0]):
        found, expected = (shared_variance([(one, None)], weights, 3, 4) for one in (by_derivative, by_step))
        assert found == pytest.approx(expected, rel=1e-3) and found > 0


def test_two_tasks_share_no_examples() -> None:
    generator = numpy.random.default_rng(0)
    both = [outcomes(generator.random((1, 2, 3, 60)) < generator.random(60), parallel=True) for _ in range(2)]
    named = [replace(one, languages=(("de", "fr", "ru"),)) for one in both]
    half = dict.fromkeys(("de", "fr", "ru"), 0.5)
    together = shared_variance([(one, half) for one in named], [1.0], 2, 3)
    single = [shared_variance([(one, None)], [1.0], 2, 3) for one in both]
    assert together == pytest.approx(sum(single) / 4)


def test_one_model_in_one_language_has_agresti_and_coulls_interval() -> None:
    right = numpy.arange(40)[None, None, None] < 38
    found = interval(outcomes(right), [1.0])
    expected = proportion_confint(38, 40, method="agresti_coull")
    assert (found.low, found.high) == (pytest.approx(expected[0]), pytest.approx(min(expected[1], 1)))
    certain = interval(outcomes(numpy.ones((1, 1, 1, 20), dtype=bool)), [1.0])
    assert certain.low < certain.high == 1


def test_two_models_in_one_language_have_bonett_and_prices_interval() -> None:
    # Of 50 examples 12 are right with the first alone, 4 with the second alone: their formula, by hand.
    first, second = numpy.arange(50) < 32, (numpy.arange(50) >= 12) & (numpy.arange(50) < 36)
    found = interval(outcomes(numpy.stack([first, second])[:, None, None]), [1.0, -1.0])
    gained, lost = (12 + 1) / 52, (4 + 1) / 52
    half = stats.norm.ppf(0.975) * numpy.sqrt((gained + lost - (gained - lost) ** 2) / 52)
    assert found.value == pytest.approx(8 / 50)
    assert (found.low, found.high) == (pytest.approx(gained - lost - half), pytest.approx(gained - lost + half))


def test_two_models_that_answer_alike_may_still_differ_on_other_examples() -> None:
    same = numpy.broadcast_to(numpy.arange(50) < 40, (2, 1, 1, 50))
    found = interval(outcomes(same), [1.0, -1.0])
    assert found.low < -0.04 and found.value == 0 and found.high > 0.04


def test_one_model_by_degree_has_students_interval_of_its_examples() -> None:
    values = numpy.random.default_rng(0).beta(2, 1, 20)
    found = interval(Outcomes((as_mean(values[None, None, None]),)), [1.0])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(expected.low, abs=1e-3), pytest.approx(expected.high, abs=1e-3))


def test_an_interval_is_never_narrower_than_that_of_seeds_or_of_languages_alone() -> None:
    generator = numpy.random.default_rng(0)
    for _ in range(200):
        values = generator.normal(size=(2, 1)) * 0.01 + generator.normal(size=(1, 14)) * 0.05
        widest = crossed_interval(values)
        for one in (values.mean(axis=0, keepdims=True), values.mean(axis=1, keepdims=True)):
            alone = crossed_interval(one)
            assert widest.low <= alone.low + 1e-12 and widest.high >= alone.high - 1e-12


def test_an_interval_stays_within_what_fractions_can_be() -> None:
    values = numpy.array([[0.9, 0.1], [1.0, 0.2]])
    means, differences = crossed_interval(values, least=0.0), crossed_interval(values)
    assert (means.low, means.high) == (0, 1)
    assert (differences.low, differences.high) == (-1, 1)


def test_a_difference_above_zero_in_every_cell_may_still_be_none() -> None:
    right = numpy.zeros((2, 2, 2, 100), dtype=bool)
    right[0, :, 0, :50] = True
    right[0, :, 1, :1] = True
    found = interval(outcomes(right), [1.0, -1.0])
    assert found.low < 0 < found.value
    assert interval(outcomes(right[:1]), [1.0]).low == 0


def test_macro_f1_of_sums_is_that_of_the_metric(tmp_path: Path) -> None:
    generator = numpy.random.default_rng(0)
    for seed in (1, 2):
        correct = {("xnli", name): answers(0.6, 40, generator) for name in ("en", "de", "fr")}
        write_cell(tmp_path, seed=seed, correct=correct, metrics=("macro_f1",))
    (scores,) = task_scores(load_results(tmp_path))["xnli"]
    found = load_outcomes([scores], scores.seeds, scores.targets)
    assert found is not None
    numpy.testing.assert_allclose(found.measured()[0], scores.columns(scores.targets), rtol=1e-5)
    low_to_high = mean_interval(scores)
    assert low_to_high is not None
    assert low_to_high.low < low_to_high.value < low_to_high.high


def stored(path: Path, accuracies: dict[str, float], seeds: Sequence[int] = (1, 2, 3)) -> dict[str, TaskScores]:
    generator = numpy.random.default_rng(0)
    for method, accuracy in accuracies.items():
        for seed in seeds:
            correct = {("xnli", name): answers(accuracy, 200, generator) for name in ("en", "de", "fr", "ru", "zh")}
            write_cell(path, method, seed, correct)
    return {scores.label: scores for scores in task_scores(load_results(path))["xnli"]}


def test_intervals_of_stored_predictions(tmp_path: Path) -> None:
    systems = stored(tmp_path, {"fine-tune": 0.6, "soft": 0.75})
    mean = mean_interval(systems["soft"])
    assert mean is not None
    assert mean.value == pytest.approx(systems["soft"].columns(systems["soft"].targets).mean())
    assert (mean.seeds, mean.languages, mean.covers_seeds) == (3, 4, True)
    difference = difference_interval(systems["soft"], systems["fine-tune"])
    assert difference is not None
    assert 0.02 < difference.low < difference.value < difference.high < 0.25
    back = difference_interval(systems["fine-tune"], systems["soft"])
    assert back is not None
    assert (back.low, back.high) == pytest.approx((-difference.high, -difference.low), abs=0.02)


def test_differences_use_what_both_have(tmp_path: Path) -> None:
    systems = stored(tmp_path, {"fine-tune": 0.6}) | stored(tmp_path, {"soft": 0.7}, seeds=(2, 3, 4))
    found = difference_interval(systems["soft"], systems["fine-tune"])
    assert found is not None
    assert (found.seeds, found.languages) == (2, 4)


def test_runs_on_different_examples_have_no_interval(tmp_path: Path) -> None:
    write_cell(tmp_path, seed=1, correct={("xnli", "en"): [True], ("xnli", "de"): [True, False]})
    write_cell(tmp_path, seed=2, correct={("xnli", "en"): [True], ("xnli", "de"): [True, False, True]})
    (scores,) = task_scores(load_results(tmp_path))["xnli"]
    assert mean_interval(scores) is None


def test_a_metric_of_the_hub_has_no_interval(tmp_path: Path) -> None:
    (scores,) = stored(tmp_path, {"fine-tune": 0.6}).values()
    assert mean_interval(replace(scores, metric="hub:bleu")) is None


def test_the_usual_size_takes_under_a_second() -> None:
    right = numpy.random.default_rng(0).random((2, 3, 15, 300)) < 0.6
    start = time.process_time()
    interval(outcomes(right), [1.0, -1.0])
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("sizes", [[60, 20, 20], [2] * 30 + [1] * 40])
def test_patterns_are_drawn_as_often_as_their_examples(sizes: list[int]) -> None:
    drawn = drawn_counts(numpy.array(sizes), 4000, numpy.random.default_rng(0))
    assert (drawn.sum(axis=1) == 100).all()
    share = numpy.array(sizes) / 100
    numpy.testing.assert_allclose(drawn.mean(axis=0), 100 * share, atol=0.3)
    numpy.testing.assert_allclose(drawn.var(axis=0), 100 * share * (1 - share), rtol=0.15)


@pytest.mark.parametrize(("systems", "truth"), [(1, 0.6), (2, 0.0)])
def test_coverage(systems: int, truth: float) -> None:
    """95 % intervals hold the truth about as often as they say, with seeds, languages and examples all varying."""
    generator = numpy.random.default_rng(0)

    def simulated() -> Interval:
        by_seed = generator.normal(0, 0.03, (systems, 5, 1, 1))
        by_language = generator.normal(0, 0.06, (systems, 1, 14, 1))
        chance = 0.6 + by_seed + by_language + generator.normal(0, 0.02, (systems, 5, 14, 1))
        right = generator.random((systems, 5, 14, 100)) < chance
        return interval(outcomes(right, parallel=True), [1.0, -1.0][:systems])

    held = [found.low <= truth <= found.high for found in (simulated() for _ in range(200))]
    assert 0.9 <= numpy.mean(held) <= 0.995

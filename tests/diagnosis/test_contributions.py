"""What examples contribute to a metric: against its definition, and the intervals and tests that are made of it."""

from __future__ import annotations

import itertools

import numpy
import pytest

from tests.metrics.cases import gold_and_predictions
from xbench.diagnosis.contributions import contributions, exchanges
from xbench.diagnosis.resampling import graded_difference_interval, graded_interval, sign_flip_p, steps
from xbench.metrics import METRICS, Predictions, as_mean, ratio

NAMES = sorted(METRICS)


def counts(name: str, seed: int, size: int = 80) -> numpy.ndarray:
    """Of two seeds' predictions [2, examples, counts]."""
    metric = METRICS[name]
    gold, first = gold_and_predictions(metric.kinds[0], numpy.random.default_rng(seed), size)
    second = [one if place % 3 else None for place, one in enumerate(first)]
    labels = sorted({*gold, *(one for one in first if one)})
    return numpy.stack([metric.counts(Predictions(gold, one, labels)) for one in (first, second)]).astype(float)


@pytest.mark.parametrize("name", NAMES)
def test_their_mean_is_the_metric(name: str) -> None:
    metric, given = METRICS[name], counts(name, 0)
    expected = metric.value(given.sum(axis=1)).mean()
    assert contributions(given, metric.value).mean() == pytest.approx(expected, abs=1e-4)


def test_those_of_a_mean_are_the_values_and_those_of_a_ratio_its_first_order() -> None:
    values = numpy.random.default_rng(0).random((1, 50))
    numpy.testing.assert_allclose(contributions(as_mean(values), ratio), values[0], atol=1e-6)
    given = numpy.random.default_rng(1).integers(0, 5, (1, 50, 2)).astype(float)
    above, below = given[0].T
    value = above.sum() / below.sum()
    first_order = value + (above - value * below) / below.mean()
    numpy.testing.assert_allclose(contributions(given, ratio), first_order, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_exchanged_answers_only_turn_the_sign(name: str) -> None:
    metric, first, second = METRICS[name], counts(name, 0), counts(name, 0)[:, ::-1]
    one, other = (exchanges(*pair, metric.value) for pair in ((first, second), (second, first)))
    numpy.testing.assert_allclose(one, -other, atol=1e-9)
    swapped = numpy.arange(first.shape[1]) % 2 == 0
    mixed = [numpy.where(swapped[None, :, None], *pair) for pair in ((second, first), (first, second))]
    numpy.testing.assert_allclose(exchanges(*mixed, metric.value), numpy.where(swapped, -one, one), atol=1e-9)


@pytest.mark.parametrize("name", ["f1", "span_f1", "rougeL", "macro_f1"])
def test_their_sum_is_the_difference_of_two_systems(name: str) -> None:
    metric, first = METRICS[name], counts(name, 0, 400)[:1]
    second = first.copy()
    second[0, :20] = counts(name, 0, 400)[1, :20]
    difference = float((metric.value(first.sum(axis=1)) - metric.value(second.sum(axis=1)))[0])
    assert difference > 0
    assert exchanges(first, second, metric.value).mean() == pytest.approx(difference, rel=0.01)


def test_the_sign_flip_test_of_few_is_exact() -> None:
    differences = numpy.array([0.5, -0.25, 1.0, 0.75, 0.0, 0.05, -0.6, 0.3])
    seen = abs(differences.sum())
    flips = [abs(numpy.dot(signs, differences)) for signs in itertools.product((-1, 1), repeat=len(differences))]
    assert sign_flip_p(steps(differences)) == pytest.approx(numpy.mean(numpy.array(flips) >= seen - 1e-9))
    assert sign_flip_p(steps(-differences)) == sign_flip_p(steps(differences))
    assert sign_flip_p(steps(numpy.zeros(40))) == 1


def test_noise_is_reported_as_often_as_it_may() -> None:
    generator, found = numpy.random.default_rng(0), []
    for _ in range(400):
        gold = generator.poisson(1.2, 100)
        pair = []
        for _ in range(2):
            hits = generator.binomial(gold, 0.7)
            predicted = hits + generator.binomial(gold - hits, 0.7)
            pair.append(numpy.stack([2 * hits, gold + predicted], axis=-1)[None].astype(float))
        found.append(sign_flip_p(steps(exchanges(*pair, ratio))) <= 0.05)
    assert 0.02 <= numpy.mean(found) <= 0.08


@pytest.mark.parametrize(("good", "size"), [(0.6, 100), (0.98, 30)])
def test_intervals_hold_the_truth_as_often_as_they_say(good: float, size: int) -> None:
    generator = numpy.random.default_rng(0)

    def drawn(n: int) -> numpy.ndarray:
        return numpy.where(generator.random(n) < good, 1.0, generator.choice([0.0, 0.4, 0.8], n))

    truth = good + (1 - good) * 0.4
    intervals = [graded_interval(drawn(size)) for _ in range(300)]
    assert numpy.mean([low <= truth <= high for low, high in intervals]) >= 0.92
    pairs = [graded_difference_interval(drawn(size) - drawn(size)) for _ in range(300)]
    assert numpy.mean([low <= 0 <= high for low, high in pairs]) >= 0.92
    assert numpy.mean([high - low for low, high in intervals]) < 4.5 * (good * (1 - good) / size) ** 0.5 + 0.03


def test_examples_that_are_all_alike_still_have_an_interval() -> None:
    low, high = graded_interval(numpy.ones(40))
    assert 0.9 < low < 1 == high
    low, high = graded_difference_interval(numpy.zeros(40))
    assert -0.1 < low < 0 < high < 0.1

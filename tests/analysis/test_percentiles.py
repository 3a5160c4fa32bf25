"""Expanded percentiles: what they do to an interval of few examples."""

from __future__ import annotations

import numpy
import pytest

from xbench.analysis.significance.percentiles import percentile_interval


def test_of_many_examples_the_percentiles_are_the_plain_ones() -> None:
    drawn = numpy.random.default_rng(0).normal(size=20_000)
    assert percentile_interval(drawn, 100_000) == pytest.approx(tuple(numpy.quantile(drawn, [0.025, 0.975])), abs=0.002)


@pytest.mark.parametrize(("n", "least"), [(5, 0.90), (10, 0.93), (30, 0.94)])
def test_a_mean_of_few_is_covered_nearly_as_often_as_is_said(n: int, least: float) -> None:
    """By 4,000 samples of normal values; plain percentiles cover 84, 90 and 94 %."""
    generator = numpy.random.default_rng(n)
    weights = generator.multinomial(n, numpy.full(n, 1 / n), 1000) / n
    bounds = [percentile_interval(weights @ sample, n) for sample in generator.normal(size=(4000, n))]
    assert least <= numpy.mean([low <= 0 <= high for low, high in bounds]) <= 0.965


def test_one_example_has_its_own_draws() -> None:
    assert percentile_interval(numpy.array([0.5, 0.5]), 1) == (0.5, 0.5)

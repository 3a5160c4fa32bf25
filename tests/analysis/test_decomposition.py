"""The decomposition of a gap: adds up, says what it should in cases worked by hand, and finds what was planted."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.analysis.transfer.decomposition import TERMS, Decomposition, average, check_metric, decompose
from xbench.errors import RequestError


def examples(counts: list[int], rights: list[int], codes: list[int] | None = None) -> tuple[numpy.ndarray, ...]:
    """Outcomes and buckets of so many examples, of which so many are right."""
    codes = codes or list(range(len(counts)))
    outcomes = [[1.0] * right + [0.0] * (count - right) for count, right in zip(counts, rights, strict=True)]
    return numpy.concatenate(outcomes), numpy.repeat(codes, counts)


def total(one: Decomposition) -> float:
    return sum(part.total for part in one.buckets)


LANGUAGE = st.lists(st.tuples(st.floats(-5, 5), st.integers(-1, 5)), min_size=1, max_size=40)


@settings(max_examples=400, deadline=None)
@given(source=LANGUAGE, target=LANGUAGE)
def test_the_parts_add_up_to_the_gap(source: list[tuple[float, int]], target: list[tuple[float, int]]) -> None:
    arrays = [numpy.array(column) for pairs in (source, target) for column in zip(*pairs, strict=True)]
    found = decompose(*arrays)
    gap = arrays[0].mean() - arrays[2].mean()
    assert found.gap == pytest.approx(gap, abs=1e-12)
    assert total(found) == pytest.approx(gap, abs=1e-12)
    assert sum(found.term(name) for name in TERMS) == pytest.approx(gap, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(source=LANGUAGE, target=LANGUAGE, shift=st.floats(-3, 3), seed=st.integers(0, 99))
def test_order_of_examples_and_the_scores_zero_change_nothing(
    source: list[tuple[float, int]], target: list[tuple[float, int]], shift: float, seed: int
) -> None:
    """Nor does a swap of the two languages but for the signs."""
    s, b, t, c = [numpy.array(column) for pairs in (source, target) for column in zip(*pairs, strict=True)]
    found, order = decompose(s, b, t, c), numpy.random.default_rng(seed).permutation(len(s))
    shuffled, swapped = decompose(s[order], b[order], t, c), decompose(t, c, s, b)
    shifted = decompose(s + shift, b, t + shift, c)
    common = set(b) & set(c)
    for at, part in enumerate(found.buckets):
        for term in TERMS:
            value = getattr(part, term)
            assert getattr(shuffled.buckets[at], term) == pytest.approx(value, abs=1e-12)
            assert getattr(swapped.buckets[at], term) == pytest.approx(-value, abs=1e-12)
            if common:  # without a common bucket there is nothing to measure the others by
                assert getattr(shifted.buckets[at], term) == pytest.approx(value, abs=1e-11)


def test_a_case_worked_by_hand() -> None:
    """Weights .8 .2 and .5 .5, rates .9 .6 and .7 .4; m = (.84 + .55) / 2 = .695."""
    found = decompose(*examples([80, 20], [72, 12]), *examples([50, 50], [35, 20]))
    assert found.gap == pytest.approx(0.84 - 0.55)
    first, second = found.buckets
    assert first.mix == pytest.approx(0.3 * (0.8 - 0.695))
    assert second.mix == pytest.approx(-0.3 * (0.5 - 0.695))
    assert first.behaviour == pytest.approx(0.2 * 0.65)
    assert second.behaviour == pytest.approx(0.2 * 0.35)
    assert found.term("mix") == pytest.approx(0.09)
    assert found.term("behaviour") == pytest.approx(0.2)
    assert first.weights == pytest.approx((0.8, 0.5))
    assert second.rates == pytest.approx((0.6, 0.4))
    assert first.counts == (80, 50)


def test_kitagawas_two_components() -> None:
    """With every bucket filled by both, the sums over buckets are Kitagawa's composition and rate effects."""
    generator = numpy.random.default_rng(0)
    s, t = generator.random(300), generator.random(200)
    b, c = generator.choice(4, 300, p=[0.4, 0.3, 0.2, 0.1]), generator.choice(4, 200, p=[0.1, 0.2, 0.3, 0.4])
    p, q = (numpy.bincount(codes, minlength=4) / len(codes) for codes in (b, c))
    r, u = (numpy.bincount(codes, y, 4) / numpy.bincount(codes, minlength=4) for codes, y in ((b, s), (c, t)))
    found = decompose(s, b, t, c)
    assert found.term("mix") == pytest.approx(((p - q) * (r + u) / 2).sum(), abs=1e-12)
    assert found.term("behaviour") == pytest.approx(((r - u) * (p + q) / 2).sum(), abs=1e-12)
    assert found.term("unmatched") == 0


def test_same_behaviour_and_another_mix_is_all_mix() -> None:
    found = decompose(*examples([80, 20], [80, 0]), *examples([20, 80], [20, 0]))
    assert found.term("mix") == pytest.approx(0.6)
    assert found.term("behaviour") == pytest.approx(0, abs=1e-12)


def test_same_mix_and_one_bad_bucket_is_behaviour_in_that_bucket() -> None:
    found = decompose(*examples([50, 30, 20], [40, 24, 16]), *examples([50, 30, 20], [40, 24, 2]))
    assert found.term("mix") == pytest.approx(0, abs=1e-12)
    assert [part.behaviour for part in found.buckets] == pytest.approx([0, 0, 0.14])


def test_buckets_of_one_language_are_a_term_of_their_own() -> None:
    """The source alone has bucket 7, a tenth of its examples, all wrong; its others are right as the target's."""
    found = decompose(*examples([90, 10], [90, 0], [0, 7]), *examples([50], [50]))
    assert found.gap == pytest.approx(-0.1)
    assert (found.term("mix"), found.term("behaviour")) == (0, 0)
    lone = found.buckets[1]
    assert (lone.bucket, lone.unmatched) == (7, pytest.approx(-0.1))
    assert math.isnan(lone.rates[1])


def test_without_a_common_bucket_all_is_unmatched() -> None:
    found = decompose(*examples([10], [8], [0]), *examples([10], [5], [1]))
    assert found.term("unmatched") == pytest.approx(0.3)
    assert [part.unmatched for part in found.buckets] == pytest.approx([0.8, -0.5])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(LANGUAGE, LANGUAGE), min_size=1, max_size=4))
def test_averages_add_up_too(pairs: list[tuple[list[tuple[float, int]], list[tuple[float, int]]]]) -> None:
    each = [decompose(*(numpy.array(c) for one in pair for c in zip(*one, strict=True))) for pair in pairs]
    mean = average(each)
    assert mean.gap == pytest.approx(numpy.mean([one.gap for one in each]), abs=1e-12)
    assert total(mean) == pytest.approx(mean.gap, abs=1e-11)
    assert sum(part.weights[0] for part in mean.buckets) == pytest.approx(1)


def test_rates_of_an_average_are_of_those_that_fill_the_bucket() -> None:
    one = decompose(*examples([10], [5]), *examples([10], [4]))
    two = decompose(*examples([10], [7]), *examples([5, 5], [3, 1]))
    assert average([one, two]).buckets[1].rates == pytest.approx((math.nan, 0.2), nan_ok=True)
    assert average([one, two]).buckets[1].counts == (0, 2.5)


@pytest.mark.parametrize("metric", ["macro_f1", "hub:bleu", "span_f1"])
def test_other_metrics_are_refused_with_a_reason(metric: str) -> None:
    with pytest.raises(RequestError, match=f"{metric} is not known to be a mean over examples"):
        check_metric(metric)


def test_nothing_to_decompose_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 outcomes"):
        decompose(numpy.array([]), numpy.array([]), numpy.array([1.0]), numpy.array([0]))
    with pytest.raises(ValueError, match="2 outcomes and 1 buckets"):
        decompose(numpy.array([1.0, 0]), numpy.array([0]), numpy.array([1.0]), numpy.array([0]))

"""Cosines on arrays that can be worked out by hand."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.representations.similarity import Estimate, PairSimilarity, change, drawn_counts, pair_similarity, unit_rows


def test_rows_get_length_one_and_zeros_stay() -> None:
    rows = unit_rows(numpy.array([[3.0, 4.0], [0.0, 0.0], [0.0, -2.0]]))
    assert rows.tolist() == [[0.6, 0.8], [0.0, 0.0], [0.0, -1.0]]


def test_change_is_the_mean_cosine_of_each_text_with_itself() -> None:
    before = numpy.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [1.0, 0.0]])
    after = numpy.array([[5.0, 0.0], [3.0, 0.0], [-1.0, -1.0], [1.0, 1.0]])
    found = change(before, after)
    assert found.value == pytest.approx((1 + 0 - 1 + numpy.sqrt(0.5)) / 4, abs=1e-15)
    assert found.n == 4
    from scipy.stats import t

    cosines = [1, 0, -1, numpy.sqrt(0.5)]
    low, high = t.interval(0.95, 3, found.value, numpy.std(cosines, ddof=1) / 2)
    assert found.low == pytest.approx(max(low, -1)) and found.high == pytest.approx(min(high, 1))


def test_no_change_has_cosine_one_without_spread() -> None:
    vectors = numpy.random.default_rng(0).normal(size=(30, 8))
    found = change(vectors, 7 * vectors)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1), abs=1e-12)


def test_one_text_has_no_interval() -> None:
    found = change(numpy.ones((1, 2)), numpy.ones((1, 2)))
    assert found.value == pytest.approx(1)
    assert numpy.isnan(found.low) and numpy.isnan(found.high)


def test_pairs_and_others_of_three_texts_by_hand() -> None:
    source = numpy.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    target = numpy.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    # Cosines: row 1: 1 0 0; row 2: 0 1 1; row 3: 1 0 0.
    found = pair_similarity(source, target)
    assert found.pairs == pytest.approx(2 / 3)
    assert found.others == pytest.approx(2 / 6)
    assert found.difference.value == pytest.approx(1 / 3)
    assert found.relative == pytest.approx(1.0)


def test_relative_difference_is_the_papers() -> None:
    """Two entries of Tu et al.'s table 4, whose percentages are of rounded cosines."""
    nothing = Estimate(0, 0, 0, 0)
    assert PairSimilarity(0.904, 0.133, nothing).relative == pytest.approx(5.80, abs=0.005)
    assert PairSimilarity(0.973, 0.911, nothing).relative == pytest.approx(0.068, abs=0.001)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 1000))
def test_others_are_the_mean_of_the_whole_matrix_without_its_diagonal(n: int, hidden: int, seed: int) -> None:
    generator = numpy.random.default_rng(seed)
    source, target = generator.normal(size=(2, n, hidden))
    cosines = unit_rows(source) @ unit_rows(target).T
    found = pair_similarity(source, target, draws=10)
    assert found.pairs == pytest.approx(numpy.diagonal(cosines).mean(), abs=1e-12)
    assert found.others == pytest.approx(cosines[~numpy.eye(n, dtype=bool)].mean(), abs=1e-12)


def test_a_bootstrap_draw_is_the_statistic_of_its_texts_without_equal_ones() -> None:
    """The interval's ends, against the plain computation with the drawn texts written out."""
    generator = numpy.random.default_rng(3)
    source, target = generator.normal(size=(2, 9, 4))
    cosines = unit_rows(source) @ unit_rows(target).T
    values = []
    for counts in drawn_counts(9, 200, seed=5):
        drawn = numpy.repeat(numpy.arange(9), counts.astype(int))
        different = drawn[:, None] != drawn[None, :]
        block = cosines[numpy.ix_(drawn, drawn)]
        values.append(cosines[drawn, drawn].mean() - block[different].mean())
    low, high = numpy.quantile(values, [0.025, 0.975])
    found = pair_similarity(source, target, seed=5, draws=200).difference
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_unrelated_languages_have_no_difference_and_translations_have_one() -> None:
    generator = numpy.random.default_rng(1)
    source, other = generator.normal(size=(2, 200, 16))
    unrelated = pair_similarity(source, other).difference
    related = pair_similarity(source, source + other).difference
    assert unrelated.low < 0 < unrelated.high
    assert related.low > 0.5


def test_the_order_of_the_texts_does_not_matter() -> None:
    generator = numpy.random.default_rng(2)
    source, target = generator.normal(size=(2, 20, 4))
    order = generator.permutation(20)
    one, two = pair_similarity(source, target), pair_similarity(source[order], target[order])
    assert (one.pairs, one.others) == pytest.approx((two.pairs, two.others), abs=1e-14)


def test_a_single_pair_has_no_others() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        pair_similarity(numpy.ones((1, 2)), numpy.ones((1, 2)))


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Of a mean cosine over 50 texts whose true mean is known, in 300 repetitions."""
    generator = numpy.random.default_rng(4)
    covered = 0
    for _ in range(300):
        angles = generator.uniform(0, numpy.pi / 2, size=50)
        after = numpy.column_stack([numpy.cos(angles), numpy.sin(angles)])
        found = change(numpy.tile([1.0, 0.0], (50, 1)), after)
        covered += found.low <= 2 / numpy.pi <= found.high
    assert 0.90 <= covered / 300 <= 0.98

"""Buckets: a partition, equal values together, whatever the order of rows, as equal in size as can be."""

from __future__ import annotations

import itertools

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.diagnosis.buckets import BUCKET_NAMES, assign_buckets, bucket_edges, bucket_names

VALUES = st.lists(
    st.one_of(st.integers(-5, 5).map(float), st.floats(-1e9, 1e9), st.sampled_from([float("inf"), float("nan")])),
    max_size=60,
)


@given(VALUES, st.integers(1, 7))
def test_a_partition_that_never_splits_equal_values(values: list[float], count: int) -> None:
    array = numpy.array(values)
    edges = bucket_edges(array, count)
    buckets = assign_buckets(array, edges)
    here = array[~numpy.isnan(array)]
    assert (numpy.diff(edges) > 0).all()
    assert ((buckets == -1) == numpy.isnan(array)).all()
    filled = set(buckets[buckets >= 0])
    assert filled == set(range(min(count, len(set(here)))))
    for value in set(here):
        assert len(set(buckets[array == value])) == 1
    order = numpy.argsort(here, kind="stable")
    assert (numpy.diff(buckets[~numpy.isnan(array)][order]) >= 0).all()


@given(VALUES, st.integers(1, 7), st.randoms())
def test_the_order_of_rows_does_not_matter(values: list[float], count: int, random) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    edges = bucket_edges(numpy.array(values), count)
    assert numpy.array_equal(edges, bucket_edges(numpy.array(shuffled), count))


@given(VALUES, st.integers(1, 7))
def test_edges_are_found_again_from_the_values_in_their_buckets(values: list[float], count: int) -> None:
    array = numpy.array(values)
    edges = bucket_edges(array, count)
    buckets = assign_buckets(array, edges)
    assert [array[buckets == code].max() for code in range(len(edges))] == edges.tolist()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7), st.sampled_from(["normal", "rounded", "heavy", "skewed"]))
def test_more_values_than_every_choice_is_looked_at_for(seed: int, count: int, kind: str) -> None:
    """The same properties where edges are searched near quantiles; and no bucket far from its share."""
    generator = numpy.random.default_rng(seed)
    values = generator.normal(size=generator.integers(600, 3000))
    values = {
        "normal": values,
        "rounded": numpy.round(values, 3),
        "heavy": numpy.where(generator.random(len(values)) < 0.3, 0.0, values),
        "skewed": numpy.exp(2 * values),
    }[kind]
    distinct = len(numpy.unique(values))
    edges = bucket_edges(values, count)
    buckets = assign_buckets(values, edges)
    assert numpy.array_equal(edges, bucket_edges(generator.permutation(values), count))
    assert [values[buckets == code].max() for code in range(len(edges))] == edges.tolist()
    for value in generator.choice(values, 50):
        assert len(set(buckets[values == value])) == 1
    sizes = numpy.bincount(buckets, minlength=count)
    assert len(sizes) == count and sizes.sum() == len(values)
    if kind != "heavy" and distinct > 600:
        assert sizes.max() - sizes.min() <= max(2, 0.03 * len(values))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(2, 4))
def test_no_other_edges_are_fairer(values: list[int], count: int) -> None:
    array = numpy.array(values, dtype=float)
    distinct = sorted(set(values))
    count = min(count, len(distinct))

    def unfairness(edges: tuple[int, ...]) -> int:
        return sum(int(size) ** 2 for size in numpy.bincount(assign_buckets(array, numpy.array(edges, dtype=float))))

    best = min(unfairness(edges) for edges in itertools.combinations(distinct[:-1], count - 1))
    assert unfairness(tuple(bucket_edges(array, count))) == best


def test_many_distinct_values_split_into_quarters() -> None:
    values = numpy.random.default_rng(0).normal(size=20_001)
    sizes = numpy.bincount(assign_buckets(values, bucket_edges(values)))
    assert sorted(sizes) == [5000, 5000, 5000, 5001]


def test_many_distinct_values_beside_a_heavy_one() -> None:
    values = numpy.concatenate([numpy.zeros(40_000), numpy.random.default_rng(0).random(60_000) + 1])
    sizes = numpy.bincount(assign_buckets(values, bucket_edges(values)))
    assert sizes.tolist() == [40_000, 20_000, 20_000, 20_000]


def test_edges_are_the_largest_values_of_the_buckets_below() -> None:
    assert bucket_edges(numpy.array([3, 1, 2, 4, 4, 2, 1, 3.0])).tolist() == [1, 2, 3]
    assert assign_buckets(numpy.array([1, 1.5, 9, float("nan"), -7]), numpy.array([1.0, 2.0])).tolist() == [
        *(0, 1, 2),
        *(-1, 0),
    ]


@pytest.mark.parametrize("values", [[], [float("nan")], [7.0, 7.0]])
def test_too_few_values_make_one_bucket(values: list[float]) -> None:
    assert bucket_edges(numpy.array(values)).tolist() == []


def test_names() -> None:
    assert bucket_names(4) == BUCKET_NAMES == ("XS", "S", "L", "XL")
    assert bucket_names(3) == ("1", "2", "3")
    with pytest.raises(ValueError, match="no 0 buckets"):
        bucket_edges(numpy.ones(3), 0)

"""Buckets of examples by an attribute's value: XS, S, L, XL of PolyPrompt (Fu et al. 2022, section 5.2.1), or n.

An edge is the largest value of the bucket below it: a bucket holds the values above its lower edge, up to and with its
upper one. An edge is one of the values themselves, so that no rounding moves an example over it.
"""

from __future__ import annotations

import numpy

BUCKET_NAMES = ("XS", "S", "L", "XL")
FINEST = 512  # distinct values up to which every choice of edges is looked at


def bucket_names(count: int) -> tuple[str, ...]:
    """The names of `count` buckets, lowest first: XS S L XL of four, else 1, 2, ..."""
    return BUCKET_NAMES if count == len(BUCKET_NAMES) else tuple(str(number + 1) for number in range(count))


def bucket_edges(values: numpy.ndarray, count: int = 4) -> numpy.ndarray:
    """The inner edges of `count` buckets of values, strictly increasing; fewer where there are fewer distinct values.

    Buckets are as equal in size as can be (least sum of squared sizes) while equal values stay together: of all
    choices up to 512 distinct values; beyond, of edges near 512 quantiles, each then moved to where its two buckets
    are most equal. The order of values does not matter; NaN is ignored.

    Raises:
        ValueError: count is less than one.
    """
    if count < 1:
        raise ValueError(f"there are no {count} buckets")
    given = numpy.asarray(values, dtype=float)
    distinct, sizes = numpy.unique(given[~numpy.isnan(given)], return_counts=True)
    count = min(count, len(distinct))
    if count < 2:
        return numpy.empty(0)
    below = numpy.concatenate([[0], numpy.cumsum(sizes)])  # below[i]: values under the i-th distinct one
    cuts = numpy.arange(len(below))
    if len(distinct) > FINEST:
        cuts = _near_quantiles(below, FINEST // 2)
    chosen = cuts[_fairest(below[cuts], count)]
    if len(distinct) > FINEST:
        chosen = _settled(below, chosen)
    return distinct[chosen - 1]


def assign_buckets(values: numpy.ndarray, edges: numpy.ndarray) -> numpy.ndarray:
    """The bucket of each value, from 0; -1 for NaN."""
    given = numpy.asarray(values, dtype=float)
    return numpy.where(numpy.isnan(given), -1, numpy.searchsorted(edges, given, side="left"))


def _near_quantiles(below: numpy.ndarray, count: int) -> numpy.ndarray:
    """Places of cuts on both sides of `count` even quantiles: every value that many others equal has its two."""
    targets = numpy.arange(count + 1) * below[-1] / count
    after = numpy.searchsorted(below, targets).clip(0, len(below) - 1)
    return numpy.unique(numpy.concatenate([[0], after, (after - 1).clip(0), [len(below) - 1]]))


def _fairest(below: numpy.ndarray, count: int) -> numpy.ndarray:
    """Where to cut, as places in `below`, for the least sum of squared bucket sizes; by dynamic programming."""
    squares = (below[None, :] - below[:, None]) ** 2  # [from, to], of the bucket between two cuts
    never = numpy.iinfo(numpy.int64).max // 4
    squares = numpy.where(numpy.arange(len(below))[:, None] < numpy.arange(len(below)), squares, never)
    least, before = squares[0], []
    for _ in range(count - 1):
        total = numpy.minimum(least[:, None] + squares, never)
        before.append(total.argmin(axis=0))
        least = total.min(axis=0)
    cut, found = len(below) - 1, []
    for previous in reversed(before):
        cut = int(previous[cut])
        found.append(cut)
    return numpy.array(found[::-1])


def _settled(below: numpy.ndarray, chosen: numpy.ndarray) -> numpy.ndarray:
    """Each cut moved to the middle of its neighbours, until none moves."""
    cuts = numpy.concatenate([[0], chosen, [len(below) - 1]])
    for _ in range(100):
        before = cuts.copy()
        for place in range(1, len(cuts) - 1):
            low, high = cuts[place - 1], cuts[place + 1]
            middle = (below[low] + below[high]) / 2
            after = int(numpy.searchsorted(below, middle).clip(low + 1, high - 1))
            choices = [cut for cut in (after - 1, after) if low < cut < high]
            cuts[place] = min(choices, key=lambda cut: abs(below[cut] - middle))
        if numpy.array_equal(before, cuts):
            break
    return cuts[1:-1]

"""One system's metric per language and per bucket of each attribute, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy

from xbench.diagnosis.answers import Answers
from xbench.diagnosis.buckets import assign_buckets, bucket_edges, bucket_names
from xbench.diagnosis.contributions import contributions
from xbench.diagnosis.resampling import graded_interval, share_interval
from xbench.errors import RequestError, nearest

if TYPE_CHECKING:
    import pandas

LEAST_EXAMPLES = 30
"""A bucket of fewer examples is too small to say anything: no interval, no test, no gain or loss. At 30 examples a
95 % interval of a share is up to 35 points wide."""

ALL = "all"  # the bucket of all examples of a language
Edges = Literal["shared", "per-language"]
EDGES: tuple[Edges, ...] = ("per-language", "shared")

PERFORMANCE_COLUMNS = (
    "language",
    "attribute",
    "bucket",
    "smallest",
    "largest",
    "n",
    "value",
    "low",
    "high",
    "too_small",
)


@dataclass(frozen=True)
class Bucket:
    """Some examples of one language: their places, and the smallest and largest value of the attribute there."""

    language: str
    attribute: str
    name: str
    smallest: float
    largest: float
    places: numpy.ndarray

    @property
    def too_small(self) -> bool:
        """Whether it holds too few examples to say anything."""
        return len(self.places) < LEAST_EXAMPLES

    def row(self) -> dict[str, Any]:
        """What tables say of it."""
        return {
            "language": self.language,
            "attribute": self.attribute,
            "bucket": self.name,
            "smallest": self.smallest,
            "largest": self.largest,
            "n": len(self.places),
            "too_small": self.too_small,
        }


def all_edges(
    attributes: Mapping[str, pandas.DataFrame], count: int = 4, edges: str = "per-language"
) -> dict[tuple[str, str], numpy.ndarray]:
    """The inner edges of every (attribute, language); `attributes` maps a language to a frame of values.

    Per language, every language has its own quarters; shared, one attribute has the same edges everywhere, chosen from
    the values of all languages together. Raises RequestError for another word.
    """
    if edges not in EDGES:
        raise RequestError(f"edges are not '{edges}'.{nearest(edges, EDGES)}")
    if count < 1:
        raise RequestError(f"there are no {count} buckets; choose one or more.")
    if edges == "per-language":
        return {
            (str(name), language): bucket_edges(frame[name].to_numpy(dtype=float), count)
            for language, frame in attributes.items()
            for name in frame.columns
        }
    found: dict[tuple[str, str], numpy.ndarray] = {}
    for name in attribute_names(attributes):
        having = {language: frame for language, frame in attributes.items() if name in frame.columns}
        values = numpy.concatenate([frame[name].to_numpy(dtype=float) for frame in having.values()])
        common = bucket_edges(values, count)
        found |= {(name, language): common for language in having}
    return found


def attribute_names(attributes: Mapping[str, pandas.DataFrame]) -> tuple[str, ...]:
    """The attributes of any language, in the order they are met."""
    return tuple(dict.fromkeys(str(name) for frame in attributes.values() for name in frame.columns))


def buckets(
    attributes: Mapping[str, pandas.DataFrame], edges: Mapping[tuple[str, str], numpy.ndarray]
) -> Iterator[Bucket]:
    """Every bucket that holds an example, attribute by attribute, language by language, lowest values first."""
    for attribute in attribute_names(attributes):
        for language, frame in attributes.items():
            if attribute not in frame.columns:
                continue
            values = frame[attribute].to_numpy(dtype=float)
            inner = edges[attribute, language]
            codes = assign_buckets(values, inner)
            for code, name in enumerate(bucket_names(len(inner) + 1)):
                places = numpy.flatnonzero(codes == code)
                if len(places):
                    here = values[places]
                    yield Bucket(language, attribute, name, float(here.min()), float(here.max()), places)


def whole(answers: Answers) -> Bucket:
    """All examples of a language as one bucket."""
    return Bucket(answers.language, "", ALL, numpy.nan, numpy.nan, numpy.arange(len(answers)))


def bucket_performance(
    answers: Mapping[str, Answers],
    attributes: Mapping[str, pandas.DataFrame],
    edges: Mapping[tuple[str, str], numpy.ndarray],
) -> pandas.DataFrame:
    """The metric of every language (attribute "", bucket "all") and every bucket, with the columns PERFORMANCE_COLUMNS.

    Fractions, means over seeds; low and high are a 95 % bootstrap interval over examples, NaN in a bucket that is too
    small. A bucket with nothing to measure (F1 of entities where none is, neither gold nor predicted) is too small as
    well, and its value NaN. `attributes` has a row for each example of `answers`, in the same order.
    """
    import pandas

    every = [*map(whole, answers.values()), *buckets(attributes, edges)]
    rows = [{**bucket.row(), **_measured(answers[bucket.language], bucket.places)} for bucket in every]
    return pandas.DataFrame(rows, columns=list(PERFORMANCE_COLUMNS))


def by_seed(answers: Answers, places: numpy.ndarray) -> numpy.ndarray:
    """The metric of some examples [seeds]; NaN where there is nothing to measure."""
    if answers.metric.right_or_wrong:
        return answers.right[:, places].mean(axis=1)
    sums = answers.counts[:, places].sum(axis=1, dtype=float)  # [seeds, counts]
    return numpy.where(sums.any(axis=1), answers.metric.value(sums), numpy.nan)


def _measured(answers: Answers, places: numpy.ndarray) -> dict[str, Any]:
    """The metric of some examples, and its interval."""
    if answers.metric.right_or_wrong:
        return share_right(answers.right[:, places])
    value = float(by_seed(answers, places).mean())
    if numpy.isnan(value):
        return {"value": value, "low": numpy.nan, "high": numpy.nan, "too_small": True}
    if len(places) < LEAST_EXAMPLES:
        return {"value": value, "low": numpy.nan, "high": numpy.nan}
    low, high = graded_interval(contributions(answers.counts[:, places], answers.metric.value))
    return {"value": value, "low": min(low, value), "high": max(high, value)}


def share_right(right: numpy.ndarray) -> dict[str, float]:
    """The share of right answers [seeds, examples], and its interval."""
    seeds, n = right.shape
    counts = numpy.bincount(right.sum(axis=0), minlength=seeds + 1)
    value = float(counts @ numpy.arange(seeds + 1) / (n * seeds))
    if n < LEAST_EXAMPLES:
        return {"value": value, "low": numpy.nan, "high": numpy.nan}
    low, high = share_interval(counts)
    return {"value": value, "low": min(low, value), "high": max(high, value)}

"""What a metric is: numbers of each example, and the value of their sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy

from xbench.errors import DataError

Read = TypeVar("Read")


@dataclass(frozen=True)
class Predictions:
    """Gold answers of examples in one language beside what was predicted, as the texts of `xbench.answers`.

    A prediction of None is no answer, or none that the task knows: wrong, whatever the metric.
    """

    gold: Sequence[str]
    prediction: Sequence[str | None]
    labels: Sequence[str] = ()
    language: str = "en"

    def __post_init__(self) -> None:
        if not self.gold or len(self.gold) != len(self.prediction):
            raise DataError(
                f"{len(self.prediction)} predictions cannot be scored against {len(self.gold)} gold answers."
            )

    def read_gold(self, read: Callable[[str], Read], expected: str) -> list[Read]:
        """Each gold answer as `read` has it. Raises DataError for the first that is not what is expected."""
        found = []
        for number, text in enumerate(self.gold, 1):
            try:
                found.append(read(text))
            except (ValueError, KeyError, TypeError):
                raise DataError(f"Gold answer {number} is not {expected}: {text[:60]!r}.") from None
        return found


def ratio(sums: numpy.ndarray) -> numpy.ndarray:
    """Sums [..., 2] -> the first by the second [...]; 0 where the second is 0."""
    above, below = sums[..., 0].astype(float), sums[..., 1].astype(float)
    return numpy.divide(above, below, out=numpy.zeros_like(above), where=below > 0)


def full(counts: numpy.ndarray) -> numpy.ndarray:
    """Counts [..., 2] -> whether the first is all of the second [...]."""
    return counts[..., 0] >= counts[..., 1]


def as_mean(values: numpy.ndarray) -> numpy.ndarray:
    """Values of examples [...] as counts [..., 2] whose ratio is their mean."""
    values = numpy.asarray(values)
    return numpy.stack([values, numpy.ones_like(values)], axis=-1)


@dataclass(frozen=True)
class Metric:
    """A metric of a set of examples: counts of each example, and the value of their sums, in [0, 1].

    Whatever is made of examples follows from these: summing those of all gives the metric, those of a bucket the
    bucket's, those of drawn ones the drawn sample's. `counts` maps predictions to [examples, counts]; `value` maps sums
    [..., counts] to the metric [...], and is the same for sums that are all twice as large; `right` maps counts to
    whether an example is answered as well as it can be. Most are the ratio of two sums. Sums that are all 0 (no entity,
    neither gold nor predicted) have the value 0 and say nothing.

    `kinds` of tasks have such answers. `is_mean` says that the metric is the mean of the examples' own values,
    `right_or_wrong` that these are 0 or 1.
    """

    name: str
    kinds: tuple[str, ...]
    description: str
    counts: Callable[[Predictions], numpy.ndarray]
    value: Callable[[numpy.ndarray], numpy.ndarray] = field(default=ratio)
    right: Callable[[numpy.ndarray], numpy.ndarray] = field(default=full)
    is_mean: bool = False
    right_or_wrong: bool = False

    @classmethod
    def mean(
        cls,
        name: str,
        kinds: tuple[str, ...],
        description: str,
        values: Callable[[Predictions], numpy.ndarray],
        *,
        right_or_wrong: bool = False,
    ) -> Metric:
        """The mean over examples of values in [0, 1], which `values` gives for predictions [examples]."""
        return cls(
            name,
            kinds,
            description,
            lambda given: as_mean(values(given)),
            is_mean=True,
            right_or_wrong=right_or_wrong,
        )

    def of(self, predictions: Predictions) -> float:
        """The metric of these predictions. Raises DataError for a gold answer that is not of its kind."""
        return float(self.value(self.counts(predictions).sum(axis=0, dtype=float)))

    def __call__(
        self,
        gold: Sequence[str],
        prediction: Sequence[str | None],
        labels: Sequence[str] = (),
        language: str = "en",
    ) -> float:
        """The metric; raises DataError where there is nothing to score, or gold and predictions differ in number."""
        return self.of(Predictions(gold, prediction, labels, language))

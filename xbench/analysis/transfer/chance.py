"""Whether a system knows more than chance on the source: without that, a relative gap means nothing."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from xbench.analysis.systems import TaskScores

ONE_SIDED = 1.6449  # the 95 % point of the normal distribution


@dataclass(frozen=True)
class Chance:
    """What always answering the most frequent label scores on the source's test set, and what the system scores.

    `beaten`: the system scores so much more that an accuracy of `level` gives as much in fewer than 5 % of test sets
    of this size (one-sided, normal approximation of the binomial). Fractions.
    """

    level: float
    value: float
    n: int

    @property
    def beaten(self) -> bool:
        """Whether the system is above chance by more than the test set's own noise."""
        return self.value > self.level + ONE_SIDED * math.sqrt(self.level * (1 - self.level) / self.n)


def chance(scores: TaskScores) -> Chance | None:
    """Chance on the source, seeds averaged. None for a metric other than accuracy, and where the source is missing.

    Raises StoreError for a prediction file that is missing or damaged.
    """
    if scores.metric != "accuracy" or scores.source not in scores.languages or not scores.seeds:
        return None
    cell = scores.cells[scores.seeds[0], scores.source]
    gold = cell.store.prediction_columns(cell.record, scores.task, scores.source, columns=("gold",))["gold"]
    if len(gold) == 0:
        return None
    value = scores.columns([scores.source]).mean()
    return Chance(max(Counter(gold).values()) / len(gold), float(value), len(gold))

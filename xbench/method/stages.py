"""The stages of a cell: what is trained on what, and what is predicted from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xbench.method.budget import Budget


@dataclass(frozen=True)
class LabelledData:
    """Training examples of the request's training tasks in their training languages, sampled by its train size."""

    tasks: tuple[str, ...]


@dataclass(frozen=True)
class ParallelData:
    """Examples of a task's fields, each beside its translation into one of the task's other languages; no labels.

    The targets are all of the data's languages, not those evaluated, so that asking for fewer trains the same.
    Without a count, the pairs are the cell's own training sample and its translations in the task's training data.
    """

    task: str
    count: int | None


@dataclass(frozen=True)
class StreamPlan:
    """One stream of a training stage: where its rows come from, and the weight of its loss."""

    data: LabelledData | ParallelData
    weight: float = 1.0


@dataclass(frozen=True)
class Fit:
    """A training stage. `parts` names what of the settings decides it, so that stages alike are shared.

    `evaluate` says whether the dev set picks the checkpoint.
    """

    name: str
    streams: dict[str, StreamPlan]
    budget: Budget
    settings: dict[str, Any]
    seed: int
    parents: tuple[Fit, ...] = ()
    evaluate: bool = True


@dataclass(frozen=True)
class Predict:
    """A prediction stage: one task in one language, from trained stages."""

    task: str
    language: str
    parents: tuple[Fit, ...]


Stage = Fit | Predict


@dataclass(frozen=True)
class Request:
    """What a cell is asked for: train on `train_tasks` in `source`, predict `tasks` in `languages`."""

    train_tasks: tuple[str, ...]
    tasks: tuple[str, ...]
    source: str
    languages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int = 1

    def predictions(self, parents: Sequence[Fit]) -> list[Predict]:
        """One prediction stage for every task and language asked for."""
        return [Predict(task, language, tuple(parents)) for task in self.tasks for language in self.languages[task]]

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
class TextData:
    """Unlabelled text of the training task's `text:` source, its tokens hidden anew in every step; no labels.

    The last language is the one adapted to: `share` of its texts (but no more than `count`) are taken, and of every
    other language no more than that. `packed` joins texts up to `max_length` tokens; otherwise each is a row of its
    own, cut off there. `reserved` is room that the method needs besides, such as a prefix. `hidden` is the share of
    tokens that are asked for.
    """

    languages: tuple[str, ...]
    count: int | None = None
    share: float = 1.0
    max_length: int = 512
    reserved: int = 0
    packed: bool = False
    hidden: float = 0.15


@dataclass(frozen=True)
class StreamPlan:
    """One stream of a training stage: where its rows come from, and the weight of its loss."""

    data: LabelledData | ParallelData | TextData
    weight: float = 1.0


@dataclass(frozen=True)
class Fit:
    """A training stage. `settings` holds what of the method's settings decides it, so that stages alike are shared.

    Its model starts from what its `parents` trained. `evaluate` says whether the dev set picks the checkpoint.
    """

    name: str
    streams: dict[str, StreamPlan]
    budget: Budget
    settings: dict[str, Any]
    seed: int
    parents: tuple[Fit, ...] = ()
    evaluate: bool = True

    @property
    def is_labelled(self) -> bool:
        """Whether a task's examples take part, and not unlabelled text alone."""
        return not all(isinstance(stream.data, TextData) for stream in self.streams.values())


@dataclass(frozen=True)
class Predict:
    """A prediction stage: one task in one language, from trained stages, the last of which put the model together."""

    task: str
    language: str
    parents: tuple[Fit, ...]


Stage = Fit | Predict


@dataclass(frozen=True)
class Request:
    """What a cell is asked for: train on `train_tasks` in `source`, predict `tasks` in `languages`.

    `target` is the language that a method which trains once per target language adapts to; None: to none.
    """

    train_tasks: tuple[str, ...]
    tasks: tuple[str, ...]
    source: str
    languages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int = 1
    target: str | None = None

    def predictions(self, parents: Sequence[Fit]) -> list[Predict]:
        """One prediction stage for every task and language asked for."""
        return [Predict(task, language, tuple(parents)) for task in self.tasks for language in self.languages[task]]

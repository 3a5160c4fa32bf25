"""Encoded examples and the batches made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Row:
    """One encoded example, or one of the windows of an example that is too long for one row.

    `index` is its example's place in the examples it came from and travels with it to its prediction. `values` holds
    lists of integers (padded when batched) and single integers. `length` is the number of tokens, for sorting and
    budgets; `count` is what the row adds to its loss's denominator (1, or the number of target tokens). `origin` is
    what else decoding needs of the example, such as the text that an answer is cut from.
    """

    index: int
    values: Mapping[str, int | Sequence[int]]
    length: int
    count: int = 1
    origin: object = None


@dataclass(frozen=True)
class Batch:
    """Tensors of some rows, padded to the longest of them.

    `tensors` maps names to tensors whose first dimension is the batch. `count` is the sum of the rows' counts.
    `stream` names the training stream the rows came from. `context` holds what all rows share, such as label words,
    `origins` what each row brings to its decoding.
    """

    indices: tuple[int, ...]
    tensors: Mapping[str, Tensor]
    count: int
    tokens: int
    stream: str = "train"
    context: Mapping[str, object] = field(default_factory=dict)
    origins: tuple[object, ...] = ()

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name]

    def __len__(self) -> int:
        return len(self.indices)

    def by_example(self) -> dict[int, list[int]]:
        """Example index -> its rows' places in this batch, in the order in which examples first appear."""
        places: dict[int, list[int]] = {}
        for place, index in enumerate(self.indices):
            places.setdefault(index, []).append(place)
        return places

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        context = {name: value.to(device) if hasattr(value, "to") else value for name, value in self.context.items()}
        return replace(self, tensors={name: t.to(device) for name, t in self.tensors.items()}, context=context)


def collate(
    rows: Sequence[Row],
    padding: Mapping[str, int],
    *,
    stream: str = "train",
    context: Mapping[str, object] | None = None,
) -> Batch:
    """Pads every list to the longest of the batch with `padding[name]`; single integers become a vector."""
    tensors: dict[str, Tensor] = {}
    for name, first in rows[0].values.items():
        if isinstance(first, int):
            tensors[name] = torch.tensor([row.values[name] for row in rows])  # [batch]
            continue
        lists = [torch.tensor(row.values[name], dtype=torch.long) for row in rows]
        tensors[name] = torch.nn.utils.rnn.pad_sequence(lists, batch_first=True, padding_value=padding[name])  # [b, l]
    return Batch(
        indices=tuple(row.index for row in rows),
        tensors=tensors,
        count=sum(row.count for row in rows),
        tokens=sum(row.length for row in rows),
        stream=stream,
        context=context or {},
        origins=tuple(row.origin for row in rows),
    )


@dataclass(frozen=True)
class Stream:
    """Rows of one kind that a stage trains on, with the weight of their loss.

    The step's loss is the sum over streams of `weight` times (sum of the stream's losses / sum of its counts). `draw`
    gives a row as a step sees it, where that changes: from the row, the stream's name, the seed and the step alone.
    """

    name: str
    rows: Sequence[Row]
    batch: Callable[[Sequence[Row]], Batch]
    weight: float = 1.0
    draw: Callable[[Row, str, int, int], Row] | None = None


def token_budget_batches(rows: Sequence[Row], tokens: int, *, even: bool = True) -> list[list[Row]]:
    """Rows sorted by length, longest first, in batches of at most `tokens` padded tokens (at least one example each).

    All rows of one example are in one batch, in their order, so that decoding can put them together. A batch of `even`
    ones also ends where an example would be padded by more than an eighth (or four tokens, for short ones).
    """
    batches: list[list[Row]] = []
    longest = 0
    for example in _by_length(rows):
        length = max(row.length for row in example)
        fits = bool(batches) and (len(batches[-1]) + len(example)) * longest <= tokens
        if fits and (not even or longest - length <= max(4, longest // 8)):
            batches[-1] += example
        else:
            batches.append(list(example))
            longest = length
    return batches


def _by_length(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each example, the example with the longest row first."""
    examples: dict[int, list[Row]] = {}
    for row in rows:
        examples.setdefault(row.index, []).append(row)
    return sorted(examples.values(), key=lambda example: (-max(row.length for row in example), example[0].index))

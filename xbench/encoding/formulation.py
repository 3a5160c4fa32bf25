"""How a task kind is put to a model: encoding, batches and decoding, so that no method branches on kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from xbench.data.examples import MIXED, Examples
from xbench.data.parallel import ParallelExamples
from xbench.encoding.rows import Batch, Row, collate
from xbench.encoding.tokens import Shortening
from xbench.spec.task import TaskSpec

Role = Literal["encoder", "masked-lm", "text2text"]


@dataclass(frozen=True)
class EncodingOptions:
    """What a method chooses about the text a model sees.

    `template_language`: `source` uses the source language's template and label words for every language, `target`
    the evaluated language's own. `max_length` counts every token, soft prompt included; `reserved` is room that a
    method needs besides, such as a prefix. `soft_length` and `soft_position` replace what the template says.
    `target_length` counts the tokens of a text-to-text answer, and `decoding` says whether a text that is no label's
    answer is none, or the nearest label; `stride` the context tokens that neighbouring windows of
    a question's context share, and `answer_length` those that an answer cut from it may have.
    """

    template: str | None = None
    template_language: Literal["source", "target"] = "source"
    max_length: int = 512
    reserved: int = 0
    target_length: int = 64
    decoding: Literal["exact", "nearest"] = "exact"
    soft_length: int | None = None
    soft_position: Literal["prefix", "midfix", "suffix", "endfix"] | None = None
    stride: int = 128
    answer_length: int = 30


@dataclass(frozen=True)
class Outputs:
    """What a formulation asks of a head on an encoder's states.

    `size` scores for the `text`, for each `token`, or as a `span`: for each of `size` boundaries a score of every
    position.
    """

    of: Literal["text", "token", "span"]
    size: int


@dataclass(frozen=True)
class Encoded:
    """Rows of some examples, with what was shortened or empty."""

    rows: list[Row]
    report: Shortening


@dataclass(frozen=True)
class Decoded:
    """Predictions of one batch's examples, by their indices: labels (None: an answer outside the label set), tags or
    texts, and for classification scores per label."""

    indices: tuple[int, ...]
    predictions: list[str | None]
    scores: dict[str, list[float]]


IGNORED = -100
"""Labels and target ids that carry no loss."""

KEPT_ROWS = 50_000
"""Encoded rows that a process keeps, over all examples, templates and tokenizers."""

_ENCODED: dict[tuple[object, ...], Encoded] = {}


class Formulation(ABC):
    """One task put to one tokenizer under a method's encoding options."""

    role: ClassVar[Role]
    generates: ClassVar[bool] = False
    """Whether answers are written token by token."""

    def __init__(
        self, task: TaskSpec, tokenizer: PreTrainedTokenizerBase, options: EncodingOptions, source: str
    ) -> None:
        self.task, self.tokenizer, self.options, self.source = task, tokenizer, options, source

    def encode(self, examples: Examples) -> Encoded:
        """Rows for every example of one language, in order; made once a process and shared by methods and seeds.

        Raises:
            RequestError: template or label words do not fit the tokenizer or the length limit.
        """
        what = (type(self), self.tokenizer, self.options, self._text_identity, examples.content_hash)
        if what not in _ENCODED:
            encoded = self._encode(examples)
            while _ENCODED and sum(len(kept.rows) for kept in _ENCODED.values()) + len(encoded.rows) > KEPT_ROWS:
                del _ENCODED[next(iter(_ENCODED))]
            _ENCODED[what] = encoded
        return _ENCODED[what]

    @abstractmethod
    def _encode(self, examples: Examples) -> Encoded:
        """What `encode` gives, made anew."""

    @cached_property
    def _text_identity(self) -> str:
        return repr((self.source, self.task.name, self.task.fields, self.describe()))

    @abstractmethod
    def describe(self) -> dict[str, object]:
        """What of the task decides this formulation's text, for stage ids."""

    @property
    @abstractmethod
    def padding(self) -> dict[str, int]:
        """The padding value of every list in the rows."""

    def context(self, language: str) -> dict[str, object]:
        """What all rows of a language share."""
        return {"language": language, "task": self.task.name}

    def batch(self, rows: Sequence[Row], language: str, stream: str = "train") -> Batch:
        """A padded batch of rows of one language."""
        return collate(rows, self.padding, stream=stream, context=self.context(language))

    def training_rows(self, examples: Examples) -> list[Row]:
        """Rows to train on; those of `encode`, but for methods that see a training example in another way."""
        return self.encode(examples).rows

    def training_batch(self, rows: Sequence[Row], language: str, stream: str = "train") -> Batch:
        """A padded batch of training rows of one language."""
        return self.batch(rows, language, stream)

    def mixed_batch(self, rows: Sequence[Row], stream: str = "train") -> Batch:
        """A padded batch of training rows of several languages or tasks."""
        return collate(rows, self.padding, stream=stream, context=self.context(MIXED))

    def encode_pairs(self, pairs: ParallelExamples) -> list[Row]:
        """Rows that hold an example and its translation under the names `source_…` and `target_…`."""
        sides = {"source": self.encode(pairs.source).rows, "target": self.encode(pairs.target).rows}
        return [paired_row(*rows) for rows in zip(sides["source"], sides["target"], strict=True)]

    def batch_pairs(self, rows: Sequence[Row], stream: str) -> Batch:
        """A padded batch of rows made by `encode_pairs`."""
        padding = {f"{side}_{name}": value for side in ("source", "target") for name, value in self.padding.items()}
        return collate(rows, padding, stream=stream, context=self.context(self.source))

    @abstractmethod
    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """Predictions from a model's output for a batch."""

    def template_language(self, language: str) -> str:
        """The language whose template and label words serve examples of `language`."""
        return self.source if self.options.template_language == "source" or language == MIXED else language

    def gold_number(self, examples: Examples, number: int) -> int:
        """The place of an example's gold label in the label set, or -1 where it has none."""
        gold = examples.gold[number] if examples.gold else ""
        return self.task.labels.index(gold) if gold in self.task.labels else -1


class HeadFormulation(Formulation):
    """A formulation for an encoder under a linear head. Its rows hold as `label` what the head should score highest."""

    role: ClassVar[Role] = "encoder"

    @property
    @abstractmethod
    def outputs(self) -> Outputs:
        """What the head has to score."""

    @property
    def padding(self) -> dict[str, int]:
        """Padding values of the rows' lists."""
        return {"input_ids": self.tokenizer.pad_token_id or 0, "attention_mask": 0, "token_type_ids": 0}

    def inputs(self, ids: Sequence[int], parts: Sequence[int]) -> dict[str, int | Sequence[int]]:
        """A row's input_ids and attention_mask, and token_type_ids where the backbone knows them."""
        values: dict[str, int | Sequence[int]] = {"input_ids": ids, "attention_mask": [1] * len(ids)}
        if "token_type_ids" in self.tokenizer.model_input_names:
            values["token_type_ids"] = parts
        return values


def paired_row(source: Row, target: Row) -> Row:
    """One row that holds two, under the names `source_…` and `target_…`."""
    values = {
        f"{side}_{name}": value
        for side, row in (("source", source), ("target", target))
        for name, value in row.values.items()
    }
    return Row(source.index, values, source.length + target.length)


def pair_side(batch: Batch, side: str) -> Batch:
    """The `source` or `target` half of a batch of pairs, as a batch of its own."""
    start = f"{side}_"
    tensors = {name.removeprefix(start): tensor for name, tensor in batch.tensors.items() if name.startswith(start)}
    return Batch(batch.indices, tensors, batch.count, batch.tokens, batch.stream, batch.context)


def decode_scores(scores: Tensor, labels: Sequence[str], batch: Batch) -> Decoded:
    """The best label of each row of `scores` [batch, labels], and the softmax over the labels."""
    probabilities = torch.softmax(scores.double(), dim=-1).cpu()  # [batch, labels]
    best = probabilities.argmax(-1).tolist()
    return Decoded(
        indices=batch.indices,
        predictions=[labels[place] for place in best],
        scores={label: probabilities[:, number].tolist() for number, label in enumerate(labels)},
    )

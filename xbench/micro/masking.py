"""Batches for pretraining: masked words for the one backbone, corrupted spans for the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

import numpy
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from xbench.micro.corpus import Document
from xbench.micro.tokenizers import SENTINELS

# How often a document's label word is hidden, and any other token. Where the label word
# is hidden, fewer others are: what it follows from should be there to see.
LABEL_HIDDEN = 0.85
TOKEN_HIDDEN = 0.18
TOKEN_HIDDEN_BESIDE_LABEL = 0.06
# How often span corruption asks for a document's label word alone, and takes the bare word as the answer, as tasks do.
WORD_ALONE = 0.4


@dataclass(frozen=True)
class Encoded:
    """Token ids of a document and where its label word's token is; -1 if it has none."""

    ids: list[int]
    label: int


@dataclass(frozen=True)
class Batch:
    """Inputs with their mask, and targets; -100 is no target.

    Shapes: [batch, length] each; targets of span corruption have a length of their own.
    """

    input_ids: Tensor
    attention_mask: Tensor
    targets: Tensor


def encoded(documents: Iterator[Document], tokenizer: PreTrainedTokenizerFast, count: int) -> list[Encoded]:
    """The next `count` documents as token ids."""
    chunk = list(islice(documents, count))
    encodings = tokenizer.backend_tokenizer.encode_batch([document.text for document in chunk])
    return [
        Encoded(encoding.ids, _label_token(encoding.offsets, document))
        for encoding, document in zip(encodings, chunk, strict=True)
    ]


def by_length(items: list[Encoded], batch_size: int, random: Random) -> Iterator[list[Encoded]]:
    """Batches of documents of nearly the same length, in random order."""
    ordered = sorted(items, key=lambda item: (len(item.ids), random.random()))
    batches = [ordered[start : start + batch_size] for start in range(0, len(ordered), batch_size)]
    random.shuffle(batches)
    yield from batches


def masked_batch(items: list[Encoded], tokenizer: PreTrainedTokenizerFast, random: numpy.random.Generator) -> Batch:
    """Hides tokens as BERT does: 80 % by the mask, 10 % by any token, 10 % left as they are."""
    input_ids, attention_mask = _padded([item.ids for item in items], tokenizer.pad_token_id)  # [batch, length]
    asked = numpy.array([item.label >= 0 and random.random() < LABEL_HIDDEN for item in items])  # [batch]
    rate = numpy.where(asked, TOKEN_HIDDEN_BESIDE_LABEL, TOKEN_HIDDEN)  # [batch]
    hidden = random.random(input_ids.shape) < rate[:, None]  # [batch, length]
    hidden &= ~numpy.isin(input_ids, tokenizer.all_special_ids)
    draw = random.random(input_ids.shape)  # [batch, length]
    for row, item in enumerate(items):
        if item.label >= 0:
            hidden[row, item.label] = asked[row]
            draw[row, item.label] = 0.0
    targets = numpy.where(hidden, input_ids, -100)
    words = random.integers(4, tokenizer.mask_token_id, input_ids.shape)  # all pieces stand before the mask
    input_ids = numpy.where(hidden & (draw < 0.8), tokenizer.mask_token_id, input_ids)
    input_ids = numpy.where(hidden & (draw > 0.9), words, input_ids)
    return Batch(torch.from_numpy(input_ids), torch.from_numpy(attention_mask), torch.from_numpy(targets))


def span_batch(items: list[Encoded], tokenizer: PreTrainedTokenizerFast, random: numpy.random.Generator) -> Batch:
    """Replaces spans by sentinels, T5's objective; targets are the sentinels with their spans."""
    ids = tokenizer.get_vocab()
    sentinels = [ids[f"<extra_id_{number}>"] for number in range(SENTINELS)]
    pairs = [_corrupted(item, sentinels, tokenizer.eos_token_id, random) for item in items]
    input_ids, attention_mask = _padded([source for source, _ in pairs], tokenizer.pad_token_id)
    targets, _ = _padded([target for _, target in pairs], -100)
    return Batch(torch.from_numpy(input_ids), torch.from_numpy(attention_mask), torch.from_numpy(targets))


def _corrupted(
    item: Encoded, sentinels: list[int], end: int, random: numpy.random.Generator
) -> tuple[list[int], list[int]]:
    """Source and target ids of one document; the label word is a span of its own, or all that is asked for."""
    words = len(item.ids) - 1
    if item.label >= 0 and random.random() < WORD_ALONE:
        source = [sentinels[0] if place == item.label else token for place, token in enumerate(item.ids[:-1])]
        return [*source, end], [item.ids[item.label], end]
    hidden = numpy.zeros(words, dtype=bool)
    if item.label >= 0 and random.random() < LABEL_HIDDEN:
        hidden[item.label] = True
    for _ in range(int(random.integers(1, 3)) if hidden.any() else int(random.integers(2, 5))):
        start, length = int(random.integers(0, words)), int(random.integers(1, 4))
        if not hidden[max(0, start - 1) : start + length + 1].any():
            hidden[start : start + length] = True
    source, target, spans = [], [], 0
    for position, token in enumerate(item.ids[:-1]):
        if hidden[position]:
            if position == 0 or not hidden[position - 1]:
                source.append(sentinels[spans])
                target.append(sentinels[spans])
                spans += 1
            target.append(token)
        else:
            source.append(token)
    return [*source, end], [*target, end]


def _label_token(offsets: list[tuple[int, int]], document: Document) -> int:
    if document.end == 0:
        return -1
    return next(index for index, (start, end) in enumerate(offsets) if end == document.end and start < end)


def _padded(rows: list[list[int]], value: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    length = max(map(len, rows))
    ids = numpy.full((len(rows), length), value, dtype=numpy.int64)
    mask = numpy.zeros((len(rows), length), dtype=numpy.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask

"""Label words as token ids, and how the pieces of a word and the words of a label become one score."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from xbench.errors import RequestError
from xbench.spec.task import Verbalizer


@dataclass(frozen=True)
class LabelWords:
    """Token ids of every label's words.

    `ids` [labels, words, pieces] is padded with -1. `aggregate` says how the words of a label become one score:
    their maximum, their mean, or the logarithm of their summed probabilities (`sum`). Pieces of a word are averaged.
    """

    labels: tuple[str, ...]
    ids: Tensor
    aggregate: str

    def to(self, device: torch.device) -> LabelWords:
        """The same label words on another device."""
        return replace(self, ids=self.ids.to(device))

    @property
    def rows(self) -> Tensor:
        """The rows of the output matrix that are needed. # [rows]"""
        return torch.unique(self.ids[self.ids >= 0])

    def label_scores(self, scores: Tensor, rows: Tensor) -> Tensor:
        """Scores of the labels from scores of `rows` (sorted token ids).

        Takes [batch, rows], gives [batch, labels].
        """
        place = torch.searchsorted(rows, self.ids.clamp(min=0))  # [labels, words, pieces]
        present = self.ids >= 0
        pieces = scores[:, place.clamp(max=len(rows) - 1)] * present  # [batch, labels, words, pieces]
        words = pieces.sum(-1) / present.sum(-1).clamp(min=1)  # [batch, labels, words]
        exists = present.any(-1)  # [labels, words]
        if self.aggregate == "mean":
            return (words * exists).sum(-1) / exists.sum(-1)
        words = words.masked_fill(~exists, float("-inf"))
        return words.amax(-1) if self.aggregate == "max" else words.logsumexp(-1)


def label_words(verbalizer: Verbalizer, tokenizer: PreTrainedTokenizerBase, where: str) -> LabelWords:
    """A verbalizer's words in a tokenizer, under the verbalizer's declared policy for words of several pieces.

    Raises:
        RequestError: a word splits and the policy is `error`, a word has an unknown piece, or two labels are alike in
            the pieces that are compared.
    """
    words = {
        label: [_pieces(word, label, verbalizer, tokenizer, where) for word in entries]
        for label, entries in verbalizer.words.items()
    }
    _refuse_alike(words, verbalizer, where)
    most_words = max(len(entries) for entries in words.values())
    most_pieces = max(len(pieces) for entries in words.values() for pieces in entries)
    ids = torch.full((len(words), most_words, most_pieces), -1, dtype=torch.long)
    for row, entries in enumerate(words.values()):
        for column, pieces in enumerate(entries):
            ids[row, column, : len(pieces)] = torch.tensor(pieces)
    return LabelWords(tuple(words), ids, verbalizer.aggregate)


def word_pieces(word: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Token ids of a word as it stands after a space."""
    ids = list(tokenizer(" " + word, add_special_tokens=False)["input_ids"])
    # A lone word-boundary piece carries nothing of the word, so that all labels would look alike.
    if len(ids) > 1 and str(tokenizer.decode(ids[:1])).strip() == "":
        ids = ids[1:]
    return ids


def _pieces(word: str, label: str, verbalizer: Verbalizer, tokenizer: PreTrainedTokenizerBase, where: str) -> list[int]:
    ids = word_pieces(word, tokenizer)
    shown = " ".join(tokenizer.convert_ids_to_tokens(ids))
    if tokenizer.unk_token_id in ids or not ids:
        raise RequestError(
            f"{where}: the label word '{word}' of '{label}' has a piece unknown to the tokenizer: {shown}."
        )
    if len(ids) > 1 and verbalizer.pieces == "error":
        raise RequestError(
            f"{where}: the label word '{word}' of '{label}' splits into {len(ids)} pieces ({shown}). "
            "Use a word of one piece, or say `pieces: first-piece` or `pieces: mean` in the verbalizer."
        )
    return ids[:1] if verbalizer.pieces == "first-piece" else ids


def _refuse_alike(words: dict[str, list[list[int]]], verbalizer: Verbalizer, where: str) -> None:
    owner: dict[tuple[int, ...], str] = {}
    for label, entries in words.items():
        for pieces in entries:
            other = owner.setdefault(tuple(pieces), label)
            if other != label:
                raise RequestError(
                    f"{where}: labels '{other}' and '{label}' ({verbalizer.language}) have label words alike in the "
                    f"compared pieces (pieces: {verbalizer.pieces}). Choose words that differ."
                )

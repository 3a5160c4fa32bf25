"""How a tokenizer cuts the text of one language, and how much of it another language's text has too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

WORD_START = "▁"


@dataclass(frozen=True)
class SubwordOverlap:
    """Fractions of one language's text, special tokens aside.

    `pieces` is the share of its distinct pieces longer than one character that the other text has too, `tokens` the
    share of its tokens that are such pieces. `single` is the share of its tokens that are single characters (or less),
    and `per_word` how many tokens a word between spaces has.
    """

    pieces: float
    tokens: float
    single: float
    per_word: float


def subword_overlap(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], others: Sequence[str]) -> SubwordOverlap:
    """The pieces of `texts` that `others` have too. A piece is itself with or without a space before it."""
    own, other = _pieces(tokenizer, texts), _pieces(tokenizer, others)
    longer = {piece for piece in own if len(piece) > 1}
    shared = longer & other.keys()
    total = sum(own.values())
    return SubwordOverlap(
        pieces=len(shared) / max(len(longer), 1),
        tokens=sum(own[piece] for piece in shared) / max(total, 1),
        single=sum(count for piece, count in own.items() if len(piece) <= 1) / max(total, 1),
        per_word=total / max(sum(len(text.split()) for text in texts), 1),
    )


def _pieces(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for ids in tokenizer(list(texts), add_special_tokens=False)["input_ids"]:
        found.update(piece.strip(WORD_START) for piece in tokenizer.convert_ids_to_tokens(ids))
    return found

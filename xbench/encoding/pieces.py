"""Plain texts as token ids, each with the characters of the text that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from transformers import PreTrainedTokenizerBase

from xbench.encoding.tokens import is_plain, require_offsets, special_tokens, spelled


@dataclass(frozen=True, slots=True)
class Piece:
    """A token and the characters it stands for, `text[start:end]`, without space around them.

    A piece of nothing but space has `start == end`, where the text after the space begins.
    """

    id: int
    start: int
    end: int


def text_pieces(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> list[list[Piece]]:
    """The pieces of each text, as running text has them; text that looks like a special token is only text.

    Raises:
        BackboneError: the tokenizer gives no offsets.
    """
    require_offsets(tokenizer)
    distinct = list(dict.fromkeys(texts))  # several questions may be about one context
    if not distinct:
        return []
    encoded = tokenizer(
        distinct,
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,  # long texts are no mistake: they are seen in windows
    )
    pieces_of = {
        text: _each_character_once(
            [piece for id, place in zip(ids, places, strict=True) for piece in _pieces(id, place, text, tokenizer)]
        )
        for text, ids, places in zip(distinct, encoded["input_ids"], encoded["offset_mapping"], strict=True)
    }
    return [pieces_of[text] for text in texts]


def _each_character_once(pieces: list[Piece]) -> list[Piece]:
    """Of pieces that begin at one character the last one stands for it.

    The others are the space that many tokenizers put before a word, which they say stands for the word's first
    character, or parts of a character.
    """
    return [
        Piece(piece.id, piece.start, piece.start)
        if piece.start == following.start and piece.end <= following.end
        else piece
        for piece, following in pairwise(pieces)
    ] + pieces[-1:]


def _pieces(id: int, place: tuple[int, int], text: str, tokenizer: PreTrainedTokenizerBase) -> list[Piece]:
    start, end = place
    ids = [id] if is_plain(id, text[start:end], tokenizer) else spelled(text[start:end], tokenizer)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return [Piece(each, start, end) for each in ids]


@dataclass(frozen=True)
class Framed:
    """One or two texts between special tokens: `ids`, `parts` (0, or 1 for the second text), and where each begins."""

    ids: list[int]
    parts: list[int]
    starts: tuple[int, ...]


def frame(texts: Sequence[Sequence[int]], tokenizer: PreTrainedTokenizerBase) -> Framed:
    """The ids of one or two texts, joined as the tokenizer joins them."""
    special = special_tokens(tokenizer)
    ids, parts, starts = list(special.before), [0] * len(special.before), []
    for number, text in enumerate(texts):
        if number:
            ids += special.between
            parts += [0] * len(special.between)
        starts.append(len(ids))
        ids += text
        parts += [number] * len(text)
    ids += special.after
    parts += [len(texts) - 1] * len(special.after)
    return Framed(ids, parts, tuple(starts))


def frame_length(texts: int, tokenizer: PreTrainedTokenizerBase) -> int:
    """How many special tokens stand around one or two texts."""
    return len(frame([()] * texts, tokenizer).ids)

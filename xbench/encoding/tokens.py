"""Filled templates as token ids, with fields shortened where the budget asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from transformers import PreTrainedTokenizerBase

from xbench.data.examples import Examples
from xbench.errors import BackboneError, RequestError
from xbench.spec.template import FieldSegment, MaskSegment, SoftSegment, Template, TextSegment

TEMPLATE = -1  # owner of tokens that belong to the template; a field's owner is its number


@dataclass(frozen=True)
class SpecialTokens:
    """The token ids a tokenizer puts before, between and after one or two texts."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    after: tuple[int, ...]


@dataclass
class Shortening:
    """How many examples lost field tokens to the length limit, and how many came with an empty field."""

    shortened: int = 0
    empty_fields: int = 0


@dataclass
class TokenSequence:
    """Tokens of one filled template. Every list has the same length.

    `owners` holds a field's number or TEMPLATE; `soft` the number of the soft prompt vector, or -1;
    `part` 0 for the first text and 1 for the second of a pair; `mask` is the mask token's place, or None.
    """

    ids: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    soft: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    mask: int | None = None

    def add(
        self, ids: Sequence[int], owners: Sequence[int], *, soft: Sequence[int] | None = None, part: int = 0
    ) -> None:
        """Appends tokens with their owners."""
        self.ids.extend(ids)
        self.owners.extend(owners)
        self.soft.extend(soft if soft is not None else [-1] * len(ids))
        self.part.extend([part] * len(ids))


@lru_cache(maxsize=16)
def special_tokens(tokenizer: PreTrainedTokenizerBase) -> SpecialTokens:
    """The tokenizer's special tokens, read off an encoded pair and an encoded single text."""
    pair = tokenizer("a", "a", return_special_tokens_mask=True)
    single = tokenizer("a", return_special_tokens_mask=True)
    runs = _runs(pair["special_tokens_mask"])  # alternating special / text runs
    ids = pair["input_ids"]
    before = tuple(ids[: runs[0]])
    between = tuple(ids[runs[0] + runs[1] : runs[0] + runs[1] + runs[2]])
    after_count = _runs(single["special_tokens_mask"])[2]
    after = tuple(single["input_ids"][len(single["input_ids"]) - after_count :])
    return SpecialTokens(before, between, after)


def _runs(mask: Sequence[int]) -> list[int]:
    """Lengths of alternating runs of 1s and 0s, beginning with 1s (a run may be empty)."""
    runs, expected = [0], 1
    for value in mask:
        if value != expected:
            runs.append(0)
            expected = value
        runs[-1] += 1
    return runs + [0] * (5 - len(runs))


@dataclass(frozen=True)
class _Piece:
    """A stretch of a filled template's text: whose it is, and whether it stands for a mask or a soft prompt vector."""

    start: int
    end: int
    owner: int
    soft: int = -1
    is_mark: bool = False


def fill(template: Template, examples: Examples, tokenizer: PreTrainedTokenizerBase) -> list[TokenSequence]:
    """Every example's template with its fields filled in, before special tokens and shortening.

    The whole is tokenized as one text with the mask token in it, so that tokens are those of running text. Soft prompt
    vectors take the place of mask tokens. Text from data never becomes a special token.

    Raises:
        BackboneError: the template has a mask or soft slots and the tokenizer no mask token, or it gives no offsets.
    """
    require_offsets(tokenizer)
    marks = [segment for segment in template.segments if isinstance(segment, MaskSegment | SoftSegment)]
    mark = _mask_token(tokenizer) if marks else ""
    filled = [_filled(template, examples, number, mark) for number in range(len(examples))]
    encoded = tokenizer(
        [text for text, _ in filled],
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
    )
    tokens = zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
    return [
        _sequence(ids, offsets, text, pieces, tokenizer)
        for (ids, offsets), (text, pieces) in zip(tokens, filled, strict=True)
    ]


def require_offsets(tokenizer: PreTrainedTokenizerBase) -> None:
    """Raises BackboneError for a tokenizer that does not say which characters a token stands for."""
    if not tokenizer.is_fast:
        raise BackboneError(
            f"The tokenizer {type(tokenizer).__name__} of '{tokenizer.name_or_path}' gives no offsets; "
            "save it once as a fast tokenizer (tokenizer.json) and name that folder with --model."
        )


def _filled(template: Template, examples: Examples, number: int, mark: str) -> tuple[str, list[_Piece]]:
    """One example's text, with mask tokens at mask and soft slots, and where its pieces stand."""
    names = list(examples.fields)
    text, pieces, vectors = "", [], 0
    for segment in template.segments:
        start = len(text)
        match segment:
            case TextSegment(literal):
                text += literal
                pieces.append(_Piece(start, len(text), TEMPLATE))
            case FieldSegment(name):
                text += segment.shown(examples.fields[name][number])
                pieces.append(_Piece(start, len(text), names.index(name)))
            case MaskSegment():
                text += mark
                pieces.append(_Piece(start, len(text), TEMPLATE, is_mark=True))
            case SoftSegment(length):
                text += mark * length
                places = [start + len(mark) * place for place in range(length + 1)]
                pieces += [
                    _Piece(low, high, TEMPLATE, vectors + place, is_mark=True)
                    for place, (low, high) in enumerate(pairwise(places))
                ]
                vectors += length
    return text, pieces


def _sequence(
    ids: Sequence[int],
    offsets: Sequence[tuple[int, int]],
    text: str,
    pieces: Sequence[_Piece],
    tokenizer: PreTrainedTokenizerBase,
) -> TokenSequence:
    sequence = TokenSequence()
    marks = [piece for piece in pieces if piece.is_mark]
    owner_at = [piece.owner for piece in pieces for _ in range(piece.start, piece.end)]  # [characters]
    special = _special_ids(tokenizer)
    for id, (start, end) in zip(ids, offsets, strict=True):
        # The space before a word, which many tokenizers count to it, does not decide whose the word is.
        while start < end - 1 and text[start].isspace():
            start += 1
        owner = _owner(owner_at[start:end])
        if id not in special or is_plain(id, text[start:end], tokenizer):
            sequence.ids.append(id)
            sequence.owners.append(owner)
            sequence.soft.append(-1)
        elif marks and id == tokenizer.mask_token_id and start <= marks[0].start and marks[0].end <= end:
            vector = marks.pop(0).soft
            if vector < 0:
                sequence.mask = len(sequence.ids)
            # A soft token's id only holds the place; the model puts the prompt's vector there.
            sequence.ids.append(id if vector < 0 else _placeholder(tokenizer))
            sequence.owners.append(TEMPLATE)
            sequence.soft.append(vector)
        else:
            letters = spelled(text[start:end], tokenizer)
            sequence.ids += letters
            sequence.owners += [owner] * len(letters)
            sequence.soft += [-1] * len(letters)
    if marks:
        raise BackboneError(
            f"The tokenizer of '{tokenizer.name_or_path}' does not keep its mask token {tokenizer.mask_token} whole in "
            f"the text {text!r}; declare it as a special token in tokenizer.json, or choose another --model."
        )
    sequence.part = [0] * len(sequence.ids)
    return sequence


def _owner(owners: Sequence[int]) -> int:
    """Whose token it is, from its characters' owners; one that holds text of template and field is the template's."""
    if not owners:
        return TEMPLATE
    if owners[0] == owners[-1]:
        return owners[0]
    return TEMPLATE if TEMPLATE in owners else max(owners)


def is_plain(id: int, text: str, tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a token is no special one: one of the vocabulary, or the unknown token for text that is not its name."""
    return id not in _special_ids(tokenizer) or (id == tokenizer.unk_token_id and text != tokenizer.unk_token)


def spelled(text: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Token ids of text that looks like a special token, letter by letter, since its letters are only text."""
    ids = tokenizer(" ".join(text.strip()), add_special_tokens=False, split_special_tokens=True)["input_ids"]
    special = _special_ids(tokenizer)
    return [_placeholder(tokenizer) if id in special else id for id in ids]


@lru_cache(maxsize=16)
def _special_ids(tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    return frozenset(tokenizer.all_special_ids)


def shorten(sequences: list[TokenSequence], room: int, fields: int, what: str) -> Shortening:
    """Drops tokens from the end of the longest field until every sequence has at most `room` tokens.

    Template text, mask and soft slots always stay. A field that no sequence holds is one that the template leaves out,
    and not an empty one.

    Raises:
        RequestError: the template alone leaves no room for a field.
    """
    report = Shortening()
    held = {owner for sequence in sequences for owner in sequence.owners} - {TEMPLATE}
    for sequence in sequences:
        lengths = [sequence.owners.count(number) for number in range(fields)]
        fixed = len(sequence.ids) - sum(lengths)
        if fixed >= room:
            raise RequestError(
                f"{what}: the template alone has {fixed} tokens, and {room} are left after special tokens and prompt. "
                "Use a shorter template or prompt, or a larger max_length."
            )
        report.empty_fields += any(lengths[number] == 0 for number in held)
        if len(sequence.ids) > room:
            report.shortened += 1
            _drop(sequence, _fair_lengths(lengths, room - fixed))
    return report


def _fair_lengths(lengths: Sequence[int], room: int) -> list[int]:
    """How much of each field stays: all are cut to one common length, so that short fields stay whole."""
    limit = max(length for length in range(room + 1) if sum(min(other, length) for other in lengths) <= room)
    kept = [min(length, limit) for length in lengths]
    spare = room - sum(kept)
    for number, length in enumerate(lengths):
        if spare > 0 and length > kept[number]:
            kept[number] += 1
            spare -= 1
    return kept


def _drop(sequence: TokenSequence, kept: Sequence[int]) -> None:
    left = list(kept)
    stay = []
    for place, owner in enumerate(sequence.owners):
        if owner == TEMPLATE or left[owner] > 0:
            stay.append(place)
            if owner != TEMPLATE:
                left[owner] -= 1
    if sequence.mask is not None:
        sequence.mask = stay.index(sequence.mask)
    for name in ("ids", "owners", "soft", "part"):
        values = getattr(sequence, name)
        setattr(sequence, name, [values[place] for place in stay])


def _mask_token(tokenizer: PreTrainedTokenizerBase) -> str:
    if tokenizer.mask_token is None:
        raise BackboneError(
            f"The tokenizer of '{tokenizer.name_or_path}' has no mask token, which a cloze template needs. "
            "Choose a masked language model (for instance FacebookAI/xlm-roberta-base) with --model."
        )
    return str(tokenizer.mask_token)


def _placeholder(tokenizer: PreTrainedTokenizerBase) -> int:
    return int(tokenizer.unk_token_id if tokenizer.unk_token_id is not None else 0)

"""Filled templates as token ids, with fields shortened where the budget asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

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
    if not tokenizer.is_fast:
        raise BackboneError(
            f"The tokenizer {type(tokenizer).__name__} of '{tokenizer.name_or_path}' gives no offsets; "
            "save it once as a fast tokenizer (tokenizer.json) and name that folder with --model."
        )
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


def fill(template: Template, examples: Examples, tokenizer: PreTrainedTokenizerBase) -> list[TokenSequence]:
    """Every example's template with its fields filled in, before special tokens and shortening.

    Text between masks and soft slots is tokenized in one piece, so that words at the border of template and field
    become the tokens they are in running text. Text from data never becomes a special token.
    """
    sequences = [TokenSequence() for _ in range(len(examples))]
    for run in _text_runs(template):
        first = run[0]
        if isinstance(first, MaskSegment):
            for sequence in sequences:
                sequence.mask = len(sequence.ids)
                sequence.add([_mask_token(tokenizer)], [TEMPLATE])
        elif isinstance(first, SoftSegment):
            for sequence in sequences:
                start = sum(number >= 0 for number in sequence.soft)
                numbers = range(start, start + first.length)
                # The id only holds the place; the model puts the prompt's vectors there.
                sequence.add([_placeholder(tokenizer)] * first.length, [TEMPLATE] * first.length, soft=list(numbers))
        else:
            followed = run[-1] is not template.segments[-1]
            _add_text(sequences, run, examples, tokenizer, strip_end=followed)
    return sequences


def _text_runs(template: Template) -> list[list[object]]:
    """Segments grouped: texts and fields that touch stand together, masks and soft slots alone."""
    runs: list[list[object]] = []
    for segment in template.segments:
        joins = isinstance(segment, TextSegment | FieldSegment)
        if joins and runs and isinstance(runs[-1][0], TextSegment | FieldSegment):
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return runs


def _add_text(
    sequences: list[TokenSequence],
    run: Sequence[object],
    examples: Examples,
    tokenizer: PreTrainedTokenizerBase,
    strip_end: bool,
) -> None:
    texts, spans = [], []
    names = list(examples.fields)
    for number in range(len(examples)):
        text, bounds = "", []
        for segment in run:
            piece = segment.text if isinstance(segment, TextSegment) else examples.fields[segment.name][number]  # type: ignore[attr-defined]
            owner = TEMPLATE if isinstance(segment, TextSegment) else names.index(segment.name)  # type: ignore[attr-defined]
            bounds.append((len(text), len(text) + len(piece), owner))
            text += piece
        # A mask token takes the space before it, as in running text.
        texts.append(text.rstrip() if strip_end else text)
        spans.append(bounds)
    encoded = tokenizer(
        texts,
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
        split_special_tokens=True,
    )
    for sequence, ids, offsets, bounds in zip(
        sequences, encoded["input_ids"], encoded["offset_mapping"], spans, strict=True
    ):
        sequence.add(ids, [_owner(offset, bounds) for offset in offsets])


def _owner(offset: tuple[int, int], bounds: Sequence[tuple[int, int, int]]) -> int:
    """Who a token belongs to: the field it ends in, else the template. Template text is never given up."""
    start, end = offset
    touched = {owner for low, high, owner in bounds if max(start, low) < min(end, high)}
    if TEMPLATE in touched and len(touched) > 1:
        return TEMPLATE
    return max(touched, default=TEMPLATE)


def shorten(sequences: list[TokenSequence], room: int, fields: int, what: str) -> Shortening:
    """Drops tokens from the end of the longest field until every sequence has at most `room` tokens.

    Template text, mask and soft slots always stay.

    Raises:
        RequestError: the template alone leaves no room for a field.
    """
    report = Shortening()
    for sequence in sequences:
        lengths = [sequence.owners.count(number) for number in range(fields)]
        fixed = len(sequence.ids) - sum(lengths)
        if fixed >= room:
            raise RequestError(
                f"{what}: the template alone has {fixed} tokens, and {room} are left after special tokens and prompt. "
                "Use a shorter template or prompt, or a larger max_length."
            )
        report.empty_fields += any(length == 0 for length in lengths)
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


def _mask_token(tokenizer: PreTrainedTokenizerBase) -> int:
    if tokenizer.mask_token_id is None:
        raise BackboneError(
            f"The tokenizer of '{tokenizer.name_or_path}' has no mask token, which a cloze template needs. "
            "Choose a masked language model (for instance FacebookAI/xlm-roberta-base) with --model."
        )
    return int(tokenizer.mask_token_id)


def _placeholder(tokenizer: PreTrainedTokenizerBase) -> int:
    return int(tokenizer.unk_token_id if tokenizer.unk_token_id is not None else 0)

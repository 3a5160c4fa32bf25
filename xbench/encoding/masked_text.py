"""Unlabelled text as rows whose tokens are hidden anew in every step (Devlin et al. 2019, section 3.1, task 1).

Of the 15 % of a row's tokens that are asked for, 80 % are replaced by the mask, 10 % by any token, and 10 % stay. What
is hidden is a function of the seed, the stream, the step and the row, so that a resumed training hides what an
undisturbed one does, and any number of processes hides the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy
from transformers import PreTrainedTokenizerBase

from xbench.encoding.formulation import IGNORED
from xbench.encoding.rows import Batch, Row, collate
from xbench.encoding.tokens import special_tokens
from xbench.errors import BackboneError

MASKED, RANDOM = 0.8, 0.1


class MaskedText:
    """Texts put to a tokenizer: `max_length` tokens a row at most, special tokens included."""

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, max_length: int, *, packed: bool = False, hidden: float = 0.15
    ) -> None:
        """Raises BackboneError where the tokenizer has no mask token."""
        if tokenizer.mask_token_id is None:
            raise BackboneError(
                f"The tokenizer of '{tokenizer.name_or_path}' has no mask token, and a stage on unlabelled text hides "
                "tokens behind it; name a masked language model with --model."
            )
        self.tokenizer, self.max_length, self.packed, self.hidden = tokenizer, max_length, packed, hidden
        self._special = numpy.zeros(len(tokenizer), dtype=bool)
        self._special[tokenizer.all_special_ids] = True
        self._words = numpy.flatnonzero(~self._special)

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """One row a text, cut off at the limit; or rows of as many texts as fit, `packed`, texts going on in the next.

        Rows have input_ids, attention_mask and target_ids, nothing being hidden yet. Texts without tokens are left out.
        """
        specials = special_tokens(self.tokenizer)
        room = self.max_length - len(specials.before) - len(specials.after)
        encoded = self.tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True)["input_ids"]
        pieces = _packed(encoded, specials.between, room) if self.packed else [ids[:room] for ids in encoded]
        framed = ([*specials.before, *piece, *specials.after] for piece in pieces if piece)
        return [
            Row(
                number,
                {"input_ids": ids, "attention_mask": [1] * len(ids), "target_ids": [IGNORED] * len(ids)},
                len(ids),
                0,
            )
            for number, ids in enumerate(framed)
        ]

    def hide(self, row: Row, stream: str, seed: int, step: int) -> Row:
        """The row as a step sees it: some of its own tokens hidden, at least one; `count` says how many."""
        digest = hashlib.sha256(f"{seed}/{stream}/{step}/{row.index}".encode()).digest()
        random = numpy.random.Generator(numpy.random.PCG64(int.from_bytes(digest[:16], "big")))
        ids = numpy.array(row.values["input_ids"])  # [length]
        places = numpy.flatnonzero(~self._special[ids])
        if len(places) == 0:
            return row
        number = max(1, round(self.hidden * len(places)))
        asked = random.permutation(places)[:number]
        targets = numpy.full(len(ids), IGNORED)
        targets[asked] = ids[asked]
        draw = random.random(number)
        words = self._words[random.integers(len(self._words), size=number)]
        ids[asked] = numpy.select(
            [draw < MASKED, draw < MASKED + RANDOM], [numpy.int64(self.tokenizer.mask_token_id), words], ids[asked]
        )
        values = {**row.values, "input_ids": ids.tolist(), "target_ids": targets.tolist()}
        return replace(row, values=values, count=number)

    def batch(self, rows: Sequence[Row], stream: str) -> Batch:
        """A padded batch of rows."""
        padding = {"input_ids": self.tokenizer.pad_token_id or 0, "attention_mask": 0, "target_ids": IGNORED}
        return collate(rows, padding, stream=stream)


def _packed(texts: Sequence[Sequence[int]], between: Sequence[int], room: int) -> list[list[int]]:
    """All texts one after the other, the tokenizer's separator between them, in pieces of `room` tokens."""
    joined: list[int] = []
    for ids in texts:
        joined += [*(between if joined else ()), *ids]
    return [joined[start : start + room] for start in range(0, len(joined), room)]

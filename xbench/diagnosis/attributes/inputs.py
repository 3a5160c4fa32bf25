"""What an attribute's function is given: some examples of one task in one language, and what was supplied with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.diagnosis.attributes.words import is_word, tokenizer
from xbench.errors import DataError

if TYPE_CHECKING:
    import pandas


class Unavailable(Exception):  # noqa: N818 - no mistake: an attribute that these examples do not have, and why
    """Raised by an attribute's function where it cannot give a value for any example of a task and language.

    The frame then lacks the column where `absent`, or holds NaN in it; the reason is among its notes either way.
    """

    def __init__(self, reason: str, *, absent: bool = True) -> None:
        self.reason, self.absent = reason, absent
        super().__init__(reason)


@dataclass
class Supplies:
    """What a request supplies beside the examples, and what is derived from it once for all of them."""

    tokenizer: str | None = None
    basic_words: Path | None = None
    entity_tagger: str | None = None
    training: pandas.DataFrame | None = None
    notes: dict[str, str] = field(default_factory=dict)
    derived: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, called at the first time that this name is asked for."""
        if name not in self.derived:
            self.derived[name] = make()
        return self.derived[name]


@dataclass(frozen=True)
class Inputs:
    """Examples of a task of one kind in one language.

    `fields` maps each field to its values, one an example, in the task's order; `gold` holds the gold answers in the
    form of the kind: a label, a list of tags, a list of answers (of extractive QA), a text. Large sets come slice by
    slice, each from `first_row` on: a function gives each example its value without regard to the others.
    """

    kind: str
    language: str
    fields: Mapping[str, Sequence[Any]]
    gold: Sequence[Any]
    supplies: Supplies = field(default_factory=Supplies)
    first_row: int = 0

    def __len__(self) -> int:
        return len(self.gold)

    def text(self, place: int | str) -> list[str]:
        """The texts of a field, by name or by number: 1 is the first. Missing texts are empty."""
        name = place if isinstance(place, str) else tuple(self.fields)[place - 1]
        return [value if isinstance(value, str) else "" for value in self.fields[name]]

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, without punctuation."""
        return [self._divided(text)[0] for text in texts]

    def word_counts(self, texts: Sequence[str], *, punctuation: bool = False) -> list[int]:
        """The number of words of each text; with `punctuation`, marks and symbols count as well."""
        place = 1 if punctuation else 0
        return [len(self._divided(text)[place]) for text in texts]

    def lists(self, name: str) -> list[list[str]]:
        """A field, or `gold`, whose values are lists (or JSON text of lists), such as tokens and tags.

        Raises:
            DataError: a value is no list.
        """
        values = self.gold if name == "gold" else self.fields[name]
        return [as_list(value, f"'{name}' of example {row}") for row, value in enumerate(values, self.first_row)]

    def note(self, name: str, text: str) -> None:
        """Something that readers of an attribute must know, shown with it."""
        self.supplies.notes[name] = text

    def _divided(self, text: str) -> tuple[list[str], list[str]]:
        known = self._known.get(text)
        if known is None:
            tokens = self._divide(text)
            # Nearly all are words by the first test, which is no call of ours.
            words = [token for token in tokens if token.isalnum() or is_word(token)]
            known = self._known[text] = words, tokens
        return known

    @cached_property
    def _divide(self) -> Callable[[str], list[str]]:
        return tokenizer(self.language)

    @cached_property
    def _known(self) -> dict[str, tuple[list[str], list[str]]]:
        # Several attributes ask for the same texts, and pairs repeat their first text.
        return {}


def as_list(value: Any, place: str) -> list[str]:
    """A list that is stored as one, as an array, or as JSON text. Raises DataError where it is none."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    elif hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        raise DataError(f"{place} is no list; expected a list of texts, or JSON of one.")
    return [str(entry) for entry in value]

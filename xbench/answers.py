"""Answers that are more than one label, as the texts that examples and predictions hold.

The gold of tagging is a JSON list of tags, one for each entry of the field `tokens`, a JSON list as well. The gold of
extractive question answering is SQuAD's object, `{"text": [...], "answer_start": [...]}`. Labels, and the gold of
generation, are the text itself. A prediction is a label, a JSON list of tags, or an answer's text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class GoldAnswers:
    """The accepted answers of a question, and the characters of the context at which they start."""

    texts: tuple[str, ...]
    starts: tuple[int, ...]

    def __str__(self) -> str:
        return json.dumps({"text": self.texts, "answer_start": self.starts}, ensure_ascii=False)


def gold_answers(gold: str) -> GoldAnswers:
    """The accepted answers that a gold text holds. Raises ValueError or KeyError where it is no such text."""
    held = json.loads(gold)
    return GoldAnswers(tuple(held["text"]), tuple(held["answer_start"]))


def list_text(entries: Sequence[str]) -> str:
    """Tokens or tags as one text."""
    return json.dumps(list(entries), ensure_ascii=False)


def text_list(text: str) -> list[str]:
    """The tokens or tags that a text holds. Raises ValueError where it is no JSON list."""
    entries = json.loads(text)
    if not isinstance(entries, list):
        raise ValueError(f"expected a JSON list; found {text[:40]!r}")
    return entries

"""Rows whose answer is a tag for each token. Tokens and tags are held as JSON lists (xbench.answers)."""

from __future__ import annotations

from collections.abc import Mapping

from xbench.answers import list_text, text_list
from xbench.data.labels import label_of
from xbench.data.tables import Row
from xbench.data.values import BadRow, text_at, texts_at
from xbench.spec.sources import Column
from xbench.spec.task import TaskSpec

TOKENS = "tokens"


def token_fields(row: Row, columns: Mapping[str, Column]) -> dict[str, str]:
    """The tokens as a JSON list, every other field as text. Raises BadRow where no token holds anything."""
    tokens = texts_at(row, columns[TOKENS])
    if not any(token.strip() for token in tokens):
        raise BadRow(
            f"column '{columns[TOKENS].from_}': the sentence has {len(tokens)} tokens, and none holds any text."
        )
    return {name: list_text(tokens) if name == TOKENS else text_at(row, column) for name, column in columns.items()}


def tag_gold(row: Row, column: Column, fields: Mapping[str, str], task: TaskSpec) -> str | None:
    """One tag for each token, whatever their order (an I- without a B- stays); None where one is to be dropped."""
    tokens, raw = text_list(fields[TOKENS]), texts_at(row, column)
    if len(tokens) != len(raw):
        raise BadRow(f"column '{column.from_}': {len(raw)} tags for {len(tokens)} tokens; expected one tag a token.")
    tags: list[str | None] = []
    for number, tag in enumerate(raw):
        try:
            tags.append(label_of(tag, column, task.labels))
        except BadRow as bad:
            place = row.entry_places[number] if row.entry_places else None
            raise BadRow(f"token {number + 1} ({tokens[number]!r}): {bad}", place) from None
    return None if None in tags else list_text([tag for tag in tags if tag is not None])

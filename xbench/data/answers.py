"""Rows whose answer is a span of a context. Answers are held as SQuAD's JSON object (xbench.answers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xbench.answers import GoldAnswers
from xbench.data.labels import text_fields
from xbench.data.tables import Row
from xbench.data.values import BadRow, value_at
from xbench.spec.sources import Column
from xbench.spec.task import TaskSpec

CONTEXT = "context"
_SHOWN = 30


def context_fields(row: Row, columns: Mapping[str, Column]) -> dict[str, str]:
    """Every field as the text of its column. Raises BadRow where there is no context."""
    fields = text_fields(row, columns)
    if not fields[CONTEXT].strip():
        raise BadRow(
            f"column '{columns[CONTEXT].from_}': the context is empty; expected the text that holds the answer."
        )
    return fields


def answer_gold(row: Row, column: Column, fields: Mapping[str, str], task: TaskSpec) -> str | None:
    """The accepted answers with the characters of the context where they start; none for a question without answer.

    Raises BadRow for an answer that is empty, or not where it is said to be, unless such rows are to be dropped: None.
    """
    texts, starts = _texts_and_starts(row, column, fields[CONTEXT])
    problems = [
        problem
        for text, start in zip(texts, starts, strict=True)
        if (problem := _misplaced(text, start, fields[CONTEXT], column))
    ]
    if column.misplaced == "drop" and (problems or not texts):
        return None
    if problems:
        raise BadRow(problems[0])
    return str(GoldAnswers(texts, starts))


def _texts_and_starts(row: Row, column: Column, context: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    value = value_at(row, column.from_)
    if column.spans is not None:
        texts = _texts(value, column)
        starts = _first_starts(value_at(row, column.spans), column.spans)
        _check_number(texts, starts, column)
        return texts, starts
    if column.starts == "search":
        texts = _texts(value, column)
        return texts, tuple(context.find(text) for text in texts)
    return _with_starts(value, column)


def _texts(value: Any, column: Column) -> tuple[str, ...]:
    """The answers of `starts: search`: a text, a list of texts, or an object that holds them as `text`."""
    value = value["text"] if isinstance(value, dict) and "text" in value else value
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise BadRow(f"column '{column.from_}': expected an answer's text, or a list of them; found {_shown(value)}.")
    return tuple(texts)


def _with_starts(value: Any, column: Column) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The answers of {"text": [...], "answer_start": [...]}, or of a list of {"text": ..., "answer_start": ...}."""
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        value = {name: [entry.get(name) for entry in value] for name in ("text", "answer_start")}
    texts, starts = (value.get(name) if isinstance(value, dict) else None for name in ("text", "answer_start"))
    if not isinstance(texts, list) or not isinstance(starts, list):
        raise BadRow(
            f'column \'{column.from_}\': expected {{"text": [...], "answer_start": [...]}}; found {_shown(value)}. '
            "For answers without their starts, say 'starts: search'."
        )
    _check_number(texts, starts, column)
    for text, start in zip(texts, starts, strict=True):
        if not isinstance(text, str) or not isinstance(start, int) or isinstance(start, bool):
            raise BadRow(f"column '{column.from_}': expected a text and a whole number; found {text!r} and {start!r}.")
    return tuple(texts), tuple(starts)


def _first_starts(spans: Any, name: str) -> tuple[int, ...]:
    """Where the first span of each answer starts, from MRQA's [{"start": [...], "end": [...]}, ...]."""
    try:
        starts = [span["start"][0] for span in spans]
    except (KeyError, IndexError, TypeError):
        starts = [None]
    if not all(isinstance(start, int) for start in starts):
        raise BadRow(f'column \'{name}\': expected [{{"start": [...], "end": [...]}}, ...]; found {_shown(spans)}.')
    return tuple(starts)


def _check_number(texts: Sequence[str], starts: Sequence[int], column: Column) -> None:
    if len(texts) != len(starts):
        raise BadRow(f"column '{column.from_}': {len(texts)} answers and {len(starts)} starts; expected as many.")


def _misplaced(text: str, start: int, context: str, column: Column) -> str:
    """What is wrong with an answer or its place; nothing where the context has it there."""
    if not text:
        return f"column '{column.from_}': an answer is empty; a question without answer has none at all."
    if start >= 0 and context.startswith(text, start):
        return ""
    if column.starts == "search":
        return f"column '{column.from_}': the answer {text[:_SHOWN]!r} is not in the context."
    there = context[max(start, 0) : max(start, 0) + len(text)]
    return (
        f"column '{column.from_}': the answer {text[:_SHOWN]!r} is not at character {start} of the context; "
        f"{f'there is {there[:_SHOWN]!r}' if there else f'it has {len(context)} characters'}."
        f"{_where_it_is(text, start, context)}"
    )


def _where_it_is(text: str, start: int, context: str) -> str:
    """What the start may have been counted in, or where the answer does stand."""
    places = [place for place in range(len(context)) if context.startswith(text, place)]
    if not places:
        return " The context does not have it."
    for encoding, width, name in (
        ("utf-8", 1, "bytes of UTF-8"),
        ("utf-16-le", 2, "UTF-16 units, as JavaScript has them"),
    ):
        if any(len(context[:place].encode(encoding, "surrogatepass")) == start * width for place in places):
            return f" It seems to be counted in {name}; expected characters (Unicode code points)."
    return f" The answer is at {', '.join(map(str, places[:3]))}."


def _shown(value: Any) -> str:
    return repr(value)[:60]

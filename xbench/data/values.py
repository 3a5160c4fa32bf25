"""Values of a row, found by their column and taken as text or as lists of text."""

from __future__ import annotations

from typing import Any

from xbench.data.tables import Row
from xbench.spec.sources import Column


class BadRow(Exception):  # noqa: N818
    """A row that is wrong by itself; the text says why. Never leaves this package.

    `place` is the line of the mistake, where the row has several and one of them is wrong.
    """

    def __init__(self, message: str, place: int | None = None) -> None:
        self.place = place
        super().__init__(message)


def value_at(row: Row, place: str) -> Any:
    """The value of a column, or of a place inside it (`options.A`, `answers.0`). Raises BadRow where there is none."""
    if place in row.values:
        return row.values[place]
    name, *parts = place.split(".")
    if name not in row.values:
        raise BadRow(f"the column '{name}' is missing; the row has {', '.join(map(str, row.values))}.")
    value = row.values[name]
    for part in parts:
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise BadRow(f"column '{name}': there is no '{place}' in {str(row.values[name])[:60]!r}.") from None
    return value


def text_at(row: Row, column: Column) -> str:
    """The text of a column, mapped where the column says so."""
    raw = raw_text(row, column)
    return column.map.get(raw, raw) if column.map else raw


def raw_text(row: Row, column: Column) -> str:
    """The text of a column as the source has it."""
    return plain_text(value_at(row, column.from_), column.from_)


def texts_at(row: Row, column: Column) -> list[str]:
    """The texts of a column of lists, as the source has them."""
    value = value_at(row, column.from_)
    if not isinstance(value, list):
        raise BadRow(f"column '{column.from_}': expected a list; found {_shown(value)}.")
    return [plain_text(entry, column.from_) for entry in value]


def plain_text(value: Any, column: str) -> str:
    """A value as text: text as it is, nothing as empty text, whole numbers and truth values as written in JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    raise BadRow(f"column '{column}': expected text or a number; found {type(value).__name__}.")


def _shown(value: Any) -> str:
    return f"the text {value[:40]!r}" if isinstance(value, str) else type(value).__name__

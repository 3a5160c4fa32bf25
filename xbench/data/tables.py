"""Tables: the rows of one source, as they stand there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One row of a source: where it stands (from 1; a line for text files) and its values by column name.

    `problem` says why a row cannot be read; its values are then empty. `entry_places` are the lines of the entries of
    lists, where a row has several lines.
    """

    place: int
    values: Mapping[str, Any]
    problem: str | None = None
    entry_places: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """The rows of one source, its column names, and how messages name it and its rows ('line', 'row', 'question').

    `label_names` are the names that the source itself gives to the whole numbers of a column, in their order.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[Row]
    unit: str = "line"
    label_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def place(self, place: int) -> str:
        """A row as messages name it: `file.tsv:3`, or `file.json, row 3`."""
        return f"{self.name}:{place}" if self.unit == "line" else f"{self.name}, {self.unit} {place}"

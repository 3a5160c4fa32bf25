"""Rows whose answer is a label, or a text to be written: classification, multiple choice, generation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xbench.data.tables import Row
from xbench.data.values import BadRow, raw_text, text_at
from xbench.errors import nearest
from xbench.spec.sources import Column
from xbench.spec.task import TaskSpec


def text_fields(row: Row, columns: Mapping[str, Column]) -> dict[str, str]:
    """Every field as the text of its column."""
    return {name: text_at(row, column) for name, column in columns.items()}


def label_gold(row: Row, column: Column, fields: Mapping[str, str], task: TaskSpec) -> str | None:
    """The label; None where its raw value is to be dropped."""
    return label_of(raw_text(row, column), column, task.labels)


def reference_gold(row: Row, column: Column, fields: Mapping[str, str], task: TaskSpec) -> str | None:
    """The text to be written; None where it is to be dropped."""
    raw = raw_text(row, column)
    if raw in column.drop:
        return None
    if not raw.strip():
        raise BadRow(f"column '{column.from_}': expected the text that is to be written; found none.")
    return column.map.get(raw, raw) if column.map else raw


def label_of(raw: str, column: Column, labels: Sequence[str]) -> str | None:
    """What a raw value reads as. Raises BadRow where it is neither a label nor mapped to one."""
    if raw in column.drop:
        return None
    known = tuple(labels) if column.map is None else tuple(column.map)
    if raw not in known:
        raise BadRow(f"column '{column.from_}': '{raw}' {_unknown(raw, column, labels)}")
    return raw if column.map is None else column.map[raw]


def _unknown(raw: str, column: Column, labels: Sequence[str]) -> str:
    if column.map is not None:
        return f"stands in no 'map:' entry ({', '.join(column.map)}).{nearest(raw, column.map)}"
    said = f"is no label of this task ({', '.join(labels)})."
    if raw.removeprefix("-").isdecimal() and not any(label.isdecimal() for label in labels):
        return (
            f"{said} The column holds numbers: say which label each of them is, "
            f"'{{from: {column.from_}, map: {{0: {labels[0]}, ...}}}}'."
        )
    return said + nearest(raw, labels)

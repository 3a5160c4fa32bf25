"""From the rows of a table to examples: columns found, labels mapped, bad rows named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xbench.data.examples import Examples
from xbench.data.readers import Row, Table
from xbench.errors import DataError, nearest
from xbench.spec.sources import Column, Columns
from xbench.spec.task import TaskSpec


class BadRow(Exception):  # noqa: N818
    """A row that is wrong by itself; the text says why. Never leaves this package."""


@dataclass(frozen=True)
class _Layout:
    """Which column each part of an example is read from."""

    fields: Mapping[str, Column]
    gold: Column | None
    id: Column | None


def examples_from(
    table: Table,
    task: TaskSpec,
    columns: Columns,
    split: str,
    language: str,
    *,
    skip_bad_rows: bool = False,
    labelled: bool = True,
) -> Examples:
    """All rows as examples. `columns` are the source's own, which stand before the task's.

    With `labelled=False` there is no gold, and rows without any text stay, so that rows can be aligned.

    Raises DataError that names source, row, column, expectation and nearest value. With `skip_bad_rows` rows that are
    wrong by themselves are left out and counted in `.skipped`; a missing column or no row at all stays an error.
    """
    layout = _layout(table, task, columns, language, labelled)
    if not table.rows:
        raise DataError(f"{table.name}: has no rows; expected {task.name} examples in '{language}'.")
    parts: list[tuple[str, dict[str, str], str]] = []
    dropped = skipped = 0
    first_place: dict[str, int] = {}
    for index, row in enumerate(table.rows):
        try:
            part = _example(row, index, layout, task, blank=not labelled)
            if part is not None and layout.id is not None and first_place.setdefault(part[0], row.place) != row.place:
                first = f"{table.unit} {first_place[part[0]]}"
                raise BadRow(f"column '{layout.id.from_}': the id '{part[0]}' is also that of {first}.")
        except BadRow as bad:
            if not skip_bad_rows:
                separator = ":" if table.unit == "line" else ", row "
                raise DataError(
                    f"{table.name}{separator}{row.place}: {bad} (--skip-bad-rows leaves such rows out.)"
                ) from None
            skipped += 1
            continue
        if part is None:
            dropped += 1
        else:
            parts.append(part)
    if not parts:
        raise DataError(f"{table.name}: none of its {len(table.rows)} rows is left ({dropped} dropped, {skipped} bad).")
    return Examples(
        task=task.name,
        language=language,
        split=split,
        ids=tuple(part[0] for part in parts),
        fields={name: tuple(part[1][name] for part in parts) for name in task.fields},
        gold=tuple(part[2] for part in parts),
        dropped=dropped,
        skipped=skipped,
    )


def _layout(table: Table, task: TaskSpec, columns: Columns, language: str, labelled: bool) -> _Layout:
    declared = {**task.columns, **columns} if labelled else dict(columns)

    def column(name: str, default: str | None) -> Column | None:
        found = declared.get(name)
        if found is None:
            return Column.model_validate({"from": default}) if default is not None else None
        filled = found.from_.replace("{language}", language).replace("{code}", task.code(language))
        return found.model_copy(update={"from_": filled})

    fields = {name: column(name, name) for name in task.fields}
    gold = column("gold", "label") if labelled else None
    identity = column("id", None)
    for name, wanted in (*fields.items(), ("gold", gold), ("id", identity)):
        if wanted is not None and table.columns and not _has(table, wanted.from_):
            raise DataError(
                f"{table.name}: there is no column '{wanted.from_}' (for '{name}' of task '{task.name}'); it has "
                f"{', '.join(table.columns)}.{nearest(wanted.from_, table.columns)}"
            )
    return _Layout({name: found for name, found in fields.items() if found is not None}, gold, identity)


def _has(table: Table, place: str) -> bool:
    """Whether a table has a column, or the one that a place inside its values begins with."""
    return place in table.columns or place.partition(".")[0] in table.columns


def _value(row: Row, place: str) -> Any:
    """The value of a column, or of a place inside it (`options.A`, `answers.0`)."""
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


def _example(
    row: Row, index: int, layout: _Layout, task: TaskSpec, blank: bool
) -> tuple[str, dict[str, str], str] | None:
    """Id, fields and gold of one row; None where the task drops it."""
    if row.problem:
        raise BadRow(row.problem)
    gold = ""
    if layout.gold is not None:
        label = _gold(row, layout.gold, task)
        if label is None:
            return None
        gold = label
    fields = {name: _text(row, column) for name, column in layout.fields.items()}
    if not blank and not any(text.strip() for text in fields.values()):
        raise BadRow(f"all fields ({', '.join(fields)}) are empty; expected text in at least one.")
    return (_text(row, layout.id) if layout.id is not None else str(index)), fields, gold


def _text(row: Row, column: Column) -> str:
    raw = plain_text(_value(row, column.from_), column.from_)
    return column.map.get(raw, raw) if column.map else raw


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


def _gold(row: Row, column: Column, task: TaskSpec) -> str | None:
    """The label of a row, None where its raw value is to be dropped."""
    raw = plain_text(_value(row, column.from_), column.from_)
    if raw in column.drop:
        return None
    known = task.labels if column.map is None else tuple(column.map)
    if known and raw not in known:
        what = f"is no label of task '{task.name}'" if column.map is None else "stands in no 'map:' entry"
        raise BadRow(f"column '{column.from_}': '{raw}' {what} ({', '.join(known)}).{nearest(raw, known)}")
    return raw if column.map is None else column.map[raw]

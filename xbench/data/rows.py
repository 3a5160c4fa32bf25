"""From the rows of a table to examples: columns found, answers checked, bad rows named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xbench.data.examples import Examples
from xbench.data.kinds import KIND_ROWS, KindRows
from xbench.data.tables import Row, Table
from xbench.data.values import BadRow, text_at
from xbench.errors import DataError, nearest
from xbench.spec.sources import Column, Columns
from xbench.spec.task import TaskSpec

_Example = tuple[str, dict[str, str], str]


@dataclass(frozen=True)
class _Layout:
    """How each part of an example is read, and from which column."""

    kind: KindRows
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
    parts: list[_Example] = []
    dropped = skipped = 0
    first_place: dict[str, int] = {}
    for index, row in enumerate(table.rows):
        try:
            part = _example(row, index, layout, task)
            if part is not None and layout.id is not None:
                _check_unseen(part[0], row, layout.id, first_place, table)
        except BadRow as bad:
            if not skip_bad_rows:
                raise DataError(_bad_row(table, row, bad, layout)) from None
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
        kind=task.kind,
    )


def _layout(table: Table, task: TaskSpec, columns: Columns, language: str, labelled: bool) -> _Layout:
    declared = {**task.columns, **columns} if labelled else dict(columns)
    kind = KIND_ROWS[task.kind if labelled else "generation"]

    def column(name: str, default: str | None) -> Column | None:
        found = declared.get(name)
        if found is None:
            return Column.model_validate({"from": default}) if default is not None else None
        filled = found.from_.replace("{language}", language).replace("{code}", task.code(language))
        return found.model_copy(update={"from_": filled})

    fields = {name: column(name, name) for name in task.fields}
    gold = column("gold", kind.gold_column) if labelled else None
    identity = column("id", None)
    for name, wanted in (*fields.items(), ("gold", gold), ("id", identity)):
        if wanted is not None and table.columns and not _has(table, wanted.from_):
            raise DataError(
                f"{table.name}: there is no column '{wanted.from_}' (for '{name}' of task '{task.name}'); it has "
                f"{', '.join(table.columns)}.{nearest(wanted.from_, table.columns)}"
            )
    return _Layout(kind, {name: found for name, found in fields.items() if found is not None}, gold, identity)


def _has(table: Table, place: str) -> bool:
    """Whether a table has a column, or the one that a place inside its values begins with."""
    return place in table.columns or place.partition(".")[0] in table.columns


def _example(row: Row, index: int, layout: _Layout, task: TaskSpec) -> _Example | None:
    """Id, fields and gold of one row; None where the task drops it."""
    if row.problem:
        raise BadRow(row.problem)
    fields = layout.kind.fields(row, layout.fields)
    gold = "" if layout.gold is None else layout.kind.gold(row, layout.gold, fields, task)
    if gold is None:
        return None
    if layout.gold is not None and not any(text.strip() for text in fields.values()):
        raise BadRow(f"all fields ({', '.join(fields)}) are empty; expected text in at least one.")
    return (text_at(row, layout.id) if layout.id is not None else str(index)), fields, gold


def _check_unseen(identity: str, row: Row, column: Column, first_place: dict[str, int], table: Table) -> None:
    first = first_place.setdefault(identity, row.place)
    if first != row.place:
        raise BadRow(f"column '{column.from_}': the id '{identity}' is also that of {table.unit} {first}.")


def _bad_row(table: Table, row: Row, bad: BadRow, layout: _Layout) -> str:
    named = ""
    if layout.gold is not None and not layout.gold.map and (names := table.label_names.get(layout.gold.from_)):
        named = f" The set itself names them {', '.join(f'{number} {name}' for number, name in enumerate(names))}."
    return f"{table.place(bad.place or row.place)}: {bad}{named} (--on-bad-row skip leaves such rows out.)"

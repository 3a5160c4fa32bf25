"""The rows of one source in one language: a hub dataset, a local file, or the sample data."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from xbench.data.readers import read_file
from xbench.data.tables import Row, Table
from xbench.errors import DataError, nearest
from xbench.spec.sources import FileSource, HubSource, Split
from xbench.spec.task import TaskSpec


def published_table(task: TaskSpec, source: HubSource | FileSource, split: Split, language: str) -> Table:
    """The rows of a hub or file source in one language."""
    if isinstance(source, HubSource):
        from xbench.data.hub import read_hub

        table = read_hub(source, split, language, task.code(language), task.file.parent)
    else:
        table = read_file(file_path(task, source, split, language), source)
    if not source.where:
        return table
    wanted = {
        column: text.replace("{language}", language).replace("{code}", task.code(language))
        for column, text in source.where.items()
    }
    for column in wanted:
        if column not in table.columns:
            raise DataError(f"{table.name}: 'where:' names the column '{column}'.{nearest(column, table.columns)}")
    kept = [
        row
        for row in table.rows
        if row.problem or all(str(row.values.get(column)).startswith(text) for column, text in wanted.items())
    ]
    return replace(table, rows=kept)


def file_path(task: TaskSpec, source: FileSource, split: str, language: str) -> Path:
    """The source's path with language, code, split and data folder filled in; others start at the task's folder."""
    filled = (
        source.path.replace("{language}", language).replace("{code}", task.code(language)).replace("{split}", split)
    )
    if filled.startswith("{data}"):
        folder = Path(os.environ.get("XBENCH_DATA") or "data").expanduser()
        return (folder / filled.removeprefix("{data}").lstrip("/")).resolve()
    return (task.file.parent / Path(filled).expanduser()).resolve()


def sample_table(generator: str, language: str, split: str, count: int) -> Table:
    """Rows of the embedded sample data.

    Raises DataError for an unknown generator, a language that it does not write, or too many rows.
    """
    from xbench.grammar import generate

    try:
        rows = generate(generator, language, split, count)
    except ValueError as error:
        raise DataError(f"sample data '{generator}' ({language}, {split}): {error}.") from None
    columns = tuple(rows[0]) if rows else ()
    return Table(
        f"sample data '{generator}' ({language}, {split})",
        columns,
        [Row(n, row) for n, row in enumerate(rows, 1)],
        "row",
    )

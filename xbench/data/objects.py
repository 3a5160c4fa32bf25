"""Strict reading of json, json lines and parquet files, whose rows are objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xbench.data.tables import Row, Table
from xbench.errors import DataError


def parsed_json(path: Path, text: str) -> Any:
    """The value of a json file. Raises DataError with the line where it is no JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{error.lineno}: is not valid JSON: {error.msg}.") from None


def read_json(path: Path, text: str) -> Table:
    """A list of objects."""
    data = parsed_json(path, text)
    if not isinstance(data, list):
        squad = (
            " If it is laid out like SQuAD, say 'format: squad'." if isinstance(data, dict) and "data" in data else ""
        )
        raise DataError(f"{path}: expected a list of objects, one a row; found {type(data).__name__}.{squad}")
    return _objects(path, list(enumerate(data, 1)), "row")


def read_json_lines(path: Path, text: str) -> Table:
    """An object a line; blank lines at the end are no rows."""
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    found: list[tuple[int, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            found.append((number, json.loads(line)))
        except json.JSONDecodeError as error:
            found.append((number, f"is not valid JSON: {error.msg} at character {error.pos + 1}."))
    return _objects(path, found, "line")


def _objects(path: Path, found: list[tuple[int, Any]], unit: str) -> Table:
    rows, columns = [], {}
    for number, value in found:
        if isinstance(value, dict):
            columns.update(dict.fromkeys(value))
            rows.append(Row(number, value))
        else:
            problem = (
                value if isinstance(value, str) and value.startswith("is not valid JSON") else "is no JSON object."
            )
            rows.append(Row(number, {}, problem))
    return Table(str(path), tuple(columns), rows, unit)


def read_parquet(path: Path) -> Table:
    """The rows of a parquet file."""
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.ParquetFile(path).read()
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path}: is not a parquet file that can be read: {error}") from None
    return Table(
        str(path), tuple(table.column_names), [Row(n, row) for n, row in enumerate(table.to_pylist(), 1)], "row"
    )

"""Strict readers of csv, tsv, json, json lines, parquet and plain text.

A text stays what it is in the file: `NA`, `None` and `null` are words, a bare carriage return or U+2028 stays inside
its field, nothing is stripped or normalised. What does not fit is an error that names file and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xbench.errors import DataError
from xbench.spec.sources import FileSource


@dataclass(frozen=True)
class Row:
    """One row of a source: where it stands (from 1; a line for text files) and its values by column name.

    `problem` says why a row cannot be read; its values are then empty.
    """

    place: int
    values: Mapping[str, Any]
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """The rows of one source, its column names, and how messages name it and its rows ('line' or 'row')."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]
    unit: str = "line"


def read_file(path: Path, source: FileSource) -> Table:
    """All rows of a local file. Raises DataError for a file that is absent, no UTF-8, or not of its format."""
    if not path.is_file():
        how = f" {source.obtain}" if source.obtain else ""
        raise DataError(f"{path}: there is no such file.{_nearest_file(path)}{how}")
    if source.resolved_format == "parquet":
        return _parquet(path)
    text = _text(path)
    match source.resolved_format:
        case "json":
            return _json(path, text)
        case "jsonl":
            return _json_lines(path, text)
        case "lines":
            lines, _ = _lines(text)
            return Table(str(path), ("text",), [Row(number, {"text": line}) for number, line in enumerate(lines, 1)])
        case "csv":
            return _separated(path, text, source.separator or ",", source.quoting or "csv", source.column_names)
        case _:
            return _separated(path, text, source.separator or "\t", source.quoting or "none", source.column_names)


def _nearest_file(path: Path) -> str:
    from xbench.errors import nearest

    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    wanted = path.relative_to(folder).parts[0]
    hint = nearest(wanted, [entry.name for entry in folder.iterdir()][:1000])
    return hint if hint.startswith(" Did") else f" The folder '{folder}' exists and does not hold '{wanted}'."


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: byte {error.start} is not UTF-8; save the file as UTF-8.") from None


def _line_end(text: str) -> str:
    """'\\r\\n' where the first line ends so, else '\\n'. A carriage return elsewhere is content."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _lines(text: str) -> tuple[list[str], str]:
    end = _line_end(text)
    lines = text.split(end)
    if lines[-1] == "":
        lines.pop()
    return lines, end


def _separated(path: Path, text: str, separator: str, quoting: str, names: tuple[str, ...] | None) -> Table:
    if quoting == "csv":
        records = list(_csv_records(path, text, separator))
    else:
        records = [(number, line.split(separator)) for number, line in enumerate(_lines(text)[0], 1)]
    columns = names if names is not None else tuple(records.pop(0)[1]) if records else ()
    for column in columns:
        if columns.count(column) > 1:
            raise DataError(f"{path}:1: the column '{column}' is given twice; name the columns in 'column_names:'.")
    while len(columns) > 1 and records and records[-1][1] == [""]:
        records.pop()  # blank lines after the last row
    rows = [_row(number, values, columns, separator) for number, values in records]
    return Table(str(path), columns, rows)


def _row(number: int, values: list[str], columns: tuple[str, ...], separator: str) -> Row:
    if len(values) == len(columns):
        return Row(number, dict(zip(columns, values, strict=True)))
    name = {"\t": "a tab", ",": "a comma"}.get(separator, f"'{separator}'")
    return Row(
        number,
        {},
        f"has {len(values)} columns where {len(columns)} are expected ({', '.join(columns)}); the separator is {name}.",
    )


def _csv_records(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Records as RFC 4180 has them. A quote inside a field is text; one that opens a field must close it."""
    end, sep = re.escape(_line_end(text)), re.escape(separator)
    quoted = re.compile(rf'"((?:[^"]|"")*)"(?={sep}|{end}|\Z)')
    plain = re.compile(rf"(?:(?!{sep}|{end}).)*", re.DOTALL)
    place, line, start = 0, 1, 1
    record: list[str] = []
    while place < len(text):
        if text[place] == '"':
            match = quoted.match(text, place)
            if match is None:
                raise DataError(
                    f"{path}:{line}: the quote at the begin of a field is not closed, or text follows its end. "
                    "If quotes are plain text in this file, write 'quoting: none'."
                )
            record.append(match[1].replace('""', '"'))
            line += match[0].count("\n")
        else:
            match = plain.match(text, place)
            assert match is not None
            record.append(match[0])
        place = match.end()
        if place < len(text) and text[place] == separator:
            place += 1
            if place == len(text):
                record.append("")
            continue
        yield start, record
        place += len(_line_end(text))
        line += 1
        start, record = line, []
    if record:
        yield start, record


def _json(path: Path, text: str) -> Table:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{error.lineno}: is not valid JSON: {error.msg}.") from None
    if not isinstance(data, list):
        raise DataError(f"{path}: expected a list of objects, one a row; found {type(data).__name__}.")
    return _objects(path, list(enumerate(data, 1)), "row")


def _json_lines(path: Path, text: str) -> Table:
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


def _parquet(path: Path) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.ParquetFile(path).read()
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path}: is not a parquet file that can be read: {error}") from None
    return Table(
        str(path), tuple(table.column_names), [Row(n, row) for n, row in enumerate(table.to_pylist(), 1)], "row"
    )

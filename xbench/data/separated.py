"""Strict reading of csv and tsv files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from xbench.data.lines import line_end, lines_of
from xbench.data.tables import Row, Table
from xbench.errors import DataError
from xbench.spec.sources import FileSource

SEPARATOR_NAMES = {"\t": "a tab", ",": "a comma", " ": "a space"}


def read_separated(path: Path, text: str, source: FileSource) -> Table:
    """All rows of a csv or tsv file; the first line names the columns where the source does not."""
    is_csv, names = source.resolved_format == "csv", source.column_names
    separator = source.separator or ("," if is_csv else "\t")
    if (source.quoting or ("csv" if is_csv else "none")) == "csv":
        records = list(_csv_records(path, text, separator))
    else:
        records = [(number, line.split(separator)) for number, line in enumerate(lines_of(text), 1)]
    header = tuple(records.pop(0)[1]) if records and (source.header or names is None) else ()
    columns = names if names is not None else header
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
    name = SEPARATOR_NAMES.get(separator, f"'{separator}'")
    return Row(
        number,
        {},
        f"has {len(values)} columns where {len(columns)} are expected ({', '.join(columns)}); the separator is {name}.",
    )


def _csv_records(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Records as RFC 4180 has them. A quote inside a field is text; one that opens a field must close it."""
    end, sep = re.escape(line_end(text)), re.escape(separator)
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
        place += len(line_end(text))
        line += 1
        start, record = line, []
    if record:
        yield start, record

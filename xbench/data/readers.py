"""Strict readers of local files, one for each format.

A text stays what it is in the file: `NA`, `None` and `null` are words, a bare carriage return or U+2028 stays inside
its field, nothing is stripped or normalised. What does not fit is an error that names file and line.
"""

from __future__ import annotations

from pathlib import Path

from xbench.data.conll import read_conll
from xbench.data.conllu import read_conllu
from xbench.data.lines import file_text, lines_of
from xbench.data.objects import read_json, read_json_lines, read_parquet
from xbench.data.separated import read_separated
from xbench.data.squad import read_squad
from xbench.data.tables import Row, Table
from xbench.errors import DataError, nearest
from xbench.spec.sources import FileSource


def read_file(path: Path, source: FileSource) -> Table:
    """All rows of a local file. Raises DataError for a file that is absent, no UTF-8, or not of its format."""
    if not path.is_file():
        how = f" {source.obtain}" if source.obtain else ""
        raise DataError(f"{path}: there is no such file.{_nearest_file(path)}{how}")
    if source.resolved_format == "parquet":
        return read_parquet(path)
    text = file_text(path)
    match source.resolved_format:
        case "json":
            return read_json(path, text)
        case "jsonl":
            return read_json_lines(path, text)
        case "lines":
            return Table(str(path), ("text",), [Row(n, {"text": line}) for n, line in enumerate(lines_of(text), 1)])
        case "conllu":
            return read_conllu(path, text)
        case "conll":
            return read_conll(path, text, source.separator or "\t", source.column_names, source.comments)
        case "squad":
            return read_squad(path, text)
        case _:
            return read_separated(path, text, source)


def _nearest_file(path: Path) -> str:
    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    wanted = path.relative_to(folder).parts[0]
    hint = nearest(wanted, [entry.name for entry in folder.iterdir()][:1000])
    return hint if hint.startswith(" Did") else f" The folder '{folder}' exists and does not hold '{wanted}'."

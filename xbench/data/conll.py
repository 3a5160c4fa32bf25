"""CoNLL columns: one token a line beside its tag, as entity sets come (CoNLL-2003, MasakhaNER, Universal NER)."""

from __future__ import annotations

from pathlib import Path

from xbench.data.sentences import BrokenSentence, Sentence, sentence_row, sentences
from xbench.data.separated import SEPARATOR_NAMES
from xbench.data.tables import Table
from xbench.errors import DataError

_DOCUMENT_START = "-DOCSTART-"


def read_conll(
    path: Path, text: str, separator: str, names: tuple[str, ...] | None = None, comments: str | None = None
) -> Table:
    """A row a sentence, with a list for each column; and its id, where a comment such as `# sent_id = 7` gives one.

    Lines that begin with -DOCSTART- are no tokens. Raises DataError where a column is named twice.
    """
    columns = names or ("tokens", "tags")
    for column in columns:
        if columns.count(column) > 1:
            raise DataError(f"{path}: 'column_names:' gives the column '{column}' twice.")

    def read(sentence: Sentence) -> tuple[dict[str, list[str]], tuple[int, ...]]:
        cells = [(number, line.split(separator)) for number, line in sentence.lines]
        for (number, line), (_, found) in zip(sentence.lines, cells, strict=True):
            if len(found) != len(columns):
                raise BrokenSentence(number, _wrong_columns(line, found, columns, separator, comments))
        values = {name: [found[place] for _, found in cells] for place, name in enumerate(columns)}
        return values, tuple(number for number, _ in cells)

    found = [_without_document_start(sentence) for sentence in sentences(text, comments)]
    rows = [sentence_row(sentence, read) for sentence in found if sentence is not None]
    named = [name for name in ("id", "text") if any(name in row.values for row in rows) and name not in columns]
    return Table(str(path), (*named, *columns), rows)


def _without_document_start(sentence: Sentence) -> Sentence | None:
    """The sentence without lines that begin a document; None where nothing else is there."""
    kept = [(number, line) for number, line in sentence.lines if not line.startswith(_DOCUMENT_START)]
    if sentence.lines and not kept:
        return None
    return Sentence(kept, sentence.notes, sentence.first_line)


def _wrong_columns(line: str, found: list[str], columns: tuple[str, ...], separator: str, comments: str | None) -> str:
    name = SEPARATOR_NAMES.get(separator, f"'{separator}'")
    message = (
        f"has {len(found)} columns where {len(columns)} are expected ({', '.join(columns)}); the separator is {name}."
    )
    if comments is not None and line.startswith(comments):
        return f"{message} Comments stand before the first token of a sentence."
    if comments is None and line.startswith("#"):
        return f"{message} If such lines are comments, say 'comments: \"#\"'."
    for other in ("\t", " "):
        if len(line.split(other)) == len(columns) and other != separator:
            written = "\\t" if other == "\t" else other
            return f"{message} With {SEPARATOR_NAMES[other]} it has {len(columns)}: say 'separator: \"{written}\"'."
    return message

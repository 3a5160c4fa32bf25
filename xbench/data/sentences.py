"""Files of one token a line, with blank lines between sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from xbench.data.lines import lines_of
from xbench.data.tables import Row

_NOTE = re.compile(r"#\s*([\w ]+?)\s*= ?(.*)")


@dataclass
class Sentence:
    """The lines of one sentence with their numbers, and what the comments before it say."""

    lines: list[tuple[int, str]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    first_line: int = 0


class BrokenSentence(Exception):  # noqa: N818
    """Why a sentence cannot be read, and the line. Never leaves this package."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


def sentences(text: str, comments: str | None) -> Iterator[Sentence]:
    """The sentences of a file. Lines that begin with the text `comments` are comments where they precede a sentence."""
    sentence = Sentence()
    for number, line in enumerate(lines_of(text), 1):
        if line == "":
            if sentence.first_line:
                yield sentence
            sentence = Sentence()
            continue
        sentence.first_line = sentence.first_line or number
        if comments is not None and not sentence.lines and line.startswith(comments):
            if note := _NOTE.match(line):
                sentence.notes[note[1]] = note[2]
        else:
            sentence.lines.append((number, line))
    if sentence.first_line:
        yield sentence


def sentence_row(
    sentence: Sentence, read: Callable[[Sentence], tuple[Mapping[str, list[str]], tuple[int, ...]]]
) -> Row:
    """A sentence as a row of lists, and of what its comments say. `read` gives the lists and their entries' lines."""
    try:
        if not sentence.lines:
            raise BrokenSentence(sentence.first_line, "has comments and no token before the next blank line.")
        values, places = read(sentence)
    except BrokenSentence as broken:
        return Row(broken.line, {}, str(broken))
    named = {
        column: sentence.notes[note] for note, column in (("sent_id", "id"), ("text", "text")) if note in sentence.notes
    }
    return Row(places[0], {**named, **values}, entry_places=places)

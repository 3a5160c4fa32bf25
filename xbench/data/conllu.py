"""CoNLL-U, the format of Universal Dependencies: its words, as strictly as its definition asks.

Words are what is tagged. The lines of multiword tokens (`3-4`) and of empty nodes (`8.1`) are no words of their own:
they are checked and left out. https://universaldependencies.org/format.html
"""

from __future__ import annotations

import re
from pathlib import Path

from xbench.data.sentences import BrokenSentence, Sentence, sentence_row, sentences
from xbench.data.tables import Table

_COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_READ = {"tokens": 1, "lemmas": 2, "upos": 3, "xpos": 4}
_WORD = re.compile(r"[1-9][0-9]*\Z")
_RANGE = re.compile(r"([1-9][0-9]*)-([1-9][0-9]*)\Z")
_EMPTY_NODE = re.compile(r"([0-9]+)\.([1-9][0-9]*)\Z")


def read_conllu(path: Path, text: str) -> Table:
    """A row a sentence: id and text from its comments, and the lists tokens, lemmas, upos and xpos of its words."""
    rows = [sentence_row(sentence, _words) for sentence in sentences(text, "#")]
    named = [name for name in ("id", "text") if any(name in row.values for row in rows)]
    return Table(str(path), (*named, *_READ), rows)


def _words(sentence: Sentence) -> tuple[dict[str, list[str]], tuple[int, ...]]:
    order = _Order()
    words: list[tuple[int, list[str]]] = []
    for number, line in sentence.lines:
        columns = line.split("\t")
        if len(columns) != len(_COLUMNS):
            raise BrokenSentence(
                number,
                f"has {len(columns)} columns where CoNLL-U has {len(_COLUMNS)} ({', '.join(_COLUMNS)}), separated by "
                "tabs; comments stand before the first word, and a blank line after the last.",
            )
        if order.is_word(number, columns[0]):
            words.append((number, columns))
    order.end(sentence.lines[-1][0])
    values = {name: [columns[place] for _, columns in words] for name, place in _READ.items()}
    return values, tuple(number for number, _ in words)


class _Order:
    """Checks that ids count words 1, 2, 3 …, with ranges before their words and empty nodes after theirs."""

    def __init__(self) -> None:
        self.word = self.node = self.range_end = 0

    def is_word(self, line: int, identity: str) -> bool:
        """Whether the next id is that of a word."""
        if _WORD.match(identity):
            if int(identity) != self.word + 1:
                raise BrokenSentence(line, f"the id '{identity}' is out of order; expected '{self.word + 1}'.")
            self.word, self.node = self.word + 1, 0
            return True
        if found := _RANGE.match(identity):
            first, last = int(found[1]), int(found[2])
            if first != self.word + 1 or last <= first or first <= self.range_end:
                raise BrokenSentence(
                    line, f"the range '{identity}' is out of order; expected one that begins with {self.word + 1}."
                )
            self.range_end = last
        elif found := _EMPTY_NODE.match(identity):
            wanted = f"{self.word}.{self.node + 1}"
            if identity != wanted:
                raise BrokenSentence(line, f"the empty node '{identity}' is out of order; expected '{wanted}'.")
            self.node += 1
        else:
            raise BrokenSentence(
                line, f"'{identity}' is no id; expected a number, a range such as 3-4, or an empty node such as 8.1."
            )
        return False

    def end(self, line: int) -> None:
        """Raises BrokenSentence where there is no word, or a range goes on behind the last."""
        if self.word == 0:
            raise BrokenSentence(line, "the sentence has no word.")
        if self.range_end > self.word:
            raise BrokenSentence(
                line, f"a multiword token ends with word {self.range_end}, and the sentence with word {self.word}."
            )

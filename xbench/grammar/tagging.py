"""Cuts sentences into words as Universal Dependencies has them, and says each word's part of speech.

Every language declares its words' tags (`lexicon/tags/`); where a word has another tag within a phrase, the phrase is
declared too. A form that fuses two words ("im", "du") is one token with the tag of the first of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from xbench.grammar.lexicons import read_lexicon
from xbench.grammar.realisation import Writer, capitalised
from xbench.grammar.wording import Wording

UPOS = (
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ"),
    *("SYM", "VERB", "X"),
)
ENTITY_TAGS = tuple(f"{place}-{entity}" for entity in ("PER", "ORG", "LOC") for place in ("B", "I"))

_PUNCTUATION = ".,;:!?،؟۔。、？，"
_MARKS = re.escape(_PUNCTUATION)
_WORD = re.compile(rf"[^\s{_MARKS}]+|[{_MARKS}]")
# French cuts behind an apostrophe: "l'animal" is two words.
_ELIDED_WORD = re.compile(rf"[^\s{_MARKS}']+'?|[{_MARKS}]")


@dataclass(frozen=True)
class Token:
    """A word as it is written, its part of speech (UPOS) and its entity tag (IOB2)."""

    text: str
    part_of_speech: str
    entity: str = "O"


@dataclass(frozen=True)
class Segmenter:
    """One language's words and phrases with the tags of their words; `longest` counts words, or characters."""

    spaced: bool
    word: re.Pattern[str]
    entries: Mapping[str, tuple[Token, ...]]
    longest: int

    def tokens(self, phrase: str) -> Iterator[Token]:
        """The words of a phrase, each time the longest that is declared; KeyError if some word is not."""
        units = self.word.findall(phrase) if self.spaced else list(phrase)
        place = 0
        while place < len(units):
            size, tokens = self._longest_entry(units[place : place + self.longest])
            if not tokens:
                raise KeyError(f"no tag for what begins with {units[place]!r} in {phrase!r}")
            yield from tokens
            place += size

    def _longest_entry(self, units: list[str]) -> tuple[int, tuple[Token, ...]]:
        for size in range(len(units), 0, -1):
            entry = (" " if self.spaced else "").join(units[:size])
            if entry in self.entries:
                return size, self.entries[entry]
        return 0, ()


@cache
def segmenter(language: str) -> Segmenter:
    """The words and tags of one language."""
    data = read_lexicon(f"tags/{language}.yaml")
    spaced = read_lexicon(f"words/{language}.yaml")["spaced"]
    entries: dict[str, tuple[Token, ...]] = {mark: (Token(mark, "PUNCT"),) for mark in _PUNCTUATION}
    for tag in UPOS:
        entries |= {word: (Token(word, tag),) for word in data.get(tag, "").split()}
    between = " " if spaced else ""
    for phrase, tags in data.get("phrases", {}).items():
        pairs = zip(phrase.split(), tags.split(), strict=True)
        entries[between.join(phrase.split())] = tuple(Token(word, tag) for word, tag in pairs)
    longest = max(len(entry.split()) if spaced else len(entry) for entry in entries)
    return Segmenter(spaced, _ELIDED_WORD if language == "fr" else _WORD, entries, longest)


def tokens_of(wording: Wording, language: str) -> list[Token]:
    """The words of a text; none of them crosses a part's edge, and the words of names are proper nouns."""
    entity_at = {(span.start, span.end): span.name for span in wording.spans if span.name in ENTITY_TAGS}
    edges = sorted({0, len(wording.text), *(edge for span in wording.spans for edge in (span.start, span.end))})
    tokens: list[Token] = []
    for start, end in pairwise(edges):
        part = wording.text[start:end]
        if (start, end) in entity_at:
            tokens.append(Token(part, "PROPN", entity_at[start, end]))
        else:
            tokens += segmenter(language).tokens(part)
    return tokens


def sentence_tokens(wording: Wording, writer: Writer) -> list[Token]:
    """The words of what `Writer.sentence` makes of the text: a capital letter and a full stop more."""
    first, *others = tokens_of(wording, writer.lexicon.language)
    capital = replace(first, text=capitalised(first.text, writer.lexicon.language))
    return [capital, *others, Token(writer.lexicon.patterns["stop"], "PUNCT")]


def token_columns(wording: Wording, writer: Writer, tag: Callable[[Token], str]) -> dict[str, Any]:
    """A sentence as it is written, its words, and a tag for each."""
    tokens = sentence_tokens(wording, writer)
    return {
        "text": writer.sentence(wording.text),
        "tokens": [token.text for token in tokens],
        "tags": [tag(token) for token in tokens],
    }

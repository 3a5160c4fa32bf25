"""Text that knows which of its characters say which part of its meaning."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from string import Formatter

SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Span:
    """A named part of a text: its characters from `start` to before `end`."""

    name: str
    start: int
    end: int

    def shifted(self, by: int) -> "Span":
        """The same part where the text stands `by` characters later."""
        return Span(self.name, self.start + by, self.end + by)


@dataclass(frozen=True)
class Wording:
    """A text and its named parts, which may lie in one another."""

    text: str
    spans: tuple[Span, ...] = ()

    def span(self, name: str) -> Span:
        """The first part of that name; StopIteration if there is none."""
        return next(span for span in self.spans if span.name == name)

    def with_text(self, text: str) -> "Wording":
        """Another text of the same beginning, at whose characters the parts still are."""
        return Wording(text, self.spans)


def fill(pattern: str, **slots: str | Wording) -> Wording:
    """A pattern with its slots filled, each a part of its slot's name; one space between words, none at the ends."""
    text = ""
    spans: list[Span] = []
    for literal, name in _parsed(pattern):
        text = _extended(text, literal)
        if name is None:
            continue
        given = slots[name]
        slot = Wording(given) if isinstance(given, str) else given
        text = _extended(text, slot.text)
        content = " ".join(slot.text.split())
        start = len(text.rstrip()) - len(content)
        if content:
            spans += [Span(name, start, start + len(content)), *(span.shifted(start) for span in slot.spans)]
    return Wording(text.rstrip(), tuple(spans))


@cache
def _parsed(pattern: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, name) for literal, name, _, _ in Formatter().parse(pattern))


def passage(sentences: Iterable[Wording], between: str) -> Wording:
    """Sentences one after another, each a part named by its number, "0" for the first."""
    text = ""
    spans: list[Span] = []
    for number, sentence in enumerate(sentences):
        text += between if text else ""
        spans.append(Span(str(number), len(text), len(text) + len(sentence.text)))
        spans += [span.shifted(len(text)) for span in sentence.spans]
        text += sentence.text
    return Wording(text, tuple(spans))


def _extended(text: str, more: str) -> str:
    more = SPACE.sub(" ", more)
    return text + (more.lstrip() if not text or text.endswith(" ") else more)

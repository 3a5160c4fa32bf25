"""Entities in sequences of tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Tokens `start` up to `end` (exclusive), which the tags mark as an entity of a type."""

    start: int
    end: int
    type: str


def marks_entities(tags: Collection[str]) -> bool:
    """Whether these tags mark entities (B-, I- and O), and not each token on its own as parts of speech do."""
    return bool(tags) and all(tag == "O" or tag[:2] in ("B-", "I-") for tag in tags)


def spans(tags: Sequence[str]) -> list[Span]:
    """The entities of B-, I- and O tags, as CoNLL's script reads them: an I- that continues nothing begins one."""
    found: list[Span] = []
    start, kind = 0, ""
    for place, tag in enumerate((*tags, "O")):
        prefix, _, name = tag.partition("-")
        if kind and (prefix != "I" or name != kind):
            found.append(Span(start, place, kind))
            kind = ""
        if prefix in ("B", "I") and not kind:
            start, kind = place, name
    return found


def single_spans(tags: Sequence[str]) -> list[Span]:
    """Every token as a span of its own, for tags that mark no entities."""
    return [Span(place, place + 1, tag) for place, tag in enumerate(tags)]


class Consistency:
    """How consistently training data label what a span says.

    For every text that is an entity somewhere in the training data: of its occurrences there, in any place and
    without regard to capitals, the share that is labelled as an entity of each type (ExplainaBoard).
    """

    def __init__(self, sentences: Sequence[Sequence[str]], labelled: Sequence[Sequence[Span]]) -> None:
        sentences = [[token.casefold() for token in tokens] for tokens in sentences]
        entities = {
            tuple(tokens[span.start : span.end])
            for tokens, found in zip(sentences, labelled, strict=True)
            for span in found
        }
        beginnings = {text[:length] for text in entities for length in range(1, len(text) + 1)}
        self._types: dict[tuple[str, ...], Counter[str | None]] = {text: Counter() for text in entities}
        for tokens, found in zip(sentences, labelled, strict=True):
            types = {(span.start, span.end): span.type for span in found}
            for start in range(len(tokens)):
                for end in range(start + 1, len(tokens) + 1):
                    text = tuple(tokens[start:end])
                    if text not in beginnings:
                        break
                    if text in self._types:
                        self._types[text][types.get((start, end))] += 1

    def __call__(self, tokens: Sequence[str], span: Span) -> float:
        """The share of the training data's occurrences that are labelled as this span is; 0 where there are none."""
        counts = self._types.get(tuple(token.casefold() for token in tokens[span.start : span.end]))
        return counts[span.type] / counts.total() if counts else 0.0

"""Tags of a sentence: those that are missing, and the entities that IOB2 tags mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

OUTSIDE = "O"


def complete(tags: Sequence[str | None], labels: Sequence[str]) -> list[str]:
    """The tags with those that nothing predicted filled in.

    They are "O" where the labels have it, else the tag that the sentence has most often, of equally frequent ones the
    first among the labels.
    """
    counts = Counter(tag for tag in tags if tag is not None)
    usual = OUTSIDE if OUTSIDE in labels else max(labels, key=lambda label: counts[label])
    return [usual if tag is None else tag for tag in tags]


def marks_entities(labels: Sequence[str]) -> bool:
    """Whether labels are IOB2 tags."""
    return OUTSIDE in labels and all(label == OUTSIDE or label[:2] in ("B-", "I-") for label in labels)


@dataclass(frozen=True)
class Mention:
    """The tokens `start` up to `end` and the type of the entity they name."""

    start: int
    end: int
    type: str


def mentions(tags: Sequence[str]) -> list[Mention]:
    """The entities that IOB2 tags mark, in order. An I- that continues nothing of its type begins an entity."""
    found: list[Mention] = []
    for place, tag in enumerate(tags):
        mark, _, type = tag.partition("-")
        if mark == "I" and found and found[-1].end == place and found[-1].type == type:
            found[-1] = Mention(found[-1].start, place + 1, type)
        elif mark in ("B", "I"):
            found.append(Mention(place, place + 1, type))
    return found


def mention_tags(found: Sequence[Mention], length: int) -> list[str]:
    """IOB2 tags of a sentence of `length` tokens with these entities, which do not overlap."""
    tags = [OUTSIDE] * length
    for mention in found:
        tags[mention.start : mention.end] = [f"B-{mention.type}"] + [f"I-{mention.type}"] * (
            mention.end - mention.start - 1
        )
    return tags

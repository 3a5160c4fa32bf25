"""Which texts are compared: the same ones in every language where languages hold translations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xbench.data.examples import Examples


@dataclass(frozen=True)
class Texts:
    """Test examples by language. `translations`: equal ids are translations; `why_not` says why they are none."""

    examples: Mapping[str, Examples]
    translations: bool
    why_not: str = ""

    def shared(self, first: str, second: str) -> tuple[list[int], list[int]]:
        """Where the texts with equal ids are, in the first language's order."""
        places = {id: place for place, id in enumerate(self.examples[second].ids)}
        both = [(place, places[id]) for place, id in enumerate(self.examples[first].ids) if id in places]
        return [place for place, _ in both], [other for _, other in both]


def choose(examples: Mapping[str, Examples], limit: int | None) -> Texts:
    """At most `limit` examples of each language, evenly spaced; those with ids that all languages have come first.

    Equal ids count as translations where at least two are shared and their gold labels agree: translating keeps the
    label, and numbered rows of texts that are no translations differ in it.
    """
    common = set.intersection(*(set(each.ids) for each in examples.values()))
    if limit is not None:
        enough = len(common) >= limit
        first = next(iter(examples.values()))
        wanted = spaced([id for id in first.ids if id in common], limit) if enough else []
        examples = {language: _take(each, wanted, limit) for language, each in examples.items()}
    why_not = _no_translations(examples)
    return Texts(examples, not why_not, why_not)


def spaced(ids: Sequence[str], count: int) -> list[str]:
    """`count` of the ids at even distances, in order."""
    count = min(count, len(ids))
    return [ids[place * len(ids) // count] for place in range(count)]


def _take(examples: Examples, wanted: Sequence[str], limit: int) -> Examples:
    places = {id: place for place, id in enumerate(examples.ids)}
    if wanted:
        return examples.take([places[id] for id in wanted])
    return examples if len(examples) <= limit else examples.take([places[id] for id in spaced(examples.ids, limit)])


def _no_translations(examples: Mapping[str, Examples]) -> str:
    """Why texts of equal ids are no translations; empty where they are."""
    gold: dict[str, str] = {}
    shared = differing = 0
    for each in examples.values():
        for id, label in zip(each.ids, each.gold, strict=True):
            shared += id in gold
            differing += gold.setdefault(id, label) != label
    if len(examples) < 2:
        return "only one language was asked for"
    if shared < 2:
        return "no ids are shared by two languages"
    return f"{differing} of {shared} texts with equal ids have different labels" if differing else ""

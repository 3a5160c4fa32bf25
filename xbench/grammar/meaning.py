"""Meanings, which belong to no language: what a sentence says before any words are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from xbench.grammar.lexicons import concepts


@dataclass(frozen=True)
class Clause:
    """Somebody does something, perhaps somewhere, perhaps at some time; or does not."""

    subject: str
    action: str
    place: str | None = None
    time: str | None = None
    negative: bool = False


@dataclass(frozen=True)
class Opinion:
    """An aspect of a product has a quality."""

    aspect: str
    quality: str


@dataclass(frozen=True)
class Remark:
    """A judgement that is said in one fixed sentence."""

    remark: str


@dataclass(frozen=True)
class Background:
    """A sentence about a product that judges nothing."""

    background: str
    product: str
    place: str
    time: str


Statement = Clause | Opinion | Remark | Background


def sample_clause(random: Random, place: float = 0.5, time: float = 0.4, negative: float = 0.25) -> Clause:
    """A clause whose subject can do its action; the numbers are probabilities of the parts."""
    subject = random.choice(SUBJECTS)
    return Clause(
        subject,
        random.choice(ACTIONS_OF[subject]),
        random.choice(PLACES) if random.random() < place else None,
        random.choice(TIMES) if random.random() < time else None,
        random.random() < negative,
    )


def sample_background(random: Random, product: str) -> Background:
    """A sentence about the product without a judgement."""
    return Background(random.choice(BACKGROUNDS), product, random.choice(PLACES), random.choice(TIMES))


def sample_use(random: Random, product: str) -> Background:
    """A sentence about the product; what its pattern has no slot for is always the same."""
    background = sample_background(random, product)
    place = background.place if background.background == "place" else PLACES[0]
    time = background.time if background.background == "father" else TIMES[0]
    return replace(background, place=place, time=time)


def sample_judgement(random: Random, grade: int) -> Opinion | Remark:
    """A sentence that alone would give `grade` stars (1 to 5)."""
    if random.random() < 0.3:
        return Remark(random.choice(REMARKS_BY_GRADE[grade]))
    return Opinion(random.choice(ASPECTS), random.choice(QUALITIES_BY_GRADE[grade]))


def with_modifier(clause: Clause, random: Random) -> Clause | None:
    """The clause with a place or a time that it did not have; None if it has both."""
    free = [name for name in ("place", "time") if getattr(clause, name) is None]
    if not free:
        return None
    name = random.choice(free)
    return changed(clause, name, random.choice(PLACES if name == "place" else TIMES))


def without_modifier(clause: Clause, random: Random) -> Clause | None:
    """The clause without its place or its time; None if it has neither."""
    filled = [name for name in ("place", "time") if getattr(clause, name) is not None]
    return changed(clause, random.choice(filled), None) if filled else None


def changed(clause: Clause, name: str, value: str | None) -> Clause:
    """The clause with another subject, action, place or time."""
    parts: dict[str, Any] = {name: value}
    return replace(clause, **parts)


def hypernyms(concept_class: str, concept: str) -> list[str]:
    """All more general concepts, the nearest first."""
    chain = []
    while (concept := concepts()[concept_class][concept].get("is")) is not None:
        chain.append(concept)
    return chain


def excluded(concept_class: str, concept: str) -> Sequence[str]:
    """Concepts that cannot hold at once with this one."""
    return _EXCLUDED[concept_class][concept]


def _by_grade(name: str) -> dict[int, list[str]]:
    grades = concepts()[name]
    return {stars: [concept for concept, grade in grades.items() if grade == stars] for stars in range(1, 6)}


def _excluded(concept_class: str) -> dict[str, list[str]]:
    sets = {concept: relations.get("excludes") for concept, relations in concepts()[concept_class].items()}
    return {
        concept: [other for other, name in sets.items() if name == own and name and other != concept]
        for concept, own in sets.items()
    }


SUBJECTS: list[str] = list(concepts()["subjects"])
PLACES: list[str] = concepts()["places"]
TIMES: list[str] = list(concepts()["times"])
PRODUCTS: list[str] = concepts()["products"]
ASPECTS: list[str] = concepts()["aspects"]
BACKGROUNDS: list[str] = concepts()["backgrounds"]
QUALITIES_BY_GRADE = _by_grade("qualities")
REMARKS_BY_GRADE = _by_grade("remarks")
_EXCLUDED = {
    "actions": _excluded("actions"),
    "times": _excluded("times"),
    "places": {place: [other for other in PLACES if other != place] for place in PLACES},
}
ANIMALS = {subject for subject in SUBJECTS if "animal" in (subject, *hypernyms("subjects", subject))}
HYPONYMS = {
    concept_class: {
        concept: [other for other in concepts()[concept_class] if concept in hypernyms(concept_class, other)]
        for concept in concepts()[concept_class]
    }
    for concept_class in ("subjects", "actions")
}
ACTIONS_OF: dict[str, list[str]] = {
    subject: [
        action
        for action, relations in concepts()["actions"].items()
        if subject not in ANIMALS or relations.get("by") == "anyone"
    ]
    for subject in SUBJECTS
}

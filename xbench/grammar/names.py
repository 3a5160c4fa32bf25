"""People, organisations and cities that sentences mention, in each language names of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from xbench.grammar.lexicons import read_lexicon
from xbench.grammar.wording import Span, Wording

_GENDERS = {"m": 0, "f": 1}  # places of the agreement classes that names can have


@dataclass(frozen=True)
class Person:
    """A given name by its number, the women's first, and a family name by its number or none."""

    given: int
    family: int | None


@dataclass(frozen=True)
class Names:
    """One language's names and the patterns of sentences that mention them."""

    spaced: bool
    given: tuple[str, ...]
    women: int
    families: tuple[str, ...]
    order: str
    organisations: tuple[str, ...]
    organisation_gender: int
    cities: tuple[str, ...]
    patterns: Mapping[str, str]

    def gender(self, person: Person) -> int:
        """0 for a man, 1 for a woman: the agreement class of words that go with the name."""
        return int(person.given < self.women)

    def person(self, person: Person) -> Wording:
        """The name, with a part for each of its words: "B-PER", then "I-PER"."""
        given = self.given[person.given]
        if person.family is None:
            return self._name(given, "PER")
        family = form(self.families[person.family], self.gender(person))
        return self._name(self.order.format(given=given, family=family), "PER")

    def organisation(self, number: int) -> Wording:
        """The organisation's name, with a part for each of its words."""
        return self._name(self.organisations[number], "ORG")

    def city(self, number: int) -> Wording:
        """The city's name alone, with a part for each of its words."""
        return self._name(self.cities[number].partition("[")[2].partition("]")[0], "LOC")

    def in_city(self, number: int) -> Wording:
        """The phrase that says that something is in the city."""
        before, _, rest = self.cities[number].partition("[")
        name, after = self.city(number), rest.partition("]")[2]
        return Wording(before + name.text + after, tuple(span.shifted(len(before)) for span in name.spans))

    def _name(self, words: str, entity: str) -> Wording:
        text = ""
        spans: list[Span] = []
        for word in words.split():
            text += " " if text and self.spaced else ""
            spans.append(Span(f"{'I' if spans else 'B'}-{entity}", len(text), len(text) + len(word)))
            text += word
        return Wording(text, tuple(spans))


@cache
def names(language: str) -> Names:
    """The names of one language (`lexicon/names/`)."""
    data = read_lexicon(f"names/{language}.yaml")
    return Names(
        spaced=read_lexicon(f"words/{language}.yaml")["spaced"],
        given=(*data["women"], *data["men"]),
        women=len(data["women"]),
        families=tuple(data["families"]),
        order=data["order"],
        organisations=tuple(data["organisations"]),
        organisation_gender=_GENDERS[data["organisation_gender"]],
        cities=tuple(data["cities"]),
        patterns=data["patterns"],
    )


def form(forms: str, agreement: int) -> str:
    """The form for an agreement class of `form | form`; where there is one form, it is for all."""
    known = forms.split(" | ")
    return known[agreement if agreement < len(known) else 0]


def sample_person(random: Random) -> Person:
    """Anybody, most with a family name."""
    family = random.randrange(len(names("en").families)) if random.random() < 0.7 else None
    return Person(random.randrange(len(names("en").given)), family)


def sample_organisation(random: Random) -> int:
    """The number of any organisation."""
    return random.randrange(len(names("en").organisations))


def sample_city(random: Random) -> int:
    """The number of any city."""
    return random.randrange(len(names("en").cities))

"""Sentences that mention people, organisations and cities by name, and sentences much like them that do not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from xbench.grammar.meaning import ACTIONS_OF, PLACES, TIMES, Clause, sample_clause
from xbench.grammar.names import (
    Names,
    Person,
    form,
    names,
    sample_city,
    sample_organisation,
    sample_person,
)
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out
from xbench.grammar.tagging import token_columns
from xbench.grammar.wording import Wording, fill

# What an organisation does, as a person does.
TRADE = ("buy_car", "sell_car", "win_game", "lose_game", "buy_three_tickets", "buy_five_tickets")


@dataclass(frozen=True)
class Mention:
    """What a sentence says of whom: a pattern, the names in it, and a clause for all that has no name."""

    pattern: str
    clause: Clause
    person: Person | None = None
    other: Person | None = None
    organisation: int | None = None
    city: int | None = None


@dataclass(frozen=True)
class Mentions:
    """One mention, or two in one sentence."""

    parts: tuple[Mention, ...]


def sample_mentions(random: Random, pattern: str) -> Mentions:
    """A sentence that begins with the pattern; their clauses are from the held-out half."""
    first = PATTERNS[pattern](random)
    # The patterns without a clause have few sentences of their own.
    if pattern in _SHORT or random.random() < 0.3:
        return Mentions((first, PATTERNS[random.choice(_LONG)](random)))
    return Mentions((first,))


def mentions_row(mentions: Mentions, writer: Writer) -> dict[str, Any]:
    """Columns text, tokens, tags: IOB2 with PER, ORG and LOC."""
    return token_columns(worded_mentions(mentions, writer), writer, lambda token: token.entity)


def worded_mentions(mentions: Mentions, writer: Writer) -> Wording:
    """The sentence with its parts, without capital letter and full stop."""
    return writer.joined_wording([worded_mention(mention, writer) for mention in mentions.parts])


def worded_mention(mention: Mention, writer: Writer) -> Wording:
    """One mention with its parts."""
    known = names(writer.lexicon.language)
    if mention.pattern not in known.patterns:
        place = None if mention.city is None else known.in_city(mention.city)
        return writer.worded_clause(mention.clause, _subject(mention, known), place)
    # Places and times are the writer's phrases, all names are those of the list.
    slots: dict[str, str | Wording] = {
        name: writer.lexicon.word(f"{name}s", concept).form(0) if concept else ""
        for name, concept in (("place", mention.clause.place), ("time", mention.clause.time))
    }
    if mention.person is not None:
        slots["person"] = known.person(mention.person)
    if mention.other is not None:
        slots["other"] = known.person(mention.other)
    if mention.organisation is not None:
        slots["organisation"] = known.organisation(mention.organisation)
    if mention.city is not None:
        slots |= {"city": known.city(mention.city), "in": known.in_city(mention.city)}
    agreement = 0 if mention.person is None else known.gender(mention.person)
    return fill(form(known.patterns[mention.pattern], agreement), **slots)


def _subject(mention: Mention, known: Names) -> tuple[Wording, int] | None:
    if mention.person is not None:
        return known.person(mention.person), known.gender(mention.person)
    if mention.organisation is not None:
        return known.organisation(mention.organisation), known.organisation_gender
    return None


def _clause(random: Random, actions: tuple[str, ...] = ()) -> Clause:
    """A clause of the held-out half, of somebody who is then named or not."""
    while True:
        clause = sample_clause(random)
        if actions:
            clause = replace(clause, action=random.choice(actions))
        if clause.action in ACTIONS_OF[clause.subject] and is_held_out(clause):
            return clause


def _plain(random: Random) -> Mention:
    return Mention("plain", _clause(random))


def _person_acts(random: Random) -> Mention:
    return Mention("person_acts", replace(_clause(random), subject="person"), sample_person(random))


def _person_acts_in_city(random: Random) -> Mention:
    return _in_city(random, _person_acts(random))


def _plain_in_city(random: Random) -> Mention:
    return _in_city(random, _plain(random))


def _organisation_acts(random: Random) -> Mention:
    clause = replace(_clause(random, TRADE), subject="person")
    return Mention("organisation_acts", clause, organisation=sample_organisation(random))


def _organisation_acts_in_city(random: Random) -> Mention:
    return _in_city(random, _organisation_acts(random))


def _in_city(random: Random, mention: Mention) -> Mention:
    """The same with a city in the place's stead."""
    clause = replace(mention.clause, place=None)
    return replace(mention, pattern=f"{mention.pattern}_in_city", clause=clause, city=sample_city(random))


def _employed(random: Random) -> Mention:
    time = random.choice([None, *TIMES])
    return Mention("employed", _work(None, time), sample_person(random), organisation=sample_organisation(random))


def _lives(random: Random) -> Mention:
    return Mention("lives", _work(None, None), sample_person(random), city=sample_city(random))


def _both(random: Random) -> Mention:
    person, other = sample_person(random), sample_person(random)
    while other.given == person.given:
        other = sample_person(random)
    return Mention("both", _work(random.choice(PLACES), random.choice(TIMES)), person, other)


def _office(random: Random) -> Mention:
    organisation, city = sample_organisation(random), sample_city(random)
    return Mention("office", _work(None, None), organisation=organisation, city=city)


def _work(place: str | None, time: str | None) -> Clause:
    return Clause("person", "work", place, time)


PATTERNS: dict[str, Callable[[Random], Mention]] = {
    "plain": _plain,
    "person_acts": _person_acts,
    "person_acts_in_city": _person_acts_in_city,
    "plain_in_city": _plain_in_city,
    "organisation_acts": _organisation_acts,
    "organisation_acts_in_city": _organisation_acts_in_city,
    "employed": _employed,
    "lives": _lives,
    "both": _both,
    "office": _office,
}
_SHORT = ("employed", "lives", "office")
_LONG = ("plain", "person_acts", "plain_in_city", "organisation_acts")

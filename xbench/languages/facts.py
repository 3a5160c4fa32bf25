"""The facts table of languages, read from `languages.csv`; where each fact was read, from `sources.csv`.

A fact without a source that was read is blank. Shares of a corpus are of the whole corpus, all its languages together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from xbench.errors import RequestError, nearest

FACTS = ("name", "family", "branch", "script", "cc100_gib", "mc4_tokens")
BRANCHED = "Indo-European"


@dataclass(frozen=True)
class Corpus:
    """A pretraining corpus: the column of its amounts, their unit, and their sum over all languages of the corpus."""

    column: str
    title: str
    unit: str
    total: float
    models: tuple[str, ...]


CORPORA: Mapping[str, Corpus] = {
    "cc100": Corpus("cc100_gib", "CC-100, the corpus of XLM-R", "GiB", 2467.2, ("xlm-roberta", "xlm-r", "xlmr")),
    "mc4": Corpus("mc4_tokens", "mC4, the corpus of mT5", "billion tokens", 6268.65, ("mt5-",)),
}
"""`models`: how the names of backbones pretrained on the corpus begin."""


@dataclass(frozen=True)
class Source:
    """Where a fact was read: its citation, its place on the web, and what to know about it."""

    citation: str
    place: str
    note: str


@dataclass(frozen=True)
class LanguageFacts:
    """One language by its BCP-47 code. "" and None are facts that no source at hand gives.

    `sources` maps the facts that are given (`FACTS`) to keys of `sources()`.
    """

    code: str
    name: str = ""
    family: str = ""
    branch: str = ""
    script: str = ""
    cc100_gib: float | None = None
    mc4_tokens: float | None = None
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def group(self) -> str:
        """The family as papers group languages: Indo-European by branch (`IE: Germanic`), others whole."""
        return f"IE: {self.branch}" if self.family == BRANCHED and self.branch else self.family


@cache
def all_facts() -> Mapping[str, LanguageFacts]:
    """The languages of the table, by code."""
    return {row["code"]: _read(row) for row in _rows("languages.csv")}


@cache
def sources() -> Mapping[str, Source]:
    """What the table was read in, by key."""
    return {row["source"]: Source(row["citation"], row["place"], row["note"]) for row in _rows("sources.csv")}


def facts(code: str) -> LanguageFacts:
    """What is known of a language; all blank for one that is not in the table.

    A longer tag (`zh-Hant`, `pt-BR`) has the facts of its language, and the script that it names itself.
    """
    known = all_facts()
    if code in known:
        return known[code]
    language, *subtags = code.replace("_", "-").split("-")
    found = known.get(language.lower(), LanguageFacts(code))
    script = next((part.title() for part in subtags if len(part) == 4 and part.isalpha()), found.script)
    return LanguageFacts(
        code,
        **{fact: getattr(found, fact) for fact in FACTS if fact != "script"},
        script=script,
        sources={fact: key for fact, key in found.sources.items() if fact != "script" or script == found.script},
    )


def corpus_of(model: str) -> str:
    """The key in `CORPORA` of the corpus a backbone was pretrained on, by its name; "" where the name does not tell."""
    name = model.lower().rpartition("/")[2]
    return next((key for key, corpus in CORPORA.items() if name.startswith(corpus.models)), "")


def shares(corpus: str, languages: Iterable[str]) -> dict[str, float]:
    """Each language's share of a corpus, a fraction in [0, 1]; languages without the fact are left out.

    Raises:
        RequestError: a corpus that is not in `CORPORA`.
    """
    if corpus not in CORPORA:
        raise RequestError(f"There is no corpus '{corpus}'.{nearest(corpus, CORPORA)} There are {', '.join(CORPORA)}.")
    about = CORPORA[corpus]
    amounts = {language: getattr(facts(language), about.column) for language in languages}
    return {language: amount / about.total for language, amount in amounts.items() if amount is not None}


def _read(row: Mapping[str, str]) -> LanguageFacts:
    given = {fact: key for fact in FACTS if (key := row[_source_column(fact)])}
    return LanguageFacts(
        row["code"],
        name=row["name"],
        family=row["family"],
        branch=row["branch"],
        script=row["script"],
        cc100_gib=_number(row["cc100_gib"]),
        mc4_tokens=_number(row["mc4_tokens"]),
        sources=given,
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _source_column(fact: str) -> str:
    return f"{fact.split('_')[0]}_source"


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("xbench.languages").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))

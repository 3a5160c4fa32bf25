"""The facts table: every fact has its source, and the facts say what papers and texts say."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

import pytest

import xbench.languages
from xbench.errors import RequestError
from xbench.grammar import generate, languages
from xbench.languages import CORPORA, all_facts, corpus_of, facts, shares, sources
from xbench.languages.facts import FACTS
from xbench.spec.registry import load_task, task_paths

FOLDER = Path(xbench.languages.__file__).parent
XNLI = load_task("xnli").languages
XTREME = re.findall(
    r"\w+",
    "af ar bg bn de el en es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta te th tl tr ur vi "
    "yo zh",
)


def test_a_fact_and_its_source_are_given_together() -> None:
    with (FOLDER / "languages.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["code"] for row in rows] == sorted(row["code"] for row in rows)
    for row in rows:
        assert None not in row.values(), row
        for fact in FACTS:
            source = row[f"{fact.split('_')[0]}_source"]
            assert bool(row[fact]) == bool(source), (row["code"], fact)
            assert not source or source in sources(), (row["code"], fact)


def test_every_source_is_used_and_cited() -> None:
    used = {source for entry in all_facts().values() for source in entry.sources.values()}
    assert used == set(sources())
    assert all(source.citation for source in sources().values())


def test_languages_of_tasks_and_benchmarks_are_there() -> None:
    shipped = {language for name in task_paths() for language in load_task(name).languages}
    assert {language.split("-")[0] for language in shipped} <= set(all_facts())  # zh-Hant is a script of zh
    assert set(XTREME) <= set(all_facts())


def test_the_fifteen_languages_of_xnli_are_of_eleven_families() -> None:
    """As in MPT's figure 3: English and German are Germanic, Chinese is a family of its own."""
    groups = {language: facts(language).group for language in XNLI}
    assert len(set(groups.values())) == 11
    assert groups["en"] == groups["de"] == "IE: Germanic"
    assert list(groups.values()).count(groups["zh"]) == 1


def test_the_families_of_xtreme() -> None:
    """Its README counts twelve families and two isolates, Basque and Korean."""
    assert len({facts(language).family for language in XTREME}) == 14


@pytest.mark.parametrize("language", languages())
def test_scripts_are_those_of_the_sample_texts(language: str) -> None:
    """Unicode's names of letters begin with their script's."""
    names = {"Hans": {"CJK"}, "Jpan": {"CJK", "HIRAGANA", "KATAKANA"}, "Latn": {"LATIN"}, "Cyrl": {"CYRILLIC"}}
    names |= {"Arab": {"ARABIC"}, "Kore": {"HANGUL"}, "Deva": {"DEVANAGARI"}, "Beng": {"BENGALI"}}
    text = "".join(row["text"] for row in generate("reviews", language, "test", 20))
    letters = [letter for letter in text if letter.isalpha() and unicodedata.category(letter) != "Lm"]
    inside = sum(unicodedata.name(letter).split()[0] in names[facts(language).script] for letter in letters)
    assert inside / len(letters) > 0.95


def test_a_longer_tag_names_its_own_script() -> None:
    assert facts("zh-Hant").script == "Hant"
    assert "script" not in facts("zh-Hant").sources
    assert facts("zh-Hant").group == facts("zh").group
    assert facts("pt-BR").script == "Latn"


def test_an_unknown_language_is_blank() -> None:
    unknown = facts("tlh")
    assert (unknown.family, unknown.script, unknown.cc100_gib, unknown.group) == ("", "", None, "")
    assert shares("cc100", ["tlh"]) == {}


def test_shares_are_of_the_whole_corpus() -> None:
    assert shares("cc100", ["en"])["en"] == pytest.approx(300.8 / 2467.2)
    assert shares("cc100", ["quy"]) == {"quy": 0}
    for corpus in CORPORA:
        assert 0.7 < sum(shares(corpus, all_facts()).values()) < 1


@pytest.mark.parametrize(
    ("model", "corpus"),
    [("FacebookAI/xlm-roberta-base", "cc100"), ("google/mt5-base", "mc4"), ("micro-xlmr", "")],
)
def test_backbones_tell_their_corpus(model: str, corpus: str) -> None:
    assert corpus_of(model) == corpus


def test_an_unknown_corpus_is_an_error_with_the_nearest() -> None:
    with pytest.raises(RequestError, match="Did you mean 'cc100'"):
        shares("cc10", ["en"])

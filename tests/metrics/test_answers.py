"""Metrics of answers against the rules of SQuAD and MLQA, written anew from their description."""

from __future__ import annotations

import re
import string
import sys
import unicodedata
from collections import Counter

import numpy
import pytest
from torchmetrics.functional.text import squad

from tests.metrics.cases import near, text
from xbench.answers import GoldAnswers
from xbench.metrics import METRICS
from xbench.metrics.answers import squad_words

f1, exact_match, squad_f1, squad_exact_match = (
    METRICS[name] for name in ("f1", "exact_match", "squad_f1", "squad_exact_match")
)
MLQA_LANGUAGES = ("en", "es", "hi", "vi", "de", "ar", "zh")

# --- the rules, as MLQA and SQuAD state them: small letters, no punctuation, no articles, single spaces ---

PUNCTUATION = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c)[0] == "P"} | set(
    string.punctuation
)
ARTICLES = {
    "en": {"a", "an", "the"},
    "es": {"un", "una", "unos", "unas", "el", "la", "los", "las"},
    "de": {"ein", "eine", "einen", "einem", "eines", "einer", "der", "die", "das", "den", "dem", "des"},
    "vi": {"của", "là", "cái", "chiếc", "những"},
}


def reference_words(answer: str, language: str, punctuation: set[str]) -> list[str]:
    kept = "".join(c for c in answer.lower() if c not in punctuation)
    if language == "ar":
        kept = " ".join(kept.split("ال"))
    # A word is a run of word characters as Python's \b has it; an article is one that is a whole word.
    parts = re.split(r"(\w+)", kept)
    kept = "".join(" " if part in ARTICLES.get(language, ()) else part for part in parts)
    if language != "zh":
        return kept.split()
    words, run = [], ""
    for character in kept:
        if "\u4e00" <= character <= "\u9fa5":
            words += [*run.split(), character]
            run = ""
        else:
            run += character
    return [*words, *run.split()]


def reference_f1(prediction: list[str], gold: list[str]) -> float:
    if not prediction or not gold:
        return float(prediction == gold)  # SQuAD 2.0's rule; 1.1's and MLQA's give 0 for two that are empty
    same = sum((Counter(prediction) & Counter(gold)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(prediction), same / len(gold)
    return 2 * precision * recall / (precision + recall)


def reference(prediction: str, golds: tuple[str, ...], language: str, punctuation: set[str]) -> tuple[float, float]:
    found = reference_words(prediction, language, punctuation)
    each = [reference_words(gold, language, punctuation) for gold in golds]
    return max(reference_f1(found, one) for one in each), max(float(" ".join(found) == " ".join(one)) for one in each)


def cases(count: int) -> list[tuple[str, tuple[str, ...]]]:
    generator = numpy.random.default_rng(0)
    found = []
    for _ in range(count):
        golds = [text(generator)]
        golds += [near(generator, golds[0]) for _ in range(generator.integers(0, 3))]
        found.append((near(generator, golds[0]), tuple(golds)))
    return found


def gold(*texts: str) -> list[str]:
    return [str(GoldAnswers(texts, tuple(range(len(texts)))))]


@pytest.mark.parametrize("language", MLQA_LANGUAGES)
def test_generated_answers_agree_with_mlqas_rules(language: str) -> None:
    values = set()
    for prediction, golds in cases(1000):
        expected = reference(prediction, golds, language, PUNCTUATION)
        found = f1(gold(*golds), [prediction], language=language), exact_match(gold(*golds), [prediction], (), language)
        assert found == (pytest.approx(expected[0], abs=1e-12), expected[1]), (prediction, golds)
        values.add(round(found[0], 2))
    assert len(values) > 20  # not all right or wrong


@pytest.mark.parametrize("language", ["en", "ar", "zh", "th"])
def test_generated_answers_agree_with_squads_rules_whatever_the_language(language: str) -> None:
    for prediction, golds in cases(1000):
        expected = reference(prediction, golds, "en", set(string.punctuation))
        assert squad_f1(gold(*golds), [prediction], (), language) == pytest.approx(expected[0], abs=1e-12)
        assert squad_exact_match(gold(*golds), [prediction], (), language) == expected[1]


def test_squads_metrics_are_those_of_another_implementation() -> None:
    """torchmetrics', after the official script of SQuAD 1.1; it gives 0 to two answers of which nothing is left."""
    compared = 0
    for prediction, golds in cases(1200):
        target = {"answers": {"answer_start": [0] * len(golds), "text": list(golds)}, "id": "1"}
        if any(squad_words(prediction) == squad_words(text) == [] for text in golds):
            continue
        expected = squad([{"prediction_text": prediction, "id": "1"}], [target])
        assert squad_f1(gold(*golds), [prediction]) == pytest.approx(float(expected["f1"]) / 100, abs=1e-6)
        assert squad_exact_match(gold(*golds), [prediction]) == float(expected["exact_match"]) / 100
        compared += 1
    assert compared > 1000


@pytest.mark.parametrize(
    ("language", "prediction", "golds", "overlap", "equal"),
    [
        ("en", "the Cat.", ("cat",), 1, 1),
        ("en", "", ("cat",), 0, 0),
        ("en", "cat", ("",), 0, 0),
        ("en", "", (), 1, 1),  # a question without an answer
        ("en", "cat", (), 0, 0),
        ("en", "the", ("An",), 1, 1),  # articles only
        ("en", "?!", ("…",), 1, 1),  # punctuation only
        ("en", "theatre", ("atre",), 0, 0),  # no article inside a word
        ("en", "cat dog", ("dog", "cat dog bird"), 0.8, 0),  # the better of two
        ("en", "«cat»", ("cat",), 1, 1),  # punctuation of any script
        ("de", "Die Straße", ("straße",), 1, 1),
        ("de", "STRASSE", ("Straße",), 0, 0),  # small letters, not folded ones
        ("es", "El niño", ("un niño",), 1, 1),
        ("vi", "những con mèo", ("con mèo",), 1, 1),
        ("ar", "الكتاب", ("كتاب",), 1, 1),
        ("ar", "كتاب؟", ("كتاب",), 1, 1),
        ("zh", "北京天安門", ("北京天",), 0.75, 0),
        ("zh", "北京，天安門", ("北京天安門",), 1, 1),
        ("zh-Hant", "北京天安門", ("北京天",), 0.75, 0),
        ("zh", "北京abc def", ("abc def 北",), 6 / 7, 0),
        ("th", "ประเทศไทย", ("ไทย",), 0.5, 0),  # a language that MLQA lacks: characters of its script
        ("ja", "東京タワー", ("東京",), 4 / 7, 0),
        ("fr", "la maison", ("maison",), 2 / 3, 0),  # its articles stay: nobody says which they are
        ("ru", "Ёлка", ("ёлка",), 1, 1),
    ],
)
def test_answers_by_hand(language: str, prediction: str, golds: tuple[str, ...], overlap: float, equal: float) -> None:
    assert f1(gold(*golds), [prediction], (), language) == pytest.approx(overlap)
    assert exact_match(gold(*golds), [prediction], (), language) == equal


def test_squads_rules_lose_chinese() -> None:
    prediction, golds = ["北京天安門廣"], gold("北京天安門廣場前")
    assert squad_f1(golds, prediction, (), "zh") == 0
    assert f1(golds, prediction, (), "zh") == pytest.approx(12 / 14)


def test_no_answer_is_not_the_empty_answer() -> None:
    assert f1(gold(), [None]) == exact_match(gold(), [None]) == 0
    assert f1(gold(), [""]) == exact_match(gold(), [""]) == 1

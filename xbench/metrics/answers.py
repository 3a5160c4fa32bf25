"""Metrics of answers to questions: overlap with, or equality to, the nearest of the gold answers.

`f1` and `exact_match` normalise as MLQA's evaluation does (Lewis et al. 2020, section 4.1), each language by its own
rules; `squad_f1` and `squad_exact_match` as SQuAD's does (Rajpurkar et al. 2016, section 6.1), English rules for every
language. One departure from both: where normalisation leaves nothing of two answers, their F1 is 1, as in SQuAD 2.0's
script, and not 0; a gold answer as the prediction always scores 1. A question without gold answers has the answer "".
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache

import numpy

from xbench.answers import gold_answers
from xbench.metrics.metric import Metric, Predictions
from xbench.metrics.words import spaced

KINDS = ("extractive-qa",)
EXPECTED = 'answers as {"text": [...], "answer_start": [...]}'

Words = Callable[[str, str], list[str]]
"""(answer, language) -> the words that are compared."""

# The articles that MLQA leaves out. Hindi and Chinese have none; of other languages it says nothing, and none are.
ARTICLES = {
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "vi": "của là cái chiếc những",
    "de": "ein eine einen einem eines einer der die das den dem des",
}
ARABIC_ARTICLE = "ال"  # wherever it stands, inside of words too
HAN = re.compile("([\u4e00-\u9fa5])")
BY_SPACES = ("en", "es", "hi", "vi", "de", "ar")


def mlqa_words(answer: str, language: str) -> list[str]:
    """The words of an answer in small letters, without punctuation of any script and without articles.

    Chinese is divided into characters, as MLQA has it. Languages that MLQA lacks are divided at spaces, and into
    characters where their script is written without spaces (Japanese, Thai, ...).
    """
    name = re.split("[-_]", language)[0].lower()
    text = "".join(character for character in answer.lower() if not _is_punctuation(character))
    if name == "ar":
        text = text.replace(ARABIC_ARTICLE, " ")
    elif name in ARTICLES:
        text = _articles(name).sub(" ", text)
    if name == "zh":
        text = HAN.sub(r" \1 ", text)
    elif name not in BY_SPACES:
        text = spaced(text)
    return text.split()


def squad_words(answer: str, language: str = "en") -> list[str]:
    """The words of an answer in small letters, without ASCII punctuation and English articles."""
    return _articles("en").sub(" ", answer.lower().translate(_ASCII_PUNCTUATION)).split()


def overlap(first: list[str], second: list[str]) -> float:
    """F1 of two lists of words, each as often as it occurs."""
    shared = (Counter(first) & Counter(second)).total()
    return 2 * shared / (len(first) + len(second)) if first or second else 1.0


def equality(first: list[str], second: list[str]) -> float:
    """1 for equal lists of words, 0 otherwise."""
    return float(first == second)


_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)


@cache
def _articles(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(ARTICLES[language].split())})\b")


@cache
def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def _best(words: Words, score: Callable[[list[str], list[str]], float]) -> Callable[[Predictions], numpy.ndarray]:
    """The best score of each answer against any gold answer; 0 for no answer."""

    def best(given: Predictions) -> numpy.ndarray:
        values = []
        for gold, text in zip(given.read_gold(gold_answers, EXPECTED), given.prediction, strict=True):
            found = None if text is None else words(text, given.language)
            golds = gold.texts or ("",)
            values.append(0.0 if found is None else max(score(words(one, given.language), found) for one in golds))
        return numpy.array(values)

    return best


f1 = Metric.mean(
    "f1",
    KINDS,
    "Overlap of the words of answer and gold answer, normalised by MLQA's rules for the language.",
    _best(mlqa_words, overlap),
)
exact_match = Metric.mean(
    "exact_match",
    KINDS,
    "The share of answers that equal a gold answer, normalised by MLQA's rules for the language.",
    _best(mlqa_words, equality),
    right_or_wrong=True,
)
squad_f1 = Metric.mean(
    "squad_f1",
    KINDS,
    "Overlap of the words of answer and gold answer, normalised by SQuAD's (English) rules in every language.",
    _best(squad_words, overlap),
)
squad_exact_match = Metric.mean(
    "squad_exact_match",
    KINDS,
    "The share of answers that equal a gold answer, normalised by SQuAD's (English) rules in every language.",
    _best(squad_words, equality),
    right_or_wrong=True,
)

"""ROUGE against the rouge-score package: its own tokenizer where that can read a text, ours everywhere."""

from __future__ import annotations

import numpy
import pytest
from rouge_score.rouge_scorer import RougeScorer

from tests.metrics.cases import near, text
from xbench.metrics import METRICS
from xbench.metrics.words import words

NAMES = ("rouge1", "rouge2", "rougeL")


class OurWords:
    def tokenize(self, given: str) -> list[str]:
        return words(given)


@pytest.mark.parametrize("name", NAMES)
def test_generated_texts_agree_with_the_package(name: str) -> None:
    generator, metric = numpy.random.default_rng(0), METRICS[name]
    scorer, seen = RougeScorer([name], tokenizer=OurWords()), set()
    for _ in range(500):
        gold = text(generator, 20)
        predicted = near(generator, gold)
        expected = scorer.score(gold, predicted)[name].fmeasure
        assert metric([gold], [predicted]) == pytest.approx(expected, abs=1e-12)
        seen.add(round(expected, 2))
    assert len(seen) > 20


@pytest.mark.parametrize("name", NAMES)
def test_english_agrees_with_the_packages_own_words(name: str) -> None:
    generator, scorer = numpy.random.default_rng(1), RougeScorer([name])
    vocabulary = ("The", "cat", "sat", "don't", "on", "U.S.", "3.5%", "mat,", "well-known", "(x)", "A1")
    for _ in range(500):
        gold, predicted = (" ".join(generator.choice(vocabulary, generator.integers(0, 15))) for _ in range(2))
        expected = scorer.score(gold, predicted)[name].fmeasure
        assert METRICS[name]([gold], [predicted]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Don't stop, U.S.!", ["don", "t", "stop", "u", "s"]),
        ("我爱北京abc天安門。", ["我", "爱", "北", "京", "abc", "天", "安", "門"]),
        ("東京タワーに", ["東", "京", "タ", "ワ", "ー", "に"]),
        ("ประเทศ", ["ป", "ร", "ะ", "เ", "ท", "ศ"]),
        ("กี่", ["กี่"]),
        ("हिन्दी में", ["हिन्दी", "में"]),  # marks belong to their letters
        ("می\u200cخواهم", ["می\u200cخواهم"]),  # a joiner does not divide a word
        ("עִבְרִית؟ كتاب", ["עִבְרִית", "كتاب"]),
        ("nin\u0303o２０２０ﬁn", ["niño2020fin"]),  # one form of what looks alike
        ("한국어 뉴스", ["한국어", "뉴스"]),  # Korean has spaces
        ("…!?", []),
        ("", []),
    ],
)
def test_words(given: str, found: list[str]) -> None:
    assert words(given) == found


def test_nothing_to_compare_is_zero() -> None:
    for name in NAMES:
        assert METRICS[name](["…", "a b"], ["…", ""]) == 0.0


def test_a_script_without_spaces_is_scored() -> None:
    scorer = RougeScorer(["rouge1"])
    assert scorer.score("北京天安門", "北京")["rouge1"].fmeasure == 0  # the package's own words: none
    assert METRICS["rouge1"](["北京天安門"], ["北京"]) == pytest.approx(4 / 7)

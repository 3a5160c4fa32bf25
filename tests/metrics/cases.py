"""Generated gold answers and predictions of every metric's kind."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy

from xbench.answers import GoldAnswers, list_text

ENTITY_TAGS = ("O", "O", "O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
# No X: seqeval lets a tag of one letter at the end of a sentence run into the next one.
UPOS = ("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ")
UPOS = (*UPOS, "SYM", "VERB")

# Words with capitals, articles, punctuation of several scripts, other digits, composed and decomposed letters,
# right-to-left and spaceless scripts, and an answer that is nothing once it is normalised.
WORDS = (
    *("The", "the", "a", "An", "Cat", "cat", "cats", "don't", "U.S.", "3.5", "1,000", "—", "«oui»", "…", "$5"),
    *("der", "Hund", "ein", "DIE", "Straße", "strasse", "la", "El", "niño", "nin\u0303o", "under_score"),
    *("cái", "của", "những", "Việt", "الكتاب", "كتاب", "القاهرة", "؟", "עִבְרִית", "हिन्दी", "१२", "।"),
    *("北京", "天安門。", "我爱", "北京abc", "《書》", "東京タワー", "ประเทศ", "ไทย", "မြန်မာ", "ភាសា"),
    *("Ω", "İstanbul", "ΣΊΣΥΦΟΣ", "ﬁnal", "２０２０", "\ufeff", "\u00a0"),
)


def sentences(generator: numpy.random.Generator, tags: Sequence[str], count: int) -> list[list[str]]:
    """So many lists of one to twelve tags."""
    return [[str(tag) for tag in generator.choice(tags, generator.integers(1, 13))] for _ in range(count)]


def changed(generator: numpy.random.Generator, sentence: Sequence[str], tags: Sequence[str]) -> list[str]:
    """The sentence with about a quarter of its tags drawn anew."""
    return [str(generator.choice(tags)) if generator.random() < 0.25 else tag for tag in sentence]


def text(generator: numpy.random.Generator, most: int = 8) -> str:
    """Up to so many words."""
    return " ".join(str(word) for word in generator.choice(WORDS, generator.integers(0, most + 1)))


def near(generator: numpy.random.Generator, given: str) -> str:
    """The text, or some of its words, or another one."""
    words = given.split(" ")
    kept = [word for word in words if generator.random() < 0.7]
    return str(
        generator.choice([given, " ".join(kept), given.upper(), f"{given}!", " ".join(kept[::-1]), text(generator)])
    )


def gold_and_predictions(
    kind: str, generator: numpy.random.Generator, count: int
) -> tuple[list[str], list[str | None]]:
    """Gold answers of a kind, and predictions: near ones, none, and for tags some that are no tags."""
    if kind == "tagging":
        tags = sentences(generator, ENTITY_TAGS, count)
        predicted = [list_text(changed(generator, one, ENTITY_TAGS)) for one in tags]
        odd = (None, "[", '["O"]' * 2, "3", json.dumps(["O"] * 40), '[1, null]', "{}")  # fmt: skip
        return [list_text(one) for one in tags], _sometimes(generator, predicted, odd)
    texts = [text(generator) + " last word" for _ in range(count)]  # ROUGE-2 needs two
    if kind == "extractive-qa":
        gold = [str(GoldAnswers((one, near(generator, one)), (0, 0))) for one in texts]
        return gold, _sometimes(generator, [near(generator, one) for one in texts], (None, ""))
    if kind == "generation":
        return texts, _sometimes(generator, [near(generator, one) for one in texts], (None, ""))
    labels = ["yes", "no", "maybe"]
    return [str(one) for one in generator.choice(labels, count)], _sometimes(
        generator, [str(one) for one in generator.choice(labels, count)], (None, "else")
    )


def perfect(kind: str, gold: str) -> str:
    """The prediction that is the (first) gold answer; nothing for a question that has none."""
    return next(iter(json.loads(gold)["text"]), "") if kind == "extractive-qa" else gold


def _sometimes(
    generator: numpy.random.Generator, predictions: Sequence[str], odd: Sequence[str | None]
) -> list[str | None]:
    return [odd[generator.integers(len(odd))] if generator.random() < 0.1 else one for one in predictions]

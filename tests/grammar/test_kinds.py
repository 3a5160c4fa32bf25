"""Tags, entities, answers, choices and summaries: what each row promises, in every language."""

import re
from collections import Counter
from itertools import islice
from math import log
from string import Formatter
from typing import Any

import pytest
from tokenizers import Tokenizer

from xbench.grammar import generate, generators, languages
from xbench.grammar.choices import LETTERS
from xbench.grammar.lexicons import lexicon
from xbench.grammar.names import names
from xbench.grammar.splits import SPLITS
from xbench.grammar.tagging import ENTITY_TAGS, UPOS, segmenter
from xbench.grammar.topics import topic_sets
from xbench.micro import NAMES, path
from xbench.micro.corpus import documents

TAGGED = pytest.mark.parametrize("language", languages("tags"))
ASKING = pytest.mark.parametrize("language", languages("questions"))


def phrases(language: str) -> list[str]:
    """Every phrase of a lexicon, and what its patterns say between their slots."""
    source, known = lexicon(language), names(language)
    patterns = [
        *(source.patterns[name] for name in source.patterns if name not in ("stop", "ask", "ask_before")),
        *(form for pattern in known.patterns.values() for form in pattern.split(" | ")),
        *(re.sub(r"\[.*\]", "{city}", phrase) for phrase in known.cities),
    ]
    words = [word for words in source.words.values() for word in words.values()]
    return [
        *(form for word in words for form in word.forms),
        *(form for word in source.words["actions"].values() for form in word.negatives),
        *(literal.strip() for pattern in patterns for literal, *_ in Formatter().parse(pattern) if literal.strip()),
    ]


@TAGGED
def test_every_word_of_every_phrase_has_a_tag_and_is_kept(language: str) -> None:
    for phrase in phrases(language):
        tokens = list(segmenter(language).tokens(phrase))
        assert "".join(token.text for token in tokens) == phrase.replace(" ", "")
        assert {token.part_of_speech for token in tokens} <= set(UPOS)


@TAGGED
def test_a_word_without_a_tag_is_named(language: str) -> None:
    with pytest.raises(KeyError, match="no tag for"):
        list(segmenter(language).tokens("qwx"))


@pytest.mark.parametrize(
    ("language", "phrase", "expected"),
    [
        ("en", "three o'clock", "three/NUM o'clock/ADV"),
        ("de", "isst keinen Apfel", "isst/VERB keinen/DET Apfel/NOUN"),
        ("fr", "n'achète pas l'eau", "n'/ADV achète/VERB pas/ADV l'/DET eau/NOUN"),
        ("fr", "dans la cuisine", "dans/ADP la/DET cuisine/NOUN"),
        ("fr", "ne cuisine pas", "ne/ADV cuisine/VERB pas/ADV"),
        ("es", "nada en la cocina", "nada/VERB en/ADP la/DET cocina/NOUN"),
        ("sw", "saa kumi na moja", "saa/NOUN kumi/NUM na/CCONJ moja/NUM"),
        ("zh", "没有在公园里喝牛奶", "没有/ADV 在/ADP 公园/NOUN 里/ADP 喝/VERB 牛奶/NOUN"),
        ("ja", "庭で泳いでいません", "庭/NOUN で/ADP 泳い/VERB で/SCONJ い/AUX ませ/AUX ん/AUX"),
    ],
)
def test_words_have_the_tag_of_their_phrase(language: str, phrase: str, expected: str) -> None:
    tokens = segmenter(language).tokens(phrase)
    assert " ".join(f"{token.text}/{token.part_of_speech}" for token in tokens) == expected


@TAGGED
@pytest.mark.parametrize(("generator", "known"), [("tags", UPOS), ("entities", ("O", *ENTITY_TAGS))])
def test_tokens_are_the_text_and_have_a_tag_each(language: str, generator: str, known: tuple[str, ...]) -> None:
    for row in generate(generator, language, "test", 120):
        assert len(row["tags"]) == len(row["tokens"])
        assert set(row["tags"]) <= set(known)
        between = r"\s?"
        assert re.fullmatch(between.join(re.escape(token) for token in row["tokens"]), row["text"])


@TAGGED
def test_entities_are_spans_and_as_many_in_every_language(language: str) -> None:
    english = generate("entities", "en", "test", 120)
    for row, source in zip(generate("entities", language, "test", 120), english, strict=True):
        assert _entities(row) == _entities(source), row["text"]
        for before, tag in zip(["O", *row["tags"]], row["tags"], strict=False):
            assert not tag.startswith("I-") or before[2:] == tag[2:]


def _entities(row: dict[str, Any]) -> Counter[str]:
    return Counter(tag for tag in row["tags"] if tag.startswith("B-"))


@ASKING
def test_answers_are_at_their_offsets(language: str) -> None:
    for row in generate("questions", language, "test", 80):
        (text,), (start,) = row["answers"]["text"], row["answers"]["answer_start"]
        assert row["context"][start : start + len(text)] == text


@pytest.mark.parametrize(("question", "answer"), [("Who", "^(The|the) "), ("When", "^(in|at|on) "), ("What", "^(is) ")])
def test_answers_are_of_the_kind_that_is_asked_for(question: str, answer: str) -> None:
    rows = [row for row in generate("questions", "en", "test", 200) if row["question"].startswith(question)]
    assert len(rows) == 50
    assert all(re.match(answer, row["answers"]["text"][0]) for row in rows)


@pytest.mark.parametrize("language", ["en", "zh", "ar"])
def test_the_first_sentence_answers_few_questions(language: str) -> None:
    stop = lexicon(language).patterns["stop"]
    rows = generate("questions", language, "test", 400)
    first = [row["answers"]["answer_start"][0] <= row["context"].index(stop) for row in rows]
    assert sum(first) / len(rows) < 0.3


def test_splits_share_no_story_and_pretraining_has_none_of_their_sentences() -> None:
    rows = [row for split in SPLITS for row in generate("questions", "en", split, 300)]
    stories = [row["context"] for row in rows]
    asked = {(row["question"], *row["answers"]["text"]) for row in rows}
    assert len(set(stories)) == len(asked) == len(rows)
    told = {sentence for story in stories for sentence in _sentences(story)}
    pretraining = {sentence for document in islice(documents(5), 6000) for sentence in _sentences(document.text)}
    assert len(told) > 2000
    assert not told & pretraining


def _sentences(text: str) -> list[str]:
    return text.removesuffix(".").split(". ")


def test_half_of_the_questions_have_no_answer() -> None:
    rows = generate("unanswerable", "en", "train", 200)
    assert sum(row["answers"]["text"] == [] for row in rows) == 100
    assert all(len(row["answers"]["text"]) == len(row["answers"]["answer_start"]) for row in rows)


@ASKING
@pytest.mark.parametrize(("generator", "count"), [("choices", 4), ("implied", 3)])
def test_choices_differ_and_one_of_them_is_the_answer(language: str, generator: str, count: int) -> None:
    for row in generate(generator, language, "test", 60):
        choices = [row[f"choice{number}"] for number in range(1, count + 1)]
        assert len(set(choices)) == count
        assert choices[LETTERS.index(row["answer"])] == row["answer_text"]
        told = row["answer_text"][1:] in row["context"]  # sentences begin with a capital letter
        assert told or generator == "implied"


@pytest.mark.parametrize("language", languages("summaries"))
def test_a_summary_joins_two_sentences_of_its_text(language: str) -> None:
    stop = lexicon(language).patterns["stop"]
    for row in generate("summaries", language, "test", 60):
        assert row["summary"] not in row["text"]
        assert row["summary"].count(stop) == 1
        if lexicon(language).spaced:
            words = set(row["summary"].removesuffix(stop).split())
            assert words <= set(row["text"].replace(stop, " ").split())


@pytest.mark.parametrize("name", topic_sets())
def test_words_tell_topics_apart(name: str) -> None:
    """Naive Bayes on the words is nearly always right."""
    counts: dict[str, Counter[str]] = {topic: Counter() for topic in topic_sets()[name]}
    for row in generate(name, "en", "train", 700):
        counts[row["topic"]].update(_words(row["text"]))
    rows = generate(name, "en", "test", 200)

    def likelihood(topic: str, text: str) -> float:
        total = counts[topic].total() + 200
        return sum(log((counts[topic][word] + 1) / total) for word in _words(text))

    right = [max(counts, key=lambda topic: likelihood(topic, row["text"])) == row["topic"] for row in rows]
    assert sum(right) / len(rows) > 0.85


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@pytest.mark.parametrize("generator", generators())
def test_the_micro_backbones_know_every_character(generator: str) -> None:
    tokenizers = [Tokenizer.from_file(str(path(name) / "tokenizer.json")) for name in NAMES]
    for language in languages(generator):
        texts = [text for row in generate(generator, language, "train", 60) for text in _texts(row)]
        for tokenizer in tokenizers:
            assert not [
                text
                for text, encoding in zip(texts, tokenizer.encode_batch(texts), strict=True)
                if tokenizer.token_to_id("<unk>") in encoding.ids
            ]


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for part in value.values() for text in _texts(part)]
        case list():
            return [text for part in value for text in _texts(part)]
    return []

"""Sample data: parallel, balanced, reproducible, apart from pretraining."""

from collections import Counter, defaultdict
from itertools import islice
from math import log

import pytest

from xbench.grammar import UNSEEN, generate, generators, language_share, languages
from xbench.grammar.lexicons import concepts, lexicon
from xbench.grammar.topics import topic_sets
from xbench.micro.corpus import documents

FIRST = ("en", "de", "es", "fr", "ru", "ar", "zh", "ja", "tr", "sw", "bg", "ur")
ASKING = (*FIRST, "it", "ko", "hi", "vi", "fi", "id", "bn")
WORDS = (*ASKING, "ha", "so", "xh", "sn", "pcm")
LABEL_COLUMNS = {
    "reviews": "stars",
    "inference": "label",
    "paraphrases": "label",
    "sentiment": "sentiment",
    "duplicates": "label",
    "choices": "answer",
    "implied": "answer",
} | dict.fromkeys(topic_sets(), "topic")


@pytest.mark.parametrize("generator", generators())
def test_rows_are_parallel_across_languages(generator: str) -> None:
    rows = {language: generate(generator, language, "test", 60) for language in languages(generator)}
    label = LABEL_COLUMNS.get(generator, "id")
    for written in rows.values():
        assert [row["id"] for row in written] == [f"test-{index}" for index in range(60)]
        assert [row[label] for row in written] == [row[label] for row in rows["en"]]
        assert [list(row) for row in written] == [list(row) for row in rows["en"]]
        assert next(iter(written[0])) == "id"
        texts = [text for row in written for value in row.values() for text in _texts(value)]
        assert all(text and text == text.strip() and "  " not in text for text in texts)


def _texts(value: object) -> list[str]:
    """The texts of a cell: itself, a list's entries, or those of answers."""
    match value:
        case str():
            return [value]
        case list():
            return [text for text in value if isinstance(text, str)]
        case dict():
            return [text for part in value.values() for text in _texts(part)]
    raise TypeError(value)


@pytest.mark.parametrize(("generator", "column"), LABEL_COLUMNS.items())
def test_labels_are_balanced(generator: str, column: str) -> None:
    counts = Counter(row[column] for row in generate(generator, "en", "train", 420))
    assert len(set(counts.values())) == 1


@pytest.mark.parametrize("generator", generators())
def test_rows_depend_on_split_and_seed_alone_and_fewer_rows_begin_more(generator: str) -> None:
    rows = generate(generator, "de", "test", 50, seed=3)
    assert generate(generator, "de", "test", 20, seed=3) == rows[:20]
    assert generate(generator, "de", "test", 50, seed=4) != rows
    assert generate(generator, "de", "dev", 50, seed=3) != rows


@pytest.mark.parametrize(
    ("generator", "language"), [(name, language) for name in generators() for language in languages(name)]
)
def test_splits_share_no_row(generator: str, language: str) -> None:
    texts = [
        str([value for name, value in row.items() if name != "id"])
        for split in ("train", "dev", "test")
        for row in generate(generator, language, split, 300)
    ]
    assert len(set(texts)) == len(texts)


def test_the_hypothesis_alone_does_not_tell_the_label() -> None:
    """Naive Bayes on the hypothesis' words stays near chance, a third."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in generate("inference", "en", "train", 1800):
        counts[row["label"]].update(row["hypothesis"].split())
    vocabulary = {word for counter in counts.values() for word in counter}

    def likelihood(label: str, hypothesis: str) -> float:
        total = counts[label].total() + len(vocabulary)
        return sum(log((counts[label][word] + 1) / total) for word in hypothesis.split())

    rows = generate("inference", "en", "test", 900)
    right = sum(max(counts, key=lambda label: likelihood(label, row["hypothesis"])) == row["label"] for row in rows)
    assert right / len(rows) < 0.42


def test_no_task_text_occurs_in_pretraining() -> None:
    texts = {
        row[column]
        for language in languages()
        for split in ("train", "dev", "test")
        for generator, column in (("reviews", "text"), ("paraphrases", "sentence1"), ("text", "text"))
        for row in generate(generator, language, split, 300)
    }
    clauses = {
        lexicon(language).patterns["stop"].join([row[column], ""])
        for language in languages()
        for row in generate("inference", language, "test", 300)
        for column in ("premise", "hypothesis")
    }
    for document in islice(documents(5), 4000):
        assert document.text not in texts
        assert not any(sentence + "." in clauses for sentence in document.text.split(". ")), document.text


def test_shares_are_of_seen_languages_and_add_to_one() -> None:
    assert sum(language_share().values()) == pytest.approx(1)
    assert set(language_share()) | UNSEEN == set(languages())
    assert tuple(language for language in languages() if language in UNSEEN) == WORDS[10:]
    assert set(concepts()["relative"]) == {"bg", "ur"} < UNSEEN


def test_languages_are_those_whose_lexicon_has_what_a_generator_needs() -> None:
    assert languages() == WORDS
    assert {name: languages(name) for name in generators()} == {
        **dict.fromkeys(generators(), WORDS),
        **dict.fromkeys(("questions", "unanswerable", "choices", "implied"), ASKING),
        **dict.fromkeys(("tags", "entities"), FIRST),
    }
    with pytest.raises(ValueError, match=r"no language of 'tags' 'ko'; there are en, de, .*, bg, ur$"):
        generate("tags", "ko", "test", 1)
    with pytest.raises(ValueError, match="no generator 'tag'; there are"):
        languages("tag")


@pytest.mark.parametrize(
    ("generator", "language", "split"), [("review", "en", "test"), ("reviews", "xx", "test"), ("reviews", "en", "x")]
)
def test_unknown_names_are_refused_with_the_known_ones(generator: str, language: str, split: str) -> None:
    with pytest.raises(ValueError, match="there are"):
        generate(generator, language, split, 1)


def test_more_rows_than_there_are_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xbench.grammar.generation.split_of", lambda meaning: "train")
    with pytest.raises(ValueError, match="no more than 0 different rows"):
        generate("sentiment", "en", "dev", 3, seed=99)

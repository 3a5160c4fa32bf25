"""ExplainaBoard's attributes of tagged sentences and of summaries, on examples worked out by hand."""

from __future__ import annotations

import json
import math

import pandas
import pytest

from xbench.diagnosis.attributes.frame import attribute_frame
from xbench.diagnosis.attributes.tags import Consistency, Span, marks_entities, spans
from xbench.errors import DataError

NAN = math.nan
SENTENCES = pandas.DataFrame(
    {
        "tokens": [["Ana", "Lima", "visits", "Rome"], ["It", "rains"], ["Lima", "wins"]],
        "gold": [["B-PER", "I-PER", "O", "B-LOC"], ["O", "O"], ["B-ORG", "O"]],
    }
)
TRAINING = pandas.DataFrame(
    {
        "tokens": [["Lima", "is", "in", "Peru"], ["lima", "beans"], ["Lima", "wins", "in", "Rome"]],
        "gold": [["B-LOC", "O", "O", "B-LOC"], ["O", "O"], ["B-ORG", "O", "O", "B-LOC"]],
    }
)


def tagging(examples: pandas.DataFrame = SENTENCES, training: pandas.DataFrame | None = TRAINING) -> pandas.DataFrame:
    """All attributes of tagged sentences but fertility."""
    names = ["sLen", "eLen", "eDen", "eCon", "OOV"]
    return attribute_frame("tagging", examples, "en", names, fields=["tokens"], training=training)


def equal(found: pandas.Series, expected: list[float]) -> bool:
    """Whether they are the same, NaN where NaN."""
    return found.tolist() == pytest.approx(expected, nan_ok=True)


def test_lengths_and_density() -> None:
    frame = tagging()
    assert equal(frame["sLen"], [4, 2, 2])
    assert equal(frame["eLen"], [1.5, NAN, 1])  # two tokens and one
    assert equal(frame["eDen"], [0.75, 0, 0.5])


def test_label_consistency_by_hand() -> None:
    # 'Ana Lima' is nowhere in training; 'Rome' is once, as a place. 'Lima' is there three times: place, none, firm.
    assert equal(tagging()["eCon"], [(0 + 1) / 2, NAN, 1 / 3])


def test_out_of_vocabulary_share() -> None:
    # Known: Lima, is, in, Peru, lima, beans, wins, Rome.
    assert equal(tagging()["OOV"], [2 / 4, 1, 0])


def test_what_is_defined_against_training_data_is_absent_without_them() -> None:
    frame = tagging(training=None)
    assert list(frame.columns) == ["sLen", "eLen", "eDen"]
    assert all("no training examples" in frame.attrs["notes"][name] for name in ("eCon", "OOV"))


def test_tags_as_json_text_are_the_same() -> None:
    texts = SENTENCES.map(json.dumps)
    pandas.testing.assert_frame_equal(tagging(texts, TRAINING.map(json.dumps)), tagging())


def test_parts_of_speech_have_no_entities_but_labels() -> None:
    examples = pandas.DataFrame({"tokens": [["the", "run"]], "gold": [["DET", "NOUN"]]})
    training = pandas.DataFrame(
        {"tokens": [["the", "run"], ["run", "run"]], "gold": [["DET", "NOUN"], ["VERB", "NOUN"]]}
    )
    frame = tagging(examples, training)
    assert list(frame.columns) == ["sLen", "eCon", "OOV"]
    assert "mark no entities" in frame.attrs["notes"]["eLen"]
    assert equal(frame["eCon"], [(1 + 2 / 3) / 2])


def test_an_entity_inside_a_longer_one_counts_as_unlabelled_there() -> None:
    consistency = Consistency([["New", "York"], ["York"]], [[Span(0, 2, "LOC")], [Span(0, 1, "LOC")]])
    assert consistency(["York"], Span(0, 1, "LOC")) == 0.5
    assert consistency(["New", "York"], Span(0, 2, "LOC")) == 1
    assert consistency(["new", "york"], Span(0, 2, "ORG")) == 0


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-A I-A B-A", [(0, 2, "A"), (2, 3, "A")]),
        ("O I-A I-B", [(1, 2, "A"), (2, 3, "B")]),  # an I- that continues nothing begins an entity
        ("B-A I-B O", [(0, 1, "A"), (1, 2, "B")]),
        ("O O", []),
    ],
)
def test_entities_of_tags(tags: str, expected: list[tuple[int, int, str]]) -> None:
    assert spans(tags.split()) == [Span(*entry) for entry in expected]
    assert marks_entities(tags.split())


def test_a_sentence_with_too_few_tags_is_a_mistake() -> None:
    with pytest.raises(DataError, match="2 tokens and 1 tags"):
        tagging(pandas.DataFrame({"tokens": [["a", "b"]], "gold": [["O"]]}))
    with pytest.raises(DataError, match="'tokens' of example 0 is no list"):
        tagging(pandas.DataFrame({"tokens": ["a b"], "gold": [["O", "O"]]}))


def test_compression_and_novelty() -> None:
    texts = ["The red cat sat on the mat.", "One.", "A b c"]
    summaries = ["the Red cat the red cat slept", "One", ""]
    examples = pandas.DataFrame({"text": texts, "gold": summaries})
    frame = attribute_frame("generation", examples, "en", ["compression", "novelty", "t1Len"], fields=["text"])
    assert equal(frame["compression"], [7 / 7, 1, NAN])
    # the-red x2 and red-cat x2 are in the text; cat-the and cat-slept are not.
    assert equal(frame["novelty"], [2 / 6, NAN, NAN])
    assert equal(frame["t1Len"], [7, 1, 3])


def test_out_of_vocabulary_words_of_a_text() -> None:
    examples = pandas.DataFrame({"text": ["a b, c", ""], "gold": ["x", "y"]})
    training = pandas.DataFrame({"text": ["b a", "b"], "gold": ["x", "y"]})
    frame = attribute_frame("generation", examples, "en", ["OOV"], fields=["text"], training=training)
    assert equal(frame["OOV"], [1 / 3, NAN])

"""Metrics of tags against seqeval, on generated sentences and on the cases where readings of tags differ."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy
import pytest
from seqeval.metrics import accuracy_score, f1_score
from seqeval.metrics.sequence_labeling import get_entities

from tests.metrics.cases import ENTITY_TAGS, UPOS, changed, sentences
from xbench.answers import list_text
from xbench.metrics import METRICS
from xbench.metrics.tagging import chunks

span_f1, xtreme_f1, token_accuracy = (METRICS[name] for name in ("span_f1", "xtreme_f1", "token_accuracy"))
ODD_TAGS = (*ENTITY_TAGS, "E-PER", "S-LOC", "B", "I", "O-X", "B-a-b", "I-a-b", "X", "_", ".", "B-", "-")


@pytest.fixture(autouse=True)
def _quiet() -> None:
    warnings.filterwarnings("ignore", module="seqeval")  # tags that mark no entities


def texts(tagged: Sequence[Sequence[str]]) -> list[str]:
    return [list_text(one) for one in tagged]


@pytest.mark.parametrize("tags", [ENTITY_TAGS, UPOS, (*ENTITY_TAGS, "E-PER", "S-PER", "B-PER-x")])
def test_generated_sentences_agree_with_seqeval(tags: Sequence[str]) -> None:
    generator = numpy.random.default_rng(0)
    for _ in range(500):
        gold = sentences(generator, tags, int(generator.integers(1, 8)))
        predicted = [changed(generator, one, tags) for one in gold]
        expected = f1_score(gold, predicted, zero_division=0)
        assert span_f1(texts(gold), texts(predicted)) == pytest.approx(expected, abs=1e-12)
        assert xtreme_f1(texts(gold), texts(predicted)) == pytest.approx(expected, abs=1e-12)
        assert token_accuracy(texts(gold), texts(predicted)) == pytest.approx(accuracy_score(gold, predicted))


def test_chunks_are_seqevals_whatever_the_tags() -> None:
    generator = numpy.random.default_rng(1)
    for sentence in sentences(generator, ODD_TAGS, 2000):
        assert chunks(sentence) == set(get_entities(sentence)), sentence


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ([], set()),
        (["O", "O"], set()),
        (["I-PER", "I-PER"], {("PER", 0, 1)}),  # an orphan I- begins an entity
        (["O", "I-PER", "O", "I-PER"], {("PER", 1, 1), ("PER", 3, 3)}),
        (["B-PER", "I-ORG"], {("PER", 0, 0), ("ORG", 1, 1)}),  # an I- of another type begins one, too
        (["B-PER", "B-PER", "I-PER"], {("PER", 0, 0), ("PER", 1, 2)}),  # adjacent entities
        (["B-PER", "I-PER", "B-ORG"], {("PER", 0, 1), ("ORG", 2, 2)}),
        (["NOUN", "NOUN", "VERB"], {("OUN", 0, 1), ("ERB", 2, 2)}),  # runs of equal tags
        (["CCONJ", "SCONJ"], {("CONJ", 1, 1)}),  # seqeval's: one type, and only an S stands alone
    ],
)
def test_cases_that_are_read_in_several_ways(tags: list[str], found: set[tuple[str, int, int]]) -> None:
    assert chunks(tags) == found == set(get_entities(tags))


def test_boundaries_and_types_must_both_be_right() -> None:
    gold = list_text(["B-PER", "I-PER", "O", "B-LOC"])
    assert span_f1([gold], [list_text(["B-PER", "O", "O", "B-LOC"])]) == 0.5
    assert span_f1([gold], [list_text(["B-PER", "I-PER", "O", "B-ORG"])]) == 0.5
    assert span_f1([gold], [list_text(["I-PER", "I-PER", "O", "I-LOC"])]) == 1.0  # the same entities


def test_sentences_without_entities() -> None:
    nothing, one = list_text(["O", "O"]), list_text(["B-PER", "O"])
    assert span_f1([nothing], [nothing]) == 0.0 == f1_score([["O", "O"]], [["O", "O"]], zero_division=0)
    assert span_f1([nothing, one], [nothing, one]) == 1.0
    assert span_f1([nothing], [one]) == 0.0


@pytest.mark.parametrize("bad", ["", "O O", "[", '["O"]', '["O", "O", "O"]', '["O", null]', '{"a": 1}', "2", "null"])
def test_a_prediction_that_is_no_list_of_as_many_tags_is_wrong(bad: str) -> None:
    gold = [list_text(["O", "B-PER"]), list_text(["O", "O"])]
    assert token_accuracy(gold, [bad, gold[1]]) == 0.5
    assert span_f1([gold[0]] * 2, [bad, gold[0]]) == pytest.approx(2 / 3)  # one of two entities, nothing wrong


def test_an_empty_sentence_has_no_tokens() -> None:
    assert token_accuracy(["[]", '["O"]'], ["[]", '["O"]']) == 1.0
    assert token_accuracy(["[]", '["O"]'], [None, '["O"]']) == 1.0

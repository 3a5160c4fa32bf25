"""Answers of every kind as text, and back."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import GetBackbone
from tests.tiny_kinds import KINDS, kind_examples, kind_task
from xbench.answers import GoldAnswers, gold_answers, list_text, text_list
from xbench.data.examples import Examples
from xbench.encoding.answers import EntityList, TagSequence, answer_form
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.rows import Row
from xbench.encoding.tag_lists import mentions
from xbench.encoding.text2text import Text2Text
from xbench.spec.task import TaskSpec

WORDS = ("the", "book", "is", "good", ".", "cat", "sees", "bad", "Ünal", "food")
POS, NER = kind_task("tagging"), kind_task("entities")
PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def text2text(backbone: GetBackbone, task: TaskSpec, **options: object) -> Text2Text:
    return Text2Text(task, backbone("mt5").tokenizer, EncodingOptions(**options), "en")  # type: ignore[arg-type]


def generated(formulation: Text2Text, texts: list[str], rows: list[Row], language: str = "en") -> list[str | None]:
    """What these generated texts, one for each row, are read as."""
    tokenizer = formulation.tokenizer
    ids = [torch.tensor([tokenizer.pad_token_id, *tokenizer(text)["input_ids"]]) for text in texts]
    output = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=tokenizer.pad_token_id)
    return formulation.decode(output, formulation.batch(rows, language)).predictions


def targets(formulation: Text2Text, rows: list[Row]) -> list[str]:
    """The texts that the rows are trained on."""
    return formulation.tokenizer.batch_decode([row.values["target_ids"] for row in rows], skip_special_tokens=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_the_target_is_read_as_the_gold(backbone: GetBackbone, kind: str, language: str) -> None:
    task = kind_task(kind)
    formulation = text2text(backbone, task)
    given = kind_examples(task, language)
    rows = formulation.encode(given).rows
    found = generated(formulation, targets(formulation, rows), rows, language)
    expected = [gold_answers(gold).texts[0] for gold in given.gold] if kind == "extractive-qa" else list(given.gold)
    assert found == expected
    assert all(row.count == len(row.values["target_ids"]) > 0 for row in rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_all_kinds_share_a_batch(backbone: GetBackbone, kind: str) -> None:
    """A joint method mixes them."""
    both = [
        row
        for name in ("generation", kind)
        for row in text2text(backbone, kind_task(name)).encode(kind_examples(kind_task(name))).rows[:3]
    ]
    batch = text2text(backbone, kind_task(kind)).mixed_batch(both)
    assert batch["target_ids"].shape[0] == 6 and batch.count == sum(row.count for row in both)


def test_tokens_are_shown_as_words_and_not_as_json(backbone: GetBackbone) -> None:
    formulation = text2text(backbone, POS)
    given = kind_examples(POS)
    for row in formulation.encode(given).rows:
        shown = formulation.tokenizer.decode(row.values["input_ids"], skip_special_tokens=True)
        tokens = text_list(given.fields["tokens"][row.index])
        part = row.origin.tokens  # type: ignore[attr-defined]
        assert shown == "Tag every word. Sentence: " + " ".join(part)
        assert " ".join(part) in " ".join(tokens)


TAGS = st.lists(st.sampled_from(POS.labels), min_size=1, max_size=50)


@PROPERTY
@given(tags=TAGS, target_length=st.integers(2, 64))
def test_every_tag_of_a_long_sentence_is_asked_for_once(
    backbone: GetBackbone, tags: list[str], target_length: int
) -> None:
    formulation = text2text(backbone, POS, target_length=target_length)
    tokens = [WORDS[place % len(WORDS)] for place in range(len(tags))]
    given = Examples(POS.name, "en", "test", ("0",), {"tokens": (list_text(tokens),)}, (list_text(tags),))
    rows = formulation.encode(given).rows
    assert [token for row in rows for token in row.origin.tokens] == tokens  # type: ignore[attr-defined]
    written = [" ".join(tags[row.origin.start :][: len(row.origin.tokens)]) for row in rows]  # type: ignore[attr-defined]
    if target_length > 10:
        assert targets(formulation, rows) == written  # none was cut
    assert generated(formulation, written, rows) == [given.gold[0]]


def test_what_a_tag_sequence_lacks_is_filled_and_what_is_too_much_is_left_out(backbone: GetBackbone) -> None:
    form = answer_form(POS, backbone("mt5").tokenizer, EncodingOptions())
    assert isinstance(form, TagSequence)
    assert form.tags("DET noun  banana VERB", "abcde") == ["DET", "NOUN", None, "VERB", None]
    assert form.tags("DET DET DET", "a") == ["DET"]
    formulation = text2text(backbone, POS)
    given = Examples(POS.name, "en", "test", ("0",), {"tokens": (list_text(["a", "b", "c", "d"]),)}, ("",))
    rows = formulation.encode(given).rows
    assert generated(formulation, ["NOUN VERB VERB"], rows) == [list_text(["NOUN", "VERB", "VERB", "VERB"])]
    assert generated(formulation, [""], rows) == [list_text(["DET"] * 4)]


# --- entities ---


def entities(backbone: GetBackbone) -> EntityList:
    form = answer_form(NER, backbone("mt5").tokenizer, EncodingOptions())
    assert isinstance(form, EntityList)
    return form


@PROPERTY
@given(data=st.data())
def test_entities_of_words_that_differ_come_back_exactly(backbone: GetBackbone, data: st.DataObject) -> None:
    form = entities(backbone)
    tokens = [f"w{place}" for place in range(data.draw(st.integers(1, 15)))]
    tags = data.draw(st.lists(st.sampled_from(NER.labels), min_size=len(tokens), max_size=len(tokens)))
    found = form.tags(form.write(tags, tokens), tokens)
    assert len(found) == len(tokens)
    assert mentions([tag or "" for tag in found]) == mentions(tags)


@PROPERTY
@given(text=st.text(alphabet="PERLOC:; abwé1\n", max_size=40), count=st.integers(0, 6))
def test_any_text_gives_as_many_tags_as_tokens(backbone: GetBackbone, text: str, count: int) -> None:
    tokens = ["a", "b", "é", "a", "w1", ""][:count]
    found = entities(backbone).tags(text, tokens)
    assert len(found) == count and set(found) <= {*NER.labels, None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PER: Ada King; LOC: Paris", "B-PER I-PER O B-LOC O O O"),
        ("per:ada  king ;loc:PARIS", "B-PER I-PER O B-LOC O O O"),
        ("LOC: Paris; LOC: Paris", "O O O B-LOC O B-LOC O"),
        ("LOC: Paris; LOC: Paris; LOC: Paris", "O O O B-LOC O B-LOC O"),
        ("LOC: Paris; PER: Ada", "B-PER O O B-LOC O O O"),
        ("PER: King Ada; GOD: Paris; Paris; LOC:; LOC: Par", "O O O O O O O"),
        ("PER: Ada King; PER: King", "B-PER I-PER O O O O O"),
        ("LOC: Paris, Paris", "O O O B-LOC I-LOC I-LOC O"),
        ("", "O O O O O O O"),
    ],
)
def test_entities_are_found_where_their_words_stand(backbone: GetBackbone, text: str, expected: str) -> None:
    tokens = ["Ada", "King", "saw", "Paris", ",", "Paris", "!"]
    assert entities(backbone).tags(text, tokens) == expected.split()


def test_entities_are_written_in_order_with_their_types(backbone: GetBackbone) -> None:
    tags = ["B-PER", "I-PER", "O", "I-LOC", "B-LOC"]
    tokens = ["Ada", "King", "saw", "Paris", "Rome"]
    assert entities(backbone).write(tags, tokens) == "PER: Ada King; LOC: Paris; LOC: Rome"
    assert entities(backbone).write(["O"] * 5, tokens) == ""


# --- the other kinds ---


def test_a_question_is_trained_on_its_first_answer(backbone: GetBackbone) -> None:
    task = kind_task("extractive-qa")
    formulation = text2text(backbone, task)
    fields = {"question": ("Who?", "Who?"), "context": ("the cat", "the cat")}
    gold = (str(GoldAnswers(("the cat", "cat"), (0, 4))), json.dumps({"text": [], "answer_start": []}))
    given = Examples(task.name, "en", "test", ("0", "1"), fields, gold)
    rows = formulation.encode(given).rows
    assert targets(formulation, rows) == ["the cat", ""]
    assert [row.count for row in rows] == [len(formulation.tokenizer("the cat")["input_ids"]), 1]
    assert generated(formulation, [" a dog ", ""], rows) == ["a dog", ""]


def test_labels_without_a_verbalizer_are_their_own_words(backbone: GetBackbone) -> None:
    task = kind_task("multiple-choice")
    formulation = text2text(backbone, task)
    rows = formulation.encode(kind_examples(task, count=4)).rows
    assert targets(formulation, rows) == ["A", "B", "A", "B"]
    assert generated(formulation, ["a", "B.", "C", ""], rows) == ["A", "B", None, None]
    batch = formulation.batch(rows, "en")
    longest = max(len(formulation.tokenizer(label)["input_ids"]) for label in task.labels)
    assert batch.context["answer_length"] == longest + 2


def test_open_answers_may_be_as_long_as_the_limit(backbone: GetBackbone) -> None:
    for kind in ("tagging", "extractive-qa", "generation"):
        task = kind_task(kind)
        formulation = text2text(backbone, task, target_length=17)
        rows = formulation.encode(kind_examples(task)).rows
        assert formulation.batch(rows, "en").context["answer_length"] == 17
        assert max(row.count for row in rows) <= 17

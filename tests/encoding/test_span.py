"""Spans: windows that hold every answer, and answers cut from the context exactly as it is."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from transformers import BertForQuestionAnswering, PreTrainedTokenizerBase, XLMRobertaForQuestionAnswering

from tests.conftest import GetBackbone
from tests.tiny import Built
from tests.tiny_kinds import kind_examples, kind_task
from xbench.answers import GoldAnswers
from xbench.data.examples import Examples
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.pieces import text_pieces
from xbench.encoding.rows import Row
from xbench.encoding.span import Span, best_spans
from xbench.errors import RequestError

KINDS = ("xlmr", "unigram", "bert")
QA = kind_task("extractive-qa")
PARTS = (
    "The ",
    "book",
    " is",
    " good",
    ". ",
    "\u00a0",
    "\r\n",
    "\n\n",
    "  ",
    "\u200b",
    "\ufeff",
    "é",
    "e\u0301",
    "½",
    "ﬁ",
    "x",
)
PARTS += ("这本书", "很好", "。", "भाषा ", "이것은 ", "<s>", "[MASK]", "10", "km", "😀", "(", ")", "’s ", "und ")
CONTEXT = st.lists(st.sampled_from(PARTS), min_size=1, max_size=40).map("".join)
PROPERTY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def questions(*rows: tuple[str, str, str, int]) -> Examples:
    """Examples of (question, context, answer, its start)."""
    fields = {"question": tuple(row[0] for row in rows), "context": tuple(row[1] for row in rows)}
    gold = tuple(str(GoldAnswers((row[2],), (row[3],))) for row in rows)
    return Examples(QA.name, "en", "test", tuple(map(str, range(len(rows)))), fields, gold)


def span(tokenizer: PreTrainedTokenizerBase, **options: object) -> Span:
    return Span(QA, tokenizer, EncodingOptions(**options), "en")  # type: ignore[arg-type]


def listed(row: Row, name: str) -> list[int]:
    values = row.values[name]
    assert not isinstance(values, int)
    return list(values)


def gold_scores(formulation: Span, rows: list[Row]) -> torch.Tensor:
    """Scores that are highest at the rows' own labels; a window without the answer is less sure than one with it."""
    batch = formulation.batch(rows, "en")
    scores = torch.zeros(len(rows), 2, batch["input_ids"].shape[1])
    scores.scatter_(2, batch["label"].unsqueeze(-1), 1.0)
    return scores


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_rows_equal_the_tokenizers_own_pairs(backbone: GetBackbone, kind: str, language: str) -> None:
    tokenizer = backbone(kind).tokenizer
    given = kind_examples(QA, language, longest=20)
    rows = span(tokenizer).encode(given).rows
    assert [row.index for row in rows] == list(range(8))
    for row in rows:
        wanted = tokenizer(given.fields["question"][row.index], given.fields["context"][row.index])
        for key in tokenizer.model_input_names:
            assert row.values[key] == wanted[key], key


@PROPERTY
@given(
    kind=st.sampled_from(KINDS), context=CONTEXT, limit=st.integers(48, 90), stride=st.integers(0, 20), data=st.data()
)
def test_an_answer_of_whole_pieces_is_found_exactly(
    backbone: GetBackbone, kind: str, context: str, limit: int, stride: int, data: st.DataObject
) -> None:
    tokenizer = backbone(kind).tokenizer
    (pieces,) = text_pieces([context], tokenizer)
    held = [piece for piece in pieces if piece.start < piece.end]
    assume(held)
    first = data.draw(st.integers(0, len(held) - 1))
    last = data.draw(st.integers(first, min(first + 5, len(held) - 1)))
    start, end = held[first].start, held[last].end
    answer = context[start:end]
    assert answer == answer.strip()
    formulation = span(tokenizer, max_length=limit, stride=stride, answer_length=60)
    rows = formulation.encode(questions(("The book?", context, answer, start))).rows
    assert all(row.index == 0 and row.length <= limit for row in rows)
    # Every piece of the context is in some window.
    specials = len(tokenizer("The book?", "")["input_ids"])
    assert sum(row.length - specials for row in rows) >= len(pieces)
    seen = {
        pair for row in rows for pair in zip(listed(row, "character_start"), listed(row, "character_end"), strict=True)
    }
    assert seen - {(-1, -1)} == {(piece.start, piece.end) for piece in held}
    with_answer = [row for row in rows if listed(row, "label") != [0, 0]]
    for row in with_answer:
        low, high = listed(row, "label")
        assert context[listed(row, "character_start")[low] : listed(row, "character_end")[high]] == answer
    places = [place for place, piece in enumerate(pieces) if max(start, piece.start) < min(end, piece.end)]
    if len(rows) == 1 or places[-1] - places[0] < min(stride, 16):
        assert with_answer
    if with_answer:
        decoded = formulation.decode(gold_scores(formulation, rows), formulation.batch(rows, "en"))
        assert decoded.indices == (0,) and decoded.predictions == [answer] and decoded.scores == {}


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_inside_pieces_is_widened_to_them(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    context = "The book is good and the cat is under the table."
    (pieces,) = text_pieces([context], tokenizer)
    for start in range(len(context)):
        for end in range(start + 1, min(start + 12, len(context) + 1)):
            (row,) = span(tokenizer).encode(questions(("What?", context, context[start:end], start))).rows
            low, high = listed(row, "label")
            if context[start:end].strip() == "":
                assert (low, high) == (0, 0)
                continue
            found = (listed(row, "character_start")[low], listed(row, "character_end")[high])
            touched = [piece for piece in pieces if piece.start < end and piece.end > start]
            assert found == (touched[0].start, touched[-1].end)


@settings(max_examples=50, deadline=None)
@given(length=st.integers(1, 14), most=st.integers(1, 8), seed=st.integers(0, 10_000))
def test_the_best_span_is_that_of_trying_all(length: int, most: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(3, 2, length, generator=generator)
    allowed = torch.rand(3, length, generator=generator) < 0.7
    for row, found in enumerate(best_spans(scores, allowed, most)):
        tried = {
            (first, last): float(scores[row, 0, first] + scores[row, 1, last])
            for first in range(length)
            for last in range(first, min(first + most, length))
            if allowed[row, first] and allowed[row, last]
        }
        if not tried:
            assert found.score == -math.inf
            continue
        best = max(tried, key=tried.__getitem__)
        assert (found.first, found.last) == best
        assert found.score == pytest.approx(tried[best], rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_window_of_each_example_wins(backbone: GetBackbone, kind: str) -> None:
    formulation = span(backbone(kind).tokenizer, max_length=60, stride=8)
    contexts = ["The book is good and the cat is bad. " * 8, "It is good.", "The cat sees the book. " * 10]
    given = questions(*(("Who?", context, context.split()[0], 0) for context in contexts))
    rows = formulation.encode(given).rows
    assert len({row.index for row in rows}) == 3 < len(rows)
    batch = formulation.batch(rows, "en")
    scores = torch.randn(len(rows), 2, batch["input_ids"].shape[1], generator=torch.Generator().manual_seed(1))
    found = formulation.decode(scores, batch)
    assert found.indices == (0, 1, 2)
    for index in range(3):
        own = [place for place, row in enumerate(rows) if row.index == index]
        alone = best_spans(scores[own], batch["character_start"][own] >= 0, 30)
        place = max(range(len(own)), key=lambda number: alone[number].score)
        starts, ends = batch["character_start"][own[place]].tolist(), batch["character_end"][own[place]].tolist()
        expected = contexts[index][starts[alone[place].first] : ends[alone[place].last]]
        assert found.predictions[index] == expected and expected


@pytest.mark.parametrize(
    ("kind", "whole"), [("xlmr", XLMRobertaForQuestionAnswering), ("bert", BertForQuestionAnswering)]
)
def test_the_loss_is_that_of_the_models_own_question_answering_head(
    backbone: GetBackbone, kind: str, whole: Any
) -> None:
    built = Built("fine-tune", backbone(kind, "encoder"), QA, stride=20)
    model: Any = built.model()
    reference = whole(built.backbone.model.config).eval()
    getattr(reference, reference.base_model_prefix).load_state_dict(model.encoder.model.state_dict())
    reference.qa_outputs.load_state_dict(model.head.linear.state_dict())
    rows = built.formulation.encode(kind_examples(QA)).rows
    assert any(listed(row, "label") == [0, 0] for row in rows) and any(row.index == 3 for row in rows)
    total = 0.0
    for row in rows:
        batch = built.formulation.batch([row], "en")
        inputs = {key: batch[key] for key in built.backbone.tokenizer.model_input_names}
        ((low, high),) = batch["label"].tolist()
        with torch.no_grad():
            output = reference(**inputs, start_positions=torch.tensor([low]), end_positions=torch.tensor([high]))
            scores = model(batch)
            loss = float(built.method.loss(model, batch)) / batch.count
        torch.testing.assert_close(scores, torch.stack([output.start_logits, output.end_logits], 1), atol=1e-4, rtol=0)
        assert loss == pytest.approx(float(output.loss), rel=1e-4)
        total += float(output.loss)
    with torch.no_grad():
        together = built.formulation.batch(rows, "en")
        assert float(built.method.loss(model, together)) / together.count == pytest.approx(total / len(rows), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_question_leaves_room_for_the_context(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    context = "The cat sees the book. " * 20
    given = questions(("good " * 200, context, "book", context.index("book")), ("Who?", context, "cat", 4))
    encoded = span(tokenizer, max_length=64, stride=128).encode(given)
    assert encoded.report.shortened == 1
    for row in encoded.rows:
        assert row.length <= 64
        assert sum(place >= 0 for place in listed(row, "character_start")) >= 10
    assert {row.index for row in encoded.rows if listed(row, "label") != [0, 0]} == {0, 1}


def test_a_long_question_before_a_short_context_is_kept_whole(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    context, question = "The cat sees the book.", "good " * 40
    encoded = span(tokenizer, max_length=64).encode(questions((question, context, "cat", 4)))
    assert encoded.report.shortened == 0
    (row,) = encoded.rows
    assert row.values["input_ids"] == tokenizer(question, context)["input_ids"]
    assert 32 < row.length <= 64


def test_a_limit_that_leaves_no_room_is_refused(backbone: GetBackbone) -> None:
    with pytest.raises(RequestError, match=r"task 'extractive-qa': max_length 20 leaves 16 tokens .* at least 17"):
        span(backbone("xlmr").tokenizer, max_length=20).encode(questions(("Who?", "The cat.", "cat", 4)))


def test_a_context_of_nothing_has_an_empty_answer(backbone: GetBackbone) -> None:
    formulation = span(backbone("bert").tokenizer)
    given = questions(("Who?", "\u200b\ufeff ", "", 0), ("Who?", "The cat.", "cat", 4))
    encoded = formulation.encode(given)
    assert encoded.report.empty_fields == 1
    rows = encoded.rows
    assert formulation.decode(gold_scores(formulation, rows), formulation.batch(rows, "en")).predictions == ["", "cat"]


def test_no_answer_is_predicted_where_questions_may_have_none(backbone: GetBackbone) -> None:
    """Only where every window points at its first token more than at any answer."""
    tokenizer = backbone("xlmr").tokenizer
    context = "The cat sees the book. " * 12
    given = questions(("Who?", context, "cat", 4), ("Who?", context, "cat", 4))
    formulation = span(tokenizer, max_length=64, stride=8)
    rows = formulation.encode(given).rows
    batch = formulation.batch(rows, "en")
    scores = torch.zeros(len(rows), 2, batch["input_ids"].shape[1])
    scores[:, :, 0] = 2.0  # of the first token
    places = [place for place, row in enumerate(rows) if row.index == 1]
    assert len(places) > 1
    scores[places[1], :, 0] = -3.0  # one window of the second question has an answer
    scores[places[1], :, 20] = 1.0
    assert all(formulation.decode(scores, batch).predictions)
    unsure = Span(QA.model_copy(update={"unanswerable": True}), tokenizer, formulation.options, "en")
    none, found = unsure.decode(scores, batch).predictions
    assert none == "" and found
    assert formulation.describe() == {key: value for key, value in unsure.describe().items() if key != "unanswerable"}


def test_a_question_without_an_answer_trains_on_the_first_token(backbone: GetBackbone) -> None:
    given = questions(("Who?", "The cat.", "cat", 4))
    for gold in ("", str(GoldAnswers((), ()))):
        without = Examples(**{**vars(given), "gold": (gold,)})
        (row,) = span(backbone("xlmr").tokenizer).encode(without).rows
        assert listed(row, "label") == [0, 0] and row.count == 2

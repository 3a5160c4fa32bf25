"""Questions with contexts: answers stand where they are said to stand, and nothing changes a character before them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xbench.answers import gold_answers
from xbench.data.load import load_examples
from xbench.data.readers import read_file
from xbench.errors import DataError
from xbench.spec.sources import FileSource
from xbench.spec.task import TaskSpec

MakeTask = Callable[..., TaskSpec]
QUESTIONS = (
    "name: shop\nkind: extractive-qa\ndescription: d\nfields: [question, context]\n"
    "languages: {{en: {{}}}}\n{body}\nmetrics: [f1]\n"
)
SQUAD = "files: {test: {path: a.json, format: squad}}\ncolumns: {id: id}"
CONTEXT = "\ufeff e\u0301te\u0301 \U0001f600 in\r\n Rome\u200b \u0081 Rome"


def squad(*questions: dict[str, Any], context: str = CONTEXT) -> str:
    return json.dumps(
        {"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": context, "qas": questions}]}]}
    )


def question(identity: str = "q", start: int = 0, text: str = "", **more: Any) -> dict[str, Any]:
    return {"id": identity, "question": "where?", "answers": [{"text": text, "answer_start": start}], **more}


def test_contexts_keep_every_character_and_so_their_offsets(make_task: MakeTask) -> None:
    texts = ["\ufeff", "e\u0301te\u0301", "\U0001f600 in\r\n", " Rome\u200b ", "\u0081"]
    questions = [question(str(n), CONTEXT.index(text), text) for n, text in enumerate(texts)]
    last = question("last", CONTEXT.rindex("Rome"), "Rome")
    last["answers"] *= 2
    files = {"a.json": "\ufeff" + squad(*questions, last)}
    examples = load_examples(make_task(SQUAD, files, head=QUESTIONS), "test", "en", "files")
    assert set(examples.fields["context"]) == {CONTEXT}
    assert tuple(examples.fields) == ("question", "context")
    found = [gold_answers(gold) for gold in examples.gold]
    assert [answers.texts for answers in found] == [*((text,) for text in texts), ("Rome", "Rome")]
    for answers in found:
        for text, start in zip(answers.texts, answers.starts, strict=True):
            assert CONTEXT[start : start + len(text)] == text
    assert examples.ids == ("0", "1", "2", "3", "4", "last")


def test_impossible_questions_have_no_answer(make_task: MakeTask) -> None:
    content = squad({"id": "1", "question": "?", "answers": [], "is_impossible": True}, question("2", 1, " "))
    examples = load_examples(make_task(SQUAD, {"a.json": content}, head=QUESTIONS), "test", "en", "files")
    assert examples.gold == ('{"text": [], "answer_start": []}', '{"text": [" "], "answer_start": [1]}')


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (squad(question("1", 17, "Rome")), ["1: ", "'Rome' is not at character 17", "'me\\u200b ", "is at 15, 23"]),
        (squad(question("1", 99, "Rome")), ["it has 27 characters"]),
        (squad(question("1", -4, "Rome")), ["not at character -4"]),
        (squad(question("1", 15, "rome")), ["The context does not have it."]),
        (squad(question("1", len(CONTEXT[:15].encode()), "Rome")), ["counted in bytes of UTF-8; expected characters"]),
        (squad(question("1", 16, "Rome"), context="😀" + "." * 14 + "Rome"), ["counted in UTF-16 units"]),
        (squad(question("1", 0, "")), ["an answer is empty"]),
        (squad(question("1", 0, "x"), context=" \n"), ["question 1: column 'context': the context is empty"]),
        (squad(question("1", 15, "Rome"), question("1", 15, "Rome")), ["2: ", "'1' is also that of question 1"]),
        (squad({**question("1"), "answers": []}), ["qas[0] has no answer, and 'is_impossible' is false"]),
        (squad(question("1", 15, "Rome", is_impossible=True)), ["has 1 answers, and 'is_impossible' is true"]),
        (squad(question("1", 15, "Rome", is_impossible="no")), ["is true or false; found 'no'"]),
        (squad({"id": "1", "questoin": "?"}), ["paragraphs[0].qas[0] has no 'question'. Did you mean 'questoin'"]),
        (squad({**question("1"), "answers": [{"text": "Rome"}]}), ["qas[0].answers[0] has no 'answer_start'"]),
        (squad({**question("1"), "answers": [{"text": "Rome", "answer_start": "15"}]}), ["found 'Rome' and '15'"]),
        (squad({**question("1"), "question": 3}), ["data[0].paragraphs[0].qas[0].question is no text"]),
        (squad(question(), context=3), ["data[0].paragraphs[0].context is no text", "layout of SQuAD"]),  # type: ignore[arg-type]
        ('{"data": [{"title": "x"}]}', ["data[0] has no 'paragraphs'"]),
        ('{"date": []}', ["the file has no 'data'. Did you mean 'date'?"]),
        ("[]", ["the file is no object"]),
        ('{"data": []}', ["has no rows"]),
        ('{"data": \n', ["a.json:2: is not valid JSON"]),
    ],
)  # fmt: skip
def test_bad_questions_are_named(make_task: MakeTask, content: str, says: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        load_examples(make_task(SQUAD, {"a.json": content}, head=QUESTIONS), "test", "en", "files")
    for part in ["a.json", *says]:
        assert part in str(caught.value)


def test_bad_questions_are_skipped_and_counted(make_task: MakeTask) -> None:
    content = squad(question("1", 15, "Rome"), question("2", 16, "Rome"), {"id": "3"}, question("4", 23, "Rome"))
    task = make_task(SQUAD, {"a.json": content}, head=QUESTIONS)
    examples = load_examples(task, "test", "en", "files", skip_bad_rows=True)
    assert (examples.ids, examples.skipped) == (("1", "4"), 2)


@pytest.mark.parametrize(
    ("answers", "gold"),
    [
        ({"text": ["b", "c"], "answer_start": [2, 4]}, {"text": ["b", "c"], "answer_start": [2, 4]}),
        ([{"text": "b", "answer_start": 2}], {"text": ["b"], "answer_start": [2]}),
        ({"text": [], "answer_start": []}, {"text": [], "answer_start": []}),
        ([], {"text": [], "answer_start": []}),
    ],
)
def test_answers_of_columns(make_task: MakeTask, answers: Any, gold: dict[str, Any]) -> None:
    row = {"question": "?", "context": "a b c b", "answers": answers}
    task = make_task("files: {test: a.jsonl}", {"a.jsonl": json.dumps(row)}, head=QUESTIONS)
    assert json.loads(load_examples(task, "test", "en", "files").gold[0]) == gold


@pytest.mark.parametrize("answers", [["c", "b"], {"text": ["c", "b"]}])
def test_answers_without_starts_are_searched_where_the_task_says_so(make_task: MakeTask, answers: Any) -> None:
    row = {"question": "?", "context": "a b c b", "a": answers}
    body = "files: {test: a.jsonl}\ncolumns: {gold: {from: a, starts: search}}"
    task = make_task(body, {"a.jsonl": json.dumps(row)}, head=QUESTIONS)
    assert load_examples(task, "test", "en", "files").gold == ('{"text": ["c", "b"], "answer_start": [4, 2]}',)
    for wrong, says in [
        (["d"], "'d' is not in the context"),
        ([""], "an answer is empty"),
        ([1], "expected an answer"),
    ]:
        task = make_task(body, {"a.jsonl": json.dumps({**row, "a": wrong})}, head=QUESTIONS)
        with pytest.raises(DataError, match=says):
            load_examples(task, "test", "en", "files")


DROPPED = "files: {test: a.jsonl}\ncolumns: {gold: {from: answers, misplaced: drop}}"
SPANS = "files: {test: a.jsonl}\ncolumns: {gold: {from: answers, spans: labels}}"


def test_answers_start_where_a_column_of_spans_says(make_task: MakeTask) -> None:
    """The second "b" is meant, which a search would not find."""
    row = {"question": "?", "context": "a b c b", "answers": ["b", "c"]}
    spans = [{"start": [6, 2], "end": [6, 2]}, {"start": [4], "end": [4]}]
    task = make_task(SPANS, {"a.jsonl": json.dumps({**row, "labels": spans})}, head=QUESTIONS)
    assert load_examples(task, "test", "en", "files").gold == ('{"text": ["b", "c"], "answer_start": [6, 4]}',)
    for wrong, says in [
        (spans[:1], "2 answers and 1 starts"),
        ([*spans[:1], {"start": [5]}], "'c' is not at character 5"),
        ([*spans[:1], {"end": [5]}], "column 'labels': expected"),
        ([*spans[:1], {"start": []}], "column 'labels': expected"),
        (7, "column 'labels': expected"),
    ]:
        task = make_task(SPANS, {"a.jsonl": json.dumps({**row, "labels": wrong})}, head=QUESTIONS)
        with pytest.raises(DataError, match=says):
            load_examples(task, "test", "en", "files")


def test_misplaced_answers_are_dropped_and_counted_where_the_task_says_so(make_task: MakeTask) -> None:
    """As translated training sets have them: an answer that is elsewhere, beyond the context, empty, or none."""
    answers = [("b", 2), ("b", 3), ("b", 70), ("b", -1), ("", 0)]
    rows = [{"text": [text], "answer_start": [start]} for text, start in answers]
    rows += [{"text": [], "answer_start": []}]
    content = "\n".join(json.dumps({"question": "?", "context": "a b c b", "answers": row}) for row in rows)
    task = make_task(DROPPED, {"a.jsonl": content}, head=QUESTIONS)
    found = load_examples(task, "test", "en", "files")
    assert (found.gold, found.dropped, found.skipped) == (('{"text": ["b"], "answer_start": [2]}',), 5, 0)
    broken = json.dumps({"question": "?", "context": "a", "answers": {"text": ["a"], "answer_start": ["0"]}})
    task = make_task(DROPPED, {"a.jsonl": broken}, head=QUESTIONS)
    with pytest.raises(DataError, match="expected a text and a whole number"):  # another mistake stays one
        load_examples(task, "test", "en", "files")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ("b", "say 'starts: search'"),
        (["b"], "say 'starts: search'"),
        ({"text": ["b"]}, "say 'starts: search'"),
        ({"text": ["b"], "answer_start": []}, "1 answers and 0 starts"),
        ({"text": ["b"], "answer_start": [True]}, "found 'b' and True"),
        ([{"text": "b"}], "found 'b' and None"),
    ],
)
def test_answers_of_columns_that_are_wrong(make_task: MakeTask, answers: Any, says: str) -> None:
    row = {"question": "?", "context": "a b c b", "answers": answers}
    task = make_task("files: {test: a.jsonl}", {"a.jsonl": json.dumps(row)}, head=QUESTIONS)
    with pytest.raises(DataError, match=r"a\.jsonl:1: column 'answers': ") as caught:
        load_examples(task, "test", "en", "files")
    assert says in str(caught.value)


def test_plain_json_that_is_laid_out_like_squad(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(squad(), encoding="utf-8")
    with pytest.raises(DataError, match="say 'format: squad'"):
        read_file(tmp_path / "a.json", FileSource(path="a.json"))

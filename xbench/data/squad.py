"""The JSON of SQuAD (v1.1 and v2.0), which XQuAD, MLQA and TyDi QA use as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xbench.data.objects import parsed_json
from xbench.data.tables import Row, Table
from xbench.errors import DataError, nearest

_COLUMNS = ("id", "title", "context", "question", "answers")


class _Broken(Exception):  # noqa: N818
    """What is wrong at a place of the file."""


def read_squad(path: Path, text: str) -> Table:
    """A row a question: id, title, context, question and answers {"text": [...], "answer_start": [...]}.

    Rows are counted as questions, from 1. A question that SQuAD 2.0 marks as impossible has no answer.
    Raises DataError where the file is laid out otherwise down to its paragraphs.
    """
    rows: list[Row] = []
    try:
        for place, title, paragraph in _paragraphs(parsed_json(path, text)):
            context = _text(paragraph, "context", place)
            for number, question in enumerate(_list(paragraph, "qas", place)):
                rows.append(_row(len(rows) + 1, f"{place}.qas[{number}]", title, context, question))
    except _Broken as broken:
        raise DataError(f"{path}: {broken} Expected the layout of SQuAD: data[].paragraphs[].qas[].") from None
    return Table(str(path), _COLUMNS, rows, "question")


def _paragraphs(whole: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Place, article's title and paragraph of each paragraph."""
    for a, article in enumerate(_list(whole, "data", "")):
        for p, paragraph in enumerate(_list(article, "paragraphs", f"data[{a}]")):
            title = article.get("title", "")
            yield f"data[{a}].paragraphs[{p}]", title if isinstance(title, str) else "", paragraph


def _row(number: int, place: str, title: str, context: str, question: Any) -> Row:
    try:
        values = {
            "id": _text(question, "id", place),
            "title": title,
            "context": context,
            "question": _text(question, "question", place),
            "answers": _answers(question, place),
        }
    except _Broken as broken:
        return Row(number, {}, str(broken))
    return Row(number, values)


def _answers(question: dict[str, Any], place: str) -> dict[str, list[Any]]:
    answers = _list(question, "answers", place)
    impossible = question.get("is_impossible", False)
    if impossible not in (True, False):
        raise _Broken(f"{place}: 'is_impossible' is true or false; found {impossible!r}.")
    if bool(answers) == impossible:
        having = f"has {len(answers)} answers" if answers else "has no answer"
        raise _Broken(f"{place} {having}, and 'is_impossible' is {str(impossible).lower()}.")
    places = [f"{place}.answers[{number}]" for number in range(len(answers))]
    return {
        "text": [_text(answer, "text", where) for answer, where in zip(answers, places, strict=True)],
        "answer_start": [_value(answer, "answer_start", where) for answer, where in zip(answers, places, strict=True)],
    }


def _value(holder: Any, key: str, place: str) -> Any:
    if not isinstance(holder, dict):
        raise _Broken(f"{place or 'the file'} is no object.")
    if key not in holder:
        raise _Broken(f"{place or 'the file'} has no '{key}'.{nearest(key, holder)}")
    return holder[key]


def _list(holder: Any, key: str, place: str) -> list[Any]:
    value = _value(holder, key, place)
    if not isinstance(value, list):
        raise _Broken(f"{place}{'.' if place else ''}{key} is no list.")
    return value


def _text(holder: Any, key: str, place: str) -> str:
    value = _value(holder, key, place)
    if not isinstance(value, str):
        raise _Broken(f"{place}.{key} is no text.")
    return value

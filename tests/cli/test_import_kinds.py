"""`xbench import` of tags, answers and texts: from exported inputs to results and a diagnosis."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

from tests.diagnosis.kinds import KINDS, test_examples, write_task
from xbench.analysis import load_results
from xbench.cli import _run

Row = dict[str, Any]
kinds = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    for kind in KINDS:
        write_task(tmp_path / "tasks", kind, 40)
    return tmp_path / "tasks"


def answers(kind: str, tasks: Path, change: Callable[[Row], Row] = lambda row: row) -> list[Row]:
    """The gold answers of English and Chinese as predictions in the form that a user would write."""
    rows = []
    for language in ("en", "zh"):
        given = test_examples(tasks, kind, language)
        for id, gold in zip(given.ids, given.gold, strict=True):
            answer = gold if kind == "generation" else json.loads(gold)
            answer = answer["text"][0] if kind == "extractive-qa" else answer
            rows.append(change({"id": id, "language": language, "prediction": answer}))
    return rows


def imported(path: Path, kind: str, tasks: Path, *more: str) -> int:
    runs = ["--runs", str(tasks.parent / "runs"), "--tasks-dir", str(tasks)]
    return _run(["import", str(path), "--task", KINDS[kind], "--data", "files", "--system", "theirs", *runs, *more])


@kinds
@pytest.mark.parametrize("ending", ["jsonl", "parquet", "csv"])
def test_gold_imported_as_predictions_scores_one_and_is_diagnosed(
    kind: str, ending: str, tasks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = answers(kind, tasks)
    path = tasks.parent / f"p.{ending}"
    if ending == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif ending == "parquet":
        pandas.DataFrame(rows).to_parquet(path)
    else:
        as_text = [row | {"prediction": json.dumps(row["prediction"])} for row in rows] if kind == "tagging" else rows
        pandas.DataFrame(as_text).to_csv(path, index=False)
    assert imported(path, kind, tasks) == 0
    frame = load_results(tasks.parent / "runs").to_pandas()
    assert set(frame["language"]) == {"en", "zh"} and (frame["value"] == 1).all()
    capsys.readouterr()
    given = ["--runs", str(tasks.parent / "runs"), "--tasks-dir", str(tasks)]
    assert _run(["diagnose", *given]) == 0
    assert "100.0" in capsys.readouterr().out


def test_tags_that_are_not_one_a_token_are_refused_by_id(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = answers("tagging", tasks)
    rows[3]["prediction"], rows[5]["prediction"] = ["O"], "O O O"
    path = tasks.parent / "p.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert imported(path, "tagging", tasks) == 2
    said = capsys.readouterr().err
    assert "en: of 2 the prediction is no list of one tag a token" in said
    assert f"{rows[3]['id']}: 1 tags of" in said and f"{rows[5]['id']}: 'O O O' is no JSON list" in said
    assert imported(path, "tagging", tasks, "--allow-missing") == 2
    assert not (tasks.parent / "runs" / "cells").exists()


def test_tags_that_the_task_has_not_are_told_and_wrong(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = answers("tagging", tasks)
    rows[0]["prediction"] = ["B-ORG"] * len(rows[0]["prediction"])
    path = tasks.parent / "p.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert imported(path, "tagging", tasks) == 0
    assert "tags are none of O, B-PER, I-PER, B-LOC, I-LOC, and so wrong: 'B-ORG'" in capsys.readouterr().err
    frame = load_results(tasks.parent / "runs").to_pandas().set_index(["language", "metric"])["value"]
    assert frame["en", "token_accuracy"] < 1 == frame["zh", "token_accuracy"]


def test_an_empty_answer_is_an_answer_and_null_is_none(tasks: Path) -> None:
    rows = answers("extractive-qa", tasks)
    rows[0]["prediction"], rows[1]["prediction"] = "", None
    path = tasks.parent / "p.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert imported(path, "extractive-qa", tasks) == 0
    (cell,) = load_results(tasks.parent / "runs")
    assert cell.record.pair("questions", "en").invalid == 1
    assert cell.record.pair("questions", "en").metrics["f1"] == pytest.approx(38 / 40)


def test_scores_of_answers_are_refused(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tasks.parent / "p.jsonl"
    rows = [row | {"score_O": 0.5} for row in answers("tagging", tasks)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert imported(path, "tagging", tasks) == 2
    assert "'score_O' is the score of no label. Answers of this task have no scores." in capsys.readouterr().err


def test_ids_without_a_prediction_are_not_called_bad_rows(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tasks.parent / "p.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in answers("generation", tasks)[7:]), encoding="utf-8")
    assert imported(path, "generation", tasks, "--allow-missing") == 0
    capsys.readouterr()
    assert _run(["results", "--runs", str(tasks.parent / "runs")]) == 0
    said = capsys.readouterr()
    assert "theirs: 7 of the examples have no prediction; not compared." in said.out + said.err
    assert "bad rows" not in said.out + said.err

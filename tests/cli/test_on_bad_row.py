"""`--on-bad-row`: an error by default; with `skip` bad rows are counted, told, and keep the cell out of rankings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xbench.cli import _run
from xbench.store import RunStore

HEADS = {
    "classification": "fields: [text]\nlabels: [bad, good]\nmetrics: [accuracy]",
    "tagging": "fields: [tokens]\nlabels: [O, B-PER]\nmetrics: [span_f1]",
    "extractive-qa": "fields: [question, context]\nmetrics: [f1]",
}


def row(kind: str, number: int, wrong: bool) -> dict[str, Any]:
    """A row of a kind; a wrong one has a label, a tag or an offset that cannot be."""
    if kind == "classification":
        return {"text": f"thing {number}", "label": "god" if wrong else ("good", "bad")[number % 2]}
    if kind == "tagging":
        return {"tokens": ["Ada", str(number)], "tags": ["B-PER"] if wrong else ["B-PER", "O"]}
    answers = {"text": ["Ada"], "answer_start": [3 if wrong else 0]}
    return {"question": "who?", "context": f"Ada number {number}", "answers": answers}


def write_task(folder: Path, kind: str, wrong: dict[str, set[int]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "toy.yaml").write_text(
        f"name: toy\nkind: {kind}\ndescription: d\nlanguages: {{en: {{}}, de: {{}}}}\n{HEADS[kind]}\n"
        "files: {train: {path: train-en.jsonl, languages: [en]}, test: 'test-{language}.jsonl'}\n",
        encoding="utf-8",
    )
    for name in ("train-en", "test-en", "test-de"):
        rows = [row(kind, number, number in wrong.get(name, set())) for number in range(40)]
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def evaluate(folder: Path, *options: str) -> int:
    return _run(
        [
            *("eval", "--methods", "fine-tune[training.steps=2]", "--tasks", "toy", "--tasks-dir", str(folder)),
            *("--data", "files", "--shots", "2", "--seeds", "1", "--device", "cpu", "--runs", str(folder / "runs")),
            *("--workers", "1", *options),
        ]
    )


@pytest.mark.parametrize("kind", HEADS)
def test_bad_rows_are_an_error_or_skipped(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_task(tmp_path, kind, {"train-en": {3, 5, 8}, "test-de": {7}})
    assert evaluate(tmp_path) in (1, 2)
    told = capsys.readouterr().err
    assert "train-en.jsonl:4: " in told
    assert "--on-bad-row skip leaves such rows out" in told
    assert list(RunStore(tmp_path / "runs").cells()) == []

    assert evaluate(tmp_path, "--on-bad-row", "skip") == 0
    assert "4 bad rows were skipped; not compared" in " ".join(capsys.readouterr().out.split())
    (cell,) = RunStore(tmp_path / "runs").cells()
    assert (cell.on_bad_row, cell.skipped_rows, cell.skipped_training_rows) == ("skip", 4, 3)
    given = {pair.language: (pair.n, pair.n_given) for pair in cell.predictions}
    assert given == {"en": (40, 40), "de": (39, 40)}

    # With the files put right, a run without the option is another cell of another system.
    write_task(tmp_path, kind, {})
    assert evaluate(tmp_path) == 0
    assert len({cell.id for cell in RunStore(tmp_path / "runs").cells()}) == 2
    assert len({cell.system for cell in RunStore(tmp_path / "runs").cells()}) == 2


def test_training_rows_stay_counted_when_languages_are_added(tmp_path: Path) -> None:
    write_task(tmp_path, "classification", {"train-en": {3}, "test-de": {7}})
    for language in ("en", "de"):
        assert evaluate(tmp_path, "--on-bad-row", "skip", "--languages", language) == 0
    (cell,) = RunStore(tmp_path / "runs").cells()
    assert [pair.language for pair in cell.predictions] == ["de", "en"]
    assert (cell.skipped_rows, cell.skipped_training_rows) == (2, 1)


def test_another_word_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_task(tmp_path, "classification", {})
    assert evaluate(tmp_path, "--on-bad-row", "skp") == 2
    assert "--on-bad-row 'skp' is none of error, skip. Did you mean 'skip'?" in capsys.readouterr().err

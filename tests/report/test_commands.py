"""`xbench results`, `score` and `runs`, as a user calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.synthetic import write_cell
from xbench.analysis import COLUMNS
from xbench.cli import _run
from xbench.store import RunStore


def fill(path: Path) -> None:
    for method in ("fine-tune", "soft"):
        for seed in (1, 2):
            write_cell(path, method, seed)


def test_results_as_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path)
    assert _run(["results", "--runs", str(tmp_path), "--format", "csv", "--method", "soft", "--seed", "1,2"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    lines = output.out.splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 1 + 2 * 2 * 2


def test_results_of_several_stores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cell(tmp_path / "a", "fine-tune")
    write_cell(tmp_path / "b", "soft")
    assert _run(["results", "--runs", str(tmp_path / "a"), "--runs", str(tmp_path / "b"), "--format", "json"]) == 0
    assert {row["method"] for row in json.loads(capsys.readouterr().out)} == {"fine-tune", "soft"}


def test_no_results_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_RUNS", str(tmp_path / "runs"))
    assert _run(["results", "--format", "csv"]) == 0
    output = capsys.readouterr()
    assert output.out == ",".join(COLUMNS) + "\n"
    assert "`xbench eval` makes some" in output.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["results", "--format", "cvs"], "Did you mean 'csv'"),
        (["results", "--method", "sofd"], "Did you mean 'soft'"),
        (["results", "--seed", "one"], "whole number"),
        (["results", "--task", "xnli,,marc"], "empty entry"),
        (["results", "--runs", "/does/not/exist"], "there is no run store"),
        (["runs", "list", "--format", "latex"], "no format 'latex' here"),
        (["runs", "rm"], "Say which cells"),
        (["runs", "rm", "zz"], "no cell 'zz'"),
        (["runs", "rm", "--method", "soft"], "give --yes"),
        (["runs", "merge", "/does/not/exist", "--into", "x"], "there is no run store"),
        (["runs", "merge", ".", "--into", "."], "into itself"),
    ],
)
def test_mistakes_give_one_message(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    fill(tmp_path)
    monkeypatch.setenv("XBENCH_RUNS", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert _run(arguments) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""
    assert sum(1 for _ in RunStore(tmp_path).cells()) == 4


def test_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = write_cell(tmp_path, correct={("made-up", "en"): [True, False]}, metrics=("accuracy",))
    assert _run(["score", "--runs", str(tmp_path)]) == 0
    assert "1 cells scored again" in capsys.readouterr().err
    assert RunStore(tmp_path).cell(record.id) == record
    RunStore(tmp_path).predictions_path(record.id, "made-up", "en").unlink()
    assert _run(["score", "--runs", str(tmp_path)]) == 1
    assert "Failed: cell" in capsys.readouterr().err


def test_list_and_remove(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path)
    assert _run(["runs", "list", "--runs", str(tmp_path), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert (rows[0]["method"], rows[0]["seed"], rows[0]["languages"]) == ("fine-tune", 1, "de+en")
    assert _run(["runs", "list", "--runs", str(tmp_path)]) == 0
    assert rows[0]["cell"][:8] in capsys.readouterr().out
    assert _run(["runs", "rm", rows[0]["cell"][:10], "--runs", str(tmp_path), "--yes"]) == 0
    assert _run(["runs", "rm", "--method", "soft", "--language", "de", "--runs", str(tmp_path), "--yes"]) == 0
    left = {(record.method, record.seed): len(record.predictions) for record in RunStore(tmp_path).cells()}
    assert left == {("fine-tune", 2): 2, ("soft", 1): 1, ("soft", 2): 1}


def test_merge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cell(tmp_path / "a", correct={("xnli", "en"): [True]})
    write_cell(tmp_path / "b", correct={("xnli", "en"): [False]})
    into = ["--into", str(tmp_path / "all")]
    assert _run(["runs", "merge", str(tmp_path / "a"), *into]) == 0
    assert _run(["runs", "merge", str(tmp_path / "a"), str(tmp_path / "b"), *into]) == 1
    assert "Conflict: " in capsys.readouterr().err


def test_help_and_listing_import_nothing_heavy(tmp_path: Path) -> None:
    write_cell(tmp_path)
    code = (
        "import sys; from xbench.cli import _run; "
        f"_run(['results', '--help']); _run(['runs', 'list', '--runs', {str(tmp_path)!r}]); "
        "print(sorted({'torch', 'transformers', 'datasets', 'evaluate', 'matplotlib'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.splitlines()[-1] == "[]"

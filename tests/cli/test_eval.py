"""`xbench eval` and the commands around it, as a user types them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import xbench
from xbench.cli import _run
from xbench.errors import RequestError
from xbench.method.registry import describe_methods

SMALL = ["--tasks", "marc", "--languages", "en,de,fr", "--shots", "4", "--limit", "20", "--device", "cpu"]
STEPS = ["--set", "fine-tune.training.steps=3", "--set", "soft.training.steps=3"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "runs"
    assert _run(["eval", "--methods", "fine-tune,soft", "--seeds", "1,2", *SMALL, *STEPS, "--runs", str(path)]) == 0
    return path


def test_eval_ends_with_the_table(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = _run(["eval", "--methods", "fine-tune,soft", "--seeds", "1,2", *SMALL, *STEPS, "--runs", str(runs)])
    out, err = capsys.readouterr()
    assert code == 0
    assert "Nothing to do: all 4 cells" in err
    for word in ("fine-tune", "soft", "source", "gap", "Wilcoxon", "Sample data"):
        assert word in out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_embedded_backbones_take_one_thread_whatever_a_machine_sets(workers: str, tmp_path: Path) -> None:
    """Where clusters set OMP_NUM_THREADS to all cores, cells side by side would only wait for each other."""
    command = [sys.executable, "-m", "xbench", "eval", "--methods", "fine-tune", "--seeds", "1,2", *SMALL, *STEPS[:2]]
    environment = {**os.environ, "OMP_NUM_THREADS": "2,1"}
    subprocess.run([*command, "--runs", str(tmp_path), "--workers", workers], check=True, env=environment)
    assert [cell.record.threads for cell in xbench.load_results(tmp_path)] == [1, 1]


def test_threads_are_shared_out_to_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    from xbench.cli.eval import _threads_of_each

    monkeypatch.setattr("os.cpu_count", lambda: 8)
    for own, workers, each in ((8, 1, 8), (8, 2, 4), (2, 2, 2), (8, 16, 1), (1, 2, 1)):
        monkeypatch.setattr("torch.get_num_threads", lambda own=own: own)
        assert _threads_of_each(workers) == each


def test_results_csv_has_one_row_a_number(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["results", "--runs", str(runs), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    accuracies = [row for row in rows if row["metric"] == "accuracy"]
    assert len(accuracies) == 2 * 2 * 3  # methods, seeds, languages
    assert {row["language"] for row in rows} == {"en", "de", "fr"}
    assert all(0 <= float(row["value"]) <= 1 and row["n"] == "20" for row in rows)


def test_dry_run_lists_cells_steps_and_tokens(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert (
        _run(["eval", "--methods", "all", *SMALL, "--seeds", "1", "--runs", str(tmp_path / "runs"), "--dry-run"]) == 0
    )
    out, err = capsys.readouterr()
    lines = list(csv.DictReader(io.StringIO(out), delimiter="\t"))
    assert len(lines) == len(describe_methods())
    assert all(int(line["steps"]) > 0 and int(line["tokens"]) > 0 for line in lines)
    assert f"{len(lines)} cells, {len(lines)} of them to run" in err
    assert not (tmp_path / "runs" / "cells").exists()


def test_grid_file_gives_options_and_the_command_line_wins(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    grid = tmp_path / "grid.yaml"
    grid.write_text("methods: [soft, 'mpt[alpha=1]']\ntasks: [marc]\nshots: [2, 4]\nseeds: [1, 2]\n", encoding="utf-8")
    assert _run(["eval", "--grid", str(grid), "--seeds", "7", "--dry-run", "--runs", str(tmp_path)]) == 0
    names = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(names) == sorted(
        f"{method} on marc, {shots} shots, seed 7" for method in ("soft", "mpt[alpha=1]") for shots in (2, 4)
    )


def test_grid_file_with_an_unknown_option(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    grid = tmp_path / "grid.yaml"
    grid.write_text("methods: [soft]\nshot: [2]\n", encoding="utf-8")
    assert _run(["eval", "--grid", str(grid), "--dry-run"]) == 2
    message = capsys.readouterr().err
    assert "grid.yaml:2" in message
    assert "'shots'" in message


def test_python_api_uses_the_same_words(runs: Path) -> None:
    steps = {name: {"training.steps": 3} for name in ("fine-tune", "soft")}
    results = xbench.evaluate(
        ["fine-tune", "soft"], "marc", seeds=[1, 2], languages=["en", "de", "fr"], shots="4", limit=20, device="cpu",
        set=steps, runs=runs,
    )  # fmt: skip
    frame = results.to_pandas()
    assert len(frame) == len(xbench.load_results(runs).to_pandas())
    with pytest.raises(RequestError, match="seeds"):
        xbench.evaluate("soft", "marc", seed=1)


def test_cell_json_is_readable_by_others(runs: Path) -> None:
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(runs.glob("cells/*/cell.json"))]
    assert len(records) == 4
    for record in records:
        assert record["train_ids"]["marc/en"]
        assert record["versions"]["torch"]
        assert record["settings"]["training"]["steps"] == 3


def test_methods_list_show_and_new(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert _run(["methods", "list"]) == 0
    listed = capsys.readouterr().out
    assert _run(["methods", "show", "mpt"]) == 0
    shown = capsys.readouterr().out
    assert "uniprompt" in listed
    assert "alpha" in shown
    assert "0.5" in shown
    assert _run(["methods", "new", "my-probe", "--directory", str(tmp_path)]) == 0
    capsys.readouterr()
    steps = ["--set", "my-probe.training.steps=2", "--runs", str(tmp_path / "runs")]
    assert _run(["eval", "--methods", "my-probe", "--methods-dir", str(tmp_path), "--seeds", "1", *SMALL, *steps]) == 0
    assert _run(["methods", "new", "my-probe", "--directory", str(tmp_path)]) == 2
    assert "there already" in capsys.readouterr().err


def test_unknown_command_and_option_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["evall"]) == 2
    assert _run(["eval", "--metods", "soft"]) == 2
    assert "Traceback" not in capsys.readouterr().err

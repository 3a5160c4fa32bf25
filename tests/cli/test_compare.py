"""`xbench compare`, as a user calls it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.analysis.test_compare import fill
from xbench.cli import _run


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs")
    fill(path)
    return path


def run(store: Path, *arguments: str) -> int:
    return _run(["compare", "--runs", str(store), *arguments])


def test_a_table_says_what_was_tested(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert run(store) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "…" not in text
    flat = " ".join(text.split())
    for said in (
        "marc + xnli, accuracy",
        "fine-tune − mpt",
        "Sample data: shows the machinery",
        "too few pairs for any p < 0.05",  # marc has three targets
        "languages evaluated by one trained model are not independent",
        "Nemenyi's critical difference",
        "80 % power",
        "covers 75.0 % only",
    ):
        assert said in flat


@pytest.mark.parametrize("unit", ["task-language", "example"])
def test_other_units(store: Path, unit: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(store, "--unit", unit, "--task", "xnli", "--baseline", "soft") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert ("p is too small" if unit == "task-language" else "McNemar: exact") in text


def test_csv_and_json_hold_the_same_fractions(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(store, "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert run(store, "--format", "json") == 0
    (group,) = json.loads(capsys.readouterr().out)
    pairs = [pair for block in group["blocks"] for pair in block["pairs"]]
    assert len(rows) == len(pairs) == 9
    for row, pair in zip(rows, pairs, strict=True):
        assert float(row["difference"]) == pytest.approx(pair["difference"])
        assert float(row["wilcoxon_p"]) == pytest.approx(pair["tests"]["wilcoxon"]["p"])
        assert pair["tests"]["wilcoxon"]["paired"] == "languages"
    assert "Sample data" in group["warning"]
    assert run(store, "--format", "csv", "--unit", "example", "--language", "de") == 0
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 6


def test_markdown_and_latex(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(store, "--format", "markdown") == 0
    lines = capsys.readouterr().out.splitlines()
    tables = [line for line in lines if line.startswith("|")]
    assert "| --- | --: | --: | --: | --: | --: |" in tables
    assert all(line.count("|") == tables[0].count("|") for line in tables[:5])
    assert run(store, "--format", "latex") == 0
    text = capsys.readouterr().out
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 12
    assert "Sample data" in text and "−" not in text


def test_the_figure_is_the_same_bytes_every_time(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for file in files:
        assert run(store, "--figure", str(file), "--format", "csv") == 0
        assert f"Wrote {file}." in capsys.readouterr().err
    assert files[0].read_bytes() == files[1].read_bytes()
    text = files[0].read_text()
    assert "critical difference" in text and "soft (" in text
    assert text.count("mean ranks over") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--baseline", "sofd"], "Did you mean 'soft'"),
        (["--unit", "examples"], "Did you mean 'example'"),
        (["--correct", "bonferroni"], "only holm"),
        (["--resolve", "1,big"], "not 'big'"),
        (["--resolve", "0"], "above 0"),
        (["--format", "cvs"], "Did you mean 'csv'"),
        (["--figure", "ranks.sgv"], "Did you mean 'svg'"),
        (["--figure", "ranks.svg", "--method", "soft,mpt"], "no ranks to draw"),
        (["--language", "xx"], "xx"),
    ],
)
def test_mistakes(
    store: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store)
    assert run(store, *arguments) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""
    assert not list(store.glob("ranks*"))


def test_one_method_has_nothing_to_compare(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(store, "--method", "soft") == 0
    assert "Fewer than two systems" in capsys.readouterr().out


def test_no_results(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_RUNS", str(tmp_path / "none"))
    assert _run(["compare"]) == 0
    assert "No results" in capsys.readouterr().err

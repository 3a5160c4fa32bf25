"""`xbench represent` as a user types it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.representations.cells import rebuilt, small_store
from xbench.cli import _run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_store(tmp_path_factory)


def ask(runs: Path, method: str, *options: str) -> int:
    """The command on the store's cell of a method, 30 texts a language."""
    id = rebuilt(runs, method).record.id
    return _run(["represent", id[:10], "--runs", str(runs), "--limit", "30", "--device", "cpu", *options])


def test_the_table_and_the_figures(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(runs, "prefix", "--figures", str(tmp_path / "made"), "--figure-format", "png") == 0
    out, err = capsys.readouterr()
    for words in ("before and after", "Cosine of translations", "Boundaries", "Mean absolute change", "not trained"):
        assert words in out
    assert "Sample data" in out
    assert "not from a t-SNE picture" in out
    written = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert [name.rpartition("-")[2] for name in written] == ["plane.png", "prompt.png"]
    assert all(f"{name}" in err for name in written)


def test_csv_has_a_row_a_number_and_json_the_same(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(runs, "soft", "--format", "csv", "--against", "untrained") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert ask(runs, "soft", "--format", "json", "--against", "untrained") == 0
    whole = json.loads(capsys.readouterr().out)
    german = [row for row in rows if row["measure"] == "cosine" and row["language"] == "de"]
    assert float(german[0]["value"]) == next(row["cosine"] for row in whole["change"] if row["language"] == "de")
    assert whole["before"]["model"].endswith("], before training, seed 1")
    assert (whole["task"], whole["token"], whole["layer"]) == ("marc", "first", "last")
    accuracies = [row for row in rows if row["measure"] == "boundary_accuracy"]
    assert len(accuracies) == 2 * 2 * 2  # states, languages, languages
    assert all(0 <= float(row["value"]) <= 1 for row in accuracies)
    assert {row["against"] for row in rows} == {"untrained"}


@pytest.mark.parametrize("format", ["markdown", "latex"])
def test_tables_for_pages_and_papers(runs: Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    assert ask(runs, "fine-tune", "--format", format, "--languages", "en,de") == 0
    out = capsys.readouterr().out
    assert out.count("| language | n |" if format == "markdown" else r"\begin{table}") == (1 if "|" in out else 3)
    assert "en-de" in out


def test_two_cells_are_compared(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = rebuilt(runs, "fine-tune").record.id
    assert ask(runs, "prefix", "--against", other, "--layer", "2", "--token", "mean") == 0
    out = capsys.readouterr().out
    assert "Before: fine-tune[" in out
    assert "mean over tokens, layer 2" in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--against", "backbon"], "Did you mean 'backbone'"),
        (["--token", "mask"], "reads no mask"),
        (["--token", "frist"], "Did you mean 'first'"),
        (["--layer", "top"], "say last, or the layer's number"),
        (["--layer", "9"], "layers 1 to 4"),
        (["--languages", "en,fr"], "no predictions for marc in 'fr'"),
        (["--task", "xnli"], "no task 'xnli'"),
        (["--figure-format", "gif"], "none of svg, pdf, png"),
        (["--format", "yaml"], "no format 'yaml'"),
    ],
)
def test_mistakes_are_told(runs: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str) -> None:
    assert ask(runs, "fine-tune", *options) == 2
    out, err = capsys.readouterr()
    assert words in err
    assert out == ""


def test_a_cell_that_is_not_there(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["represent", "zzzz", "--runs", str(runs)]) == 2
    assert "there is no such cell" in capsys.readouterr().err
    assert _run(["represent", "", "--runs", str(runs)]) == 2
    assert "several cells begin so" in capsys.readouterr().err

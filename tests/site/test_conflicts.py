"""What stores say differently is told: other answers with equal scores, and older cells of a system and seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.site.stores import HIDDEN, fill
from xbench.analysis import load_results
from xbench.cli import _run
from xbench.site.conflicts import conflicts, store_names, superseded
from xbench.store import RunStore

SMALL = {"languages": ("en", "de"), "seeds": (1,), "accuracy": {"soft": 0.8}}


def other_answers(path: Path, copy: Path) -> None:
    """The same cells, with each answer of German the other way round in place: the scores stay what they are."""
    store = RunStore(copy)
    for cell in load_results(path):
        tables = {}
        for pair in cell.record.predictions:
            table = cell.store.predictions(cell.record, *pair.pair)
            if pair.language == "de":
                right = (table["gold"] == table["prediction"]).to_numpy()[::-1]
                other = table["gold"].map({"same": "different", "different": "same"})
                table = table.assign(prediction=table["gold"].where(right, other))
            tables[pair.pair] = table
        store.write_cell(cell.record, tables)


def test_other_answers_with_equal_scores_are_a_conflict(tmp_path: Path) -> None:
    fill(tmp_path / "one/runs", (HIDDEN,), **SMALL)  # type: ignore[arg-type]
    other_answers(tmp_path / "one/runs", tmp_path / "two/runs")
    (found,) = conflicts([tmp_path / "one/runs", tmp_path / "two/runs"])
    assert (found.task, found.language) == (HIDDEN, "de")
    assert "in one/runs, which is shown" in found.says and "in two/runs: other answers" in found.says
    assert conflicts([tmp_path / "one/runs", tmp_path / "one/runs"]) == [] == conflicts([tmp_path / "one/runs"])


def test_conflicts_stand_on_the_pages_of_their_data_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, out = tmp_path / "one/runs", tmp_path / "two/runs", tmp_path / "site"
    fill(one, (HIDDEN,), **SMALL)  # type: ignore[arg-type]
    other_answers(one, two)
    fill(two, (HIDDEN,), data="hub", profile="paper", model="FacebookAI/xlm-roberta-base", **SMALL)  # type: ignore[arg-type]
    command = ["leaderboard", "build", "--runs", str(one), "--runs", str(two), "--out", str(out)]
    assert _run(command) == 0
    assert "other answers" in (out / "sample/about.html").read_text(encoding="utf-8")
    assert "other answers" not in (out / "about.html").read_text(encoding="utf-8")
    assert _run([*command, "--data", "sample", "--language", "en"]) == 0
    assert "other answers" not in (out / "about.html").read_text(encoding="utf-8")


def test_older_cells_of_a_system_and_seed_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = fill(tmp_path / "runs", (HIDDEN,), **SMALL)  # type: ignore[arg-type]
    (cell,) = load_results(path)
    tables = {pair.pair: cell.store.predictions(cell.record, *pair.pair) for pair in cell.record.predictions}
    newer = replace(cell.record, id="f" * len(cell.record.id), created="2026-02-01T00:00:00+00:00")
    cell.store.write_cell(newer, tables)
    (said,) = superseded(load_results(path))
    assert said.startswith(f"Cell {cell.record.id} is left out: {newer.id}")
    assert _run(["leaderboard", "build", "--runs", str(path), "--out", str(tmp_path / "site")]) == 0
    assert f"{cell.record.id} is left out" in (tmp_path / "site/about.html").read_text(encoding="utf-8")


def test_stores_are_named_by_as_much_as_it_takes() -> None:
    assert store_names([Path("/x/m1/runs"), Path("/x/m2/runs")]) == ["m1/runs", "m2/runs"]
    assert store_names([Path("/x/a"), Path("/x/b")]) == ["a", "b"]
    assert store_names([]) == []

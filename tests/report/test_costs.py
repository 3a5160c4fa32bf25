"""Costs of cells and of their stages: the columns that the issue asks for, in every format."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.store.synthetic import write_cell
from xbench.analysis import load_results
from xbench.report.costs import COLUMNS, cost_frame, cost_text
from xbench.report.frames import write_frame

STAGES = (
    {
        "artifact": "aaaa",
        "name": "language",
        "trained_parameters": 100,
        "stored_bytes": 400,
        "seconds": 4.0,
        "tokens": 800,
        "peak_memory_bytes": 9_000_000,
    },
    {
        "artifact": "bbbb",
        "name": "tune",
        "trained_parameters": 50,
        "stored_bytes": 200,
        "seconds": 1.0,
        "tokens": 700,
        "peak_memory_bytes": 8_000_000,
    },
)
SUMS = {"trainable_parameters": 150, "stored_bytes": 600, "train_seconds": 5.0, "tokens_per_second": 300.0}


def write(store: Path) -> None:
    write_cell(store, "prefix", seed=2, trainable_parameters=7)
    write_cell(store, "mad-x", adapted_to="bg", stages=STAGES, peak_memory_bytes=9_000_000, steps=30, **SUMS)


def test_a_cell_has_the_sums_and_its_stages_follow(tmp_path: Path) -> None:
    write(tmp_path)
    frame = cost_frame(load_results(tmp_path), by_stage=True)
    assert tuple(frame) == COLUMNS
    assert frame["method"].tolist() == ["mad-x"] * 3 + ["prefix"] and frame["adapted_to"].tolist() == ["bg"] * 3 + [""]
    assert frame["stage"].tolist() == ["", "language", "tune", ""]
    whole, language, tune, _ = frame.to_dict("records")
    assert {name: whole[name] for name in SUMS} == SUMS
    assert language["tokens_per_second"] == 200 and tune["tokens_per_second"] == 700
    for name in ("trainable_parameters", "stored_bytes", "train_seconds"):
        assert language[name] + tune[name] == whole[name]
    assert len(cost_frame(load_results(tmp_path))) == 2


@pytest.mark.parametrize("format", ["table", "csv", "json", "markdown", "latex"])
def test_every_format(tmp_path: Path, format: str) -> None:
    write(tmp_path)
    written = io.StringIO()
    write_frame(cost_frame(load_results(tmp_path), by_stage=True), format, written, text=cost_text)
    assert "mad-x" in written.getvalue() and ("9.0 MB" in written.getvalue()) == (format not in ("csv", "json"))


def test_values_as_people_read_them() -> None:
    assert cost_text("stored_bytes", 6_291_456) == "6.3 MB" and cost_text("train_seconds", 4.26) == "4.3"
    assert cost_text("trainable_parameters", 1_572_864) == "1,572,864" and cost_text("seed", 1) == "1"
    assert cost_text("peak_memory_bytes", float("nan")) == ""

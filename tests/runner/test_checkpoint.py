"""Checkpoints of a running training: whole or absent, of this training or ignored, resumed bit for bit."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.runner.toy_training import run_toy
from xbench.errors import StoreError
from xbench.runner import checkpoint

SETTINGS: dict[str, Any] = {
    "budget": {"epochs": 4, "learning_rate": 0.02, "micro_batch_size": 4, "evaluate_every": 3, "warmup": 0.2},
    "dropout": 0.4,
    "pairs": 11,
    "dev": True,
}


def run_alone(settings: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Trains in a process of its own."""
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-m", "tests.runner.toy_training", json.dumps(settings)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": str(torch.get_num_threads())},
        capture_output=True,
        text=True,
        check=False,
    )


def stop_early(folder: Path, call: int = 25, **changes: Any) -> None:
    """Leaves the checkpoint of a training that failed at that call of its loss."""
    with pytest.raises(SystemExit):
        run_toy({**SETTINGS, "checkpoints": str(folder), "fail_at": call, **changes})


def same_bits(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def timeless(report: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in report.items() if key not in ("seconds", "evaluation_seconds", "peak_memory_bytes")
    }


@pytest.mark.parametrize("optimizer", ["adamw", "adafactor"])
def test_killed_and_resumed_equals_undisturbed(tmp_path: Path, optimizer: str) -> None:
    settings = {**SETTINGS, "budget": {**SETTINGS["budget"], "optimizer": optimizer}}
    whole, report = run_toy(settings)
    resumable = {**settings, "checkpoints": str(tmp_path / "checkpoints"), "out": str(tmp_path / "resumed")}
    assert run_alone({**resumable, "kill_at": 40}).returncode == -signal.SIGKILL
    [found] = (tmp_path / "checkpoints").iterdir()
    result = run_alone(resumable)
    assert result.returncode == 0, result.stderr
    assert f"Training resumes after step {int(found.name.removeprefix('step-'))} of 20." in result.stderr
    state, resumed = torch.load(tmp_path / "resumed.0")
    assert same_bits(state, whole.state_dict())
    assert timeless(resumed) == timeless(dataclasses.asdict(report))


def test_disturbed_at_every_step_equals_undisturbed(tmp_path: Path) -> None:
    whole, report = run_toy(SETTINGS)
    for _ in range(19):  # each goes one step further than the last: a step has four calls of the loss at the most
        with pytest.raises(SystemExit):
            run_toy({**SETTINGS, "checkpoints": str(tmp_path), "fail_at": 5})
    resumed, resumed_report = run_toy({**SETTINGS, "checkpoints": str(tmp_path)})
    assert same_bits(resumed.state_dict(), whole.state_dict())
    assert timeless(dataclasses.asdict(resumed_report)) == timeless(dataclasses.asdict(report))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"budget": {**SETTINGS["budget"], "learning_rate": 0.03}}, "(budget)"),
        ({"seed": 2}, "(seed)"),
        ({"rows": 36}, "(streams)"),
        ({"dtype": "float64"}, "(parameters)"),
    ],
)
def test_another_trainings_checkpoint_is_left_out_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], named: str
) -> None:
    stop_early(tmp_path)
    whole, _ = run_toy({**SETTINGS, **changes})
    capsys.readouterr()
    fresh, _ = run_toy({**SETTINGS, **changes, "checkpoints": str(tmp_path)})
    assert f"another training {named}, not resumed" in capsys.readouterr().err
    assert same_bits(fresh.state_dict(), whole.state_dict())


@pytest.mark.parametrize(
    "name", ["training.json", "weights.safetensors", "optimizer.safetensors", "random.safetensors"]
)
def test_a_damaged_checkpoint_is_left_out_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    stop_early(tmp_path)
    [found] = tmp_path.iterdir()
    (found / name).write_bytes((found / name).read_bytes()[:-20])
    whole, _ = run_toy(SETTINGS)
    fresh, _ = run_toy({**SETTINGS, "checkpoints": str(tmp_path)})
    assert "damaged checkpoint, not resumed" in capsys.readouterr().err
    assert same_bits(fresh.state_dict(), whole.state_dict())


def test_what_a_kill_left_half_written_is_not_read_and_goes_away(tmp_path: Path) -> None:
    half = tmp_path / ".step-00000019-123"
    half.mkdir()
    (half / "training.json").write_text("{")
    stop_early(tmp_path)
    [found] = tmp_path.iterdir()
    assert found.name.startswith("step-")


def test_a_full_disk_is_one_clear_error_and_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_early(tmp_path)
    [before] = tmp_path.iterdir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(StoreError, match=r"checkpoint cannot be written: .*No space left"):
        run_toy({**SETTINGS, "checkpoints": str(tmp_path)})
    assert list(tmp_path.iterdir()) == [before]

"""Groups of processes: they train as one process does, end together, and keep stdout to process 0."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from tests.runner.toy_training import run_toy
from xbench.errors import RequestError
from xbench.runner.processes import make_accelerator, share

LAUNCH = """
import sys
from xbench.runner.processes import launch
sys.exit(launch(int(sys.argv[1]), sys.argv[2:], module="tests.runner.toy_training"))
"""


def start(processes: int, settings: dict[str, Any]) -> subprocess.Popen[str]:
    """A supervised group that trains the toy model."""
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(processes), json.dumps(settings)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
    )


def finish(group: subprocess.Popen[str], seconds: float = 120.0) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    out, err = group.communicate(timeout=seconds)
    return group.returncode, out, err


def difference(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> float:
    """The largest difference between two models' parameters."""
    return max((first[name] - second[name]).abs().max().item() for name in first if name != "calls")


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    # 37 rows in batches of 9 leave one row for the last step of an epoch: process 1 has none, though it has pairs.
    budget = {"epochs": 3, "batch_size": 9, "micro_batch_size": 2, "learning_rate": 0.01, "weight_decay": 0.1}
    settings = {"budget": budget, "dtype": "float64", "pairs": 11, "weigh": True, "dev": True}
    alone, report = run_toy(settings)
    code, out, err = finish(start(2, {**settings, "world_size": 2, "out": str(tmp_path / "two")}))
    assert code == 0, err
    assert out == "stdout of process 0\n"
    (first, first_report), (second, second_report) = (torch.load(tmp_path / f"two.{rank}") for rank in (0, 1))
    assert difference(first, second) == 0
    assert difference(first, alone.state_dict()) < 1e-9
    assert first_report["best_step"] == second_report["best_step"] == report.best_step
    assert first_report["tokens"] == report.tokens
    losses = [point["loss"] for point in first_report["curve"]]
    assert losses == pytest.approx([point["loss"] for point in report.curve])


def test_a_process_without_any_row_takes_part(tmp_path: Path) -> None:
    settings = {"budget": {"epochs": 2, "batch_size": 2, "learning_rate": 0.01}, "rows": 3, "dtype": "float64"}
    alone, _ = run_toy(settings)
    code, _, err = finish(start(2, {**settings, "world_size": 2, "out": str(tmp_path / "two")}))
    assert code == 0, err
    assert difference(torch.load(tmp_path / "two.0")[0], alone.state_dict()) < 1e-9


def test_two_processes_resume_with_the_same_bits(tmp_path: Path) -> None:
    settings = {"budget": {"epochs": 4, "learning_rate": 0.01}, "dropout": 0.3, "dev": True, "world_size": 2}
    assert finish(start(2, {**settings, "out": str(tmp_path / "whole")}))[0] == 0
    killed = {**settings, "checkpoints": str(tmp_path / "checkpoints"), "out": str(tmp_path / "resumed")}
    code, _, err = finish(start(2, {**killed, "kill_at": 12, "rank": 1}))
    assert code == 1
    assert "Process 1 of 2 ended first, with signal 9" in err
    code, _, err = finish(start(2, killed))
    assert code == 0, err
    assert "resumes after step" in err
    for rank in (0, 1):
        whole, resumed = (torch.load(tmp_path / f"{name}.{rank}")[0] for name in ("whole", "resumed"))
        assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_failing_process_ends_the_group_with_its_exit_code(tmp_path: Path) -> None:
    settings = {"budget": {"steps": 10**6}, "out": str(tmp_path / "never"), "fail_at": 4, "rank": 1}
    began = time.monotonic()
    code, _, err = finish(start(2, settings))
    assert code == 7
    assert "Process 1 of 2 ended first, with exit code 7" in err
    assert time.monotonic() - began < 60


def start_endless(folder: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A group that would train for hours, and its two processes, once they train."""
    settings = {"budget": {"steps": 10**6}, "out": str(folder / "never"), "checkpoints": str(folder / "checkpoints")}
    group = start(2, settings)
    for _ in range(1200):
        if list(folder.glob("checkpoints/step-*")):
            return group, psutil.Process(group.pid).children()
        time.sleep(0.1)
    group.kill()
    raise AssertionError("the group did not start")


def test_an_interrupt_ends_the_group(tmp_path: Path) -> None:
    group, children = start_endless(tmp_path)
    group.send_signal(signal.SIGINT)
    code, _, err = finish(group)
    assert code == 130, err
    assert len(children) == 2
    assert not any(child.is_running() for child in children)


def test_a_killed_parent_leaves_no_process_behind(tmp_path: Path) -> None:
    group, children = start_endless(tmp_path)
    group.kill()
    group.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


def test_a_world_that_did_not_come_together_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    make_accelerator("cpu")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(RequestError, match=r"2 processes were asked for .* but 1"):
        make_accelerator("cpu")


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [
        ("tpu", "fp32", "Unknown device 'tpu'"),
        ("cpu", "fp8", "Unknown precision 'fp8'"),
        ("cpu", "fp16", "fp16 needs a GPU"),
        ("cuda:99", "fp32", "cuda"),
    ],
)
def test_what_cannot_be_had_is_refused(device: str, precision: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        make_accelerator(device, precision)


def test_two_processes_on_one_gpu_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(RequestError, match="2 processes need a GPU each; device 'auto' is 1"):
        make_accelerator(None, processes=2)


def test_share_is_the_value_itself_in_one_process() -> None:
    assert share(make_accelerator("cpu"), {"a": 1}) == {"a": 1}

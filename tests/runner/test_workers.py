"""Worker processes: the same cells as one process makes, and a death that is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.runner.conftest import small_request
from tests.runner.test_evaluation import Run, assert_same
from xbench.runner.evaluation import Outcome
from xbench.runner.grid import plan_grid
from xbench.runner.request import EvalRequest
from xbench.runner.workers import Assignment, run_grid_by_workers, useful_workers


def run_by_workers(request: EvalRequest, store: Path, seen: list[str] | None = None) -> Outcome:
    """Runs a request with two workers; `seen` gets what they report."""
    seen = [] if seen is None else seen
    progress = [lambda what, done, total: seen.append(what)] * 2
    return run_grid_by_workers(plan_grid(request).cells, Assignment(request, store, "test", 1), progress)


def test_workers_make_the_cells_that_one_process_makes(run: Run, tmp_path: Path) -> None:
    request = small_request(device="cpu", seeds=(1, 2))
    seen: list[str] = []
    outcome = run_by_workers(request, tmp_path / "workers", seen)
    assert len(outcome.done) == 4
    assert any(what.startswith("soft") for what in seen)
    run(request, tmp_path / "alone")
    assert_same(tmp_path / "workers", tmp_path / "alone")
    again = run_by_workers(request, tmp_path / "workers")
    assert (len(again.done), sorted(again.present)) == (0, sorted(outcome.done))


def test_a_failed_cell_and_a_killed_worker_are_failures_that_say_why(tmp_path: Path) -> None:
    changes = {"fine-tune": {"model": "no-such-model"}, "soft": {"training.steps": 100_000}}
    request = small_request(("fine-tune", "soft"), changes=changes, device="cpu")

    def kill_when_training() -> None:
        mine = os.getpid()
        while not list((tmp_path / "runs").glob("staging/*")):
            time.sleep(0.2)
        for child in children(mine):
            os.kill(child, signal.SIGKILL)

    killer = threading.Thread(target=kill_when_training, daemon=True)
    killer.start()
    outcome = run_by_workers(request, tmp_path / "runs")
    messages = {failure.plan.choice.name: failure.message for failure in outcome.failures}
    assert "no-such-model" in messages["fine-tune"]
    assert "worker process ended" in messages["soft"]


def children(parent: int) -> list[int]:
    """Ids of a process's spawned Python processes."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(status[1]) == parent and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def test_few_cells_take_one_worker() -> None:
    assert useful_workers(1) == useful_workers(4) == 1
    assert 1 <= useful_workers(1000) <= (os.cpu_count() or 1)


def test_an_interrupt_ends_the_workers_and_says_so(tmp_path: Path) -> None:
    command = ["eval", "--methods", "soft", "--tasks", "marc", "--seeds", "1,2", "--workers", "2", "--device", "cpu"]
    command += ["--set", "soft.training.steps=100000", "--runs", str(tmp_path / "runs")]
    running = subprocess.Popen(
        [sys.executable, "-m", "xbench", *command],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    try:
        while not list((tmp_path / "runs").glob("staging/*")) and running.poll() is None:
            time.sleep(0.2)
        workers = children(running.pid)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130 and "Interrupted; what was finished is kept." in errors
    assert workers and not [worker for worker in workers if Path(f"/proc/{worker}").exists()]

"""Runs a grid: cells that are free first, then those that others had claimed; failures are kept apart."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

import torch

from xbench.errors import XbenchError
from xbench.runner.cell import Cell, Workplace
from xbench.runner.cell_run import CellRun
from xbench.runner.grid import CellPlan
from xbench.runner.processes import share


@dataclass(frozen=True)
class Failure:
    """A cell that failed, and why."""

    plan: CellPlan
    message: str


@dataclass
class Outcome:
    """What became of a grid's cells."""

    done: list[str] = field(default_factory=list)
    """Ids of cells made now."""
    present: list[str] = field(default_factory=list)
    """Ids of cells that were in the store already."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def cells(self) -> list[str]:
        """Ids of all cells of the grid that the store now holds."""
        return [*self.present, *self.done]


def run_grid(
    plans: Sequence[CellPlan], place: Workplace, finished: Callable[[int], None] = lambda count: None
) -> Outcome:
    """Runs all cells. A failed cell leaves the others alone.

    Among several processes of one group a failure ends the group, since the others would wait for it.
    """
    outcome = Outcome()
    with _arithmetic():
        postponed = [plan for plan in plans if not _run(plan, place, outcome, finished, wait=False)]
        for plan in postponed:
            _run(plan, place, outcome, finished, wait=True)
    return outcome


@contextmanager
def _arithmetic() -> Iterator[None]:
    """Same cell, machine, threads and world size: same bits. Sums over threads would come in any order otherwise."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what CUDA asks for
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Nothing here reads what it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    # Gradients through sharp attention are full of numbers under 1e-38, on which a CPU is many times slower. The state
    # is the whole process's: other code that runs in it gets back what it had.
    flushed = bool((torch.tensor(1e-39) * 1.0 == 0).item())
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushed)


def _run(plan: CellPlan, place: Workplace, outcome: Outcome, finished: Callable[[int], None], *, wait: bool) -> bool:
    """Runs one cell; False where another process works on it and this one does not wait."""
    try:
        cell = Cell(plan, place)
        claim = place.store.claim(f"{cell.id}.running", blocking=wait)
        with claim if place.accelerator.is_main_process else nullcontext(False) as held:
            if not share(place.accelerator, held):
                return False
            (outcome.done if CellRun(cell).run() else outcome.present).append(cell.id)
    except Exception as error:
        if place.accelerator.num_processes > 1:
            raise
        outcome.failures.append(Failure(plan, _message(error, plan, place)))
    finished(len(outcome.done) + len(outcome.present) + len(outcome.failures))
    return True


def _message(error: Exception, plan: CellPlan, place: Workplace) -> str:
    """One message; a fault that is not the user's keeps its traceback in the store."""
    if isinstance(error, XbenchError):
        return str(error)
    log = place.store.path / "failures" / f"{plan.system}-{plan.seed}.txt"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        kept = f"the traceback is in {log}"
    except OSError as failure:
        kept = f"its traceback could not be kept ({failure.strerror})"
    return f"{type(error).__name__}: {error} (not expected; {kept})"

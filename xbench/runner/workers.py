"""A grid's cells shared among worker processes of one machine, each with cells of its own.

Workers suit small models, which leave cores idle; one large model is shared by `--processes` instead.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from xbench.runner.cell import Progress
from xbench.runner.evaluation import Failure, Outcome
from xbench.runner.grid import CellPlan
from xbench.runner.request import EvalRequest

CELLS_PER_WORKER = 4
"""Fewer cells are not worth a process that first has to load torch."""


@dataclass(frozen=True)
class Assignment:
    """What a worker needs to plan the same grid again: functions and models do not travel, a request does."""

    request: EvalRequest
    runs: Path
    command: str
    threads: int
    """Threads of each worker."""


def useful_workers(cells: int) -> int:
    """How many workers pay on this machine: one a core, and each with enough cells to be worth its start."""
    return max(1, min(os.cpu_count() or 1, cells // CELLS_PER_WORKER))


def run_grid_by_workers(
    plans: Sequence[CellPlan],
    assignment: Assignment,
    progress: Sequence[Progress],
    finished: Callable[[int], None] = lambda count: None,
) -> Outcome:
    """Runs all cells of the assignment's grid, `plans`, in one worker process for each entry of `progress`.

    A failed cell leaves the others alone; when a worker dies (killed, or out of memory) the cells that are not
    finished are failures that say so. An interrupt ends the workers.
    """
    context = multiprocessing.get_context("spawn")
    reports: SimpleQueue[Any] = context.SimpleQueue()
    outcome = Outcome()
    numbers: SimpleQueue[int] = context.SimpleQueue()
    for number in range(len(progress)):
        numbers.put(number)
    listener = threading.Thread(target=_listen, args=(reports, progress), daemon=True)
    listener.start()
    arguments = (assignment, numbers, reports)
    pool = ProcessPoolExecutor(len(progress), mp_context=context, initializer=_start, initargs=arguments)
    try:
        futures = {pool.submit(_run_cell, number): number for number in range(len(plans))}
        left = set(futures)
        while left:
            done, left = wait(left, return_when=FIRST_COMPLETED)
            for future in done:
                _add(outcome, plans[futures[future]], future)
            finished(len(outcome.cells) + len(outcome.failures))
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.kill()  # the store keeps what is whole; a half-done cell is claimed again by the next call
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        reports.put(None)
        listener.join(timeout=5)
    return outcome


def _add(outcome: Outcome, plan: CellPlan, future: Future[Any]) -> None:
    try:
        done, present, failures = future.result()
    except BrokenProcessPool:
        reason = "A worker process ended before this cell was finished (killed, or out of memory)."
        outcome.failures.append(Failure(plan, reason))
        return
    outcome.done += done
    outcome.present += present
    outcome.failures += [Failure(plan, message) for message in failures]


def _listen(reports: SimpleQueue[Any], progress: Sequence[Progress]) -> None:
    while (report := reports.get()) is not None:
        number, what, done, total = report
        progress[number](what, done, total)


# --- in a worker ---

_run: Callable[[int], tuple[list[str], list[str], list[str]]]


def _start(assignment: Assignment, numbers: SimpleQueue[int], reports: SimpleQueue[Any]) -> None:
    """Plans the grid and takes a place in the store, once per worker."""
    import torch

    from xbench.runner.cell import Workplace
    from xbench.runner.evaluation import run_grid
    from xbench.runner.grid import plan_grid
    from xbench.runner.processes import end_with_parent, make_accelerator
    from xbench.store import RunStore

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    end_with_parent()
    torch.set_num_threads(assignment.threads)
    request = assignment.request
    plans = plan_grid(request).cells
    accelerator = make_accelerator(request.device, request.precision)
    store = RunStore(assignment.runs)
    place = Workplace(store, accelerator, request.tasks_dirs, command=assignment.command)
    own = numbers.get()
    place.progress = lambda what, done, total: reports.put((own, what, done, total))

    def run(number: int) -> tuple[list[str], list[str], list[str]]:
        outcome = run_grid([plans[number]], place)
        return outcome.done, outcome.present, [failure.message for failure in outcome.failures]

    global _run
    _run = run


def _run_cell(number: int) -> tuple[list[str], list[str], list[str]]:
    """Ids made now, ids present, and messages of failures of the cell of that number."""
    return _run(number)

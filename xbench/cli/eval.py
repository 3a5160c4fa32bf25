"""`xbench eval`: runs methods on tasks and shows what came out."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xbench.runner.cell import Progress, Workplace
    from xbench.runner.evaluation import Outcome
    from xbench.runner.grid import CellPlan, Grid
    from xbench.runner.request import EvalRequest


def evaluate_command(
    methods: Annotated[str, typer.Option(help="all, or names: fine-tune,'mpt[alpha=1]'")] = "all",
    tasks: Annotated[str, typer.Option(help="all, or names: marc,xnli")] = "all",
    profile: Annotated[
        str,
        typer.Option(
            help="demo: embedded backbone and sample data; paper: each method's own; comparable: one budget for all"
        ),
    ] = "demo",
    model: Annotated[str | None, typer.Option(help="hub id or folder of the backbone, for all methods")] = None,
    data: Annotated[str | None, typer.Option(help="sample, hub or files")] = None,
    setting: Annotated[str, typer.Option(help="zero-shot, in-language or cross-task")] = "zero-shot",
    shots: Annotated[str | None, typer.Option(help="examples per class, one or several: 16,32")] = None,
    train_size: Annotated[str | None, typer.Option(help="class:k, language:n, total:n or full")] = None,
    train_tasks: Annotated[str | None, typer.Option(help="tasks to train on, where they are not those tested")] = None,
    source: Annotated[str | None, typer.Option(help="source language")] = None,
    languages: Annotated[str, typer.Option(help="all, or languages to evaluate: en,de")] = "all",
    seeds: Annotated[str | None, typer.Option(help="seeds: 1,2,3")] = None,
    sample_seed: Annotated[int | None, typer.Option(help="one few-shot sample for all seeds, drawn by this")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="method.parameter=value; may be given again")] = None,
    tasks_dir: Annotated[list[Path] | None, typer.Option(help="a folder with task YAMLs of your own")] = None,
    methods_dir: Annotated[list[Path] | None, typer.Option(help="a folder with methods of your own")] = None,
    limit: Annotated[int | None, typer.Option(help="evaluate on this many examples of each test set")] = None,
    on_bad_row: Annotated[
        str, typer.Option(help="error, or skip: leave them out, count them, and keep the cell out of rankings")
    ] = "error",
    grid: Annotated[Path | None, typer.Option(help="a YAML file with these options; the command line wins")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, mps; the best there is by default")] = None,
    precision: Annotated[str, typer.Option(help="fp32, bf16 or fp16")] = "fp32",
    processes: Annotated[int, typer.Option(help="processes that share each cell's work")] = 1,
    workers: Annotated[
        int | None, typer.Option(help="processes with cells of their own; one a core in the demo, else 1")
    ] = None,
    shard: Annotated[str | None, typer.Option(help="i/n: this machine's part of the grid")] = None,
    runs: Annotated[Path | None, typer.Option(help="the run store; ./runs or $XBENCH_RUNS by default")] = None,
    dry_run: Annotated[bool, typer.Option(help="list the cells, with estimated steps and tokens, and stop")] = False,
) -> int:
    """Runs methods on tasks and shows source, targets and gap."""
    if processes > 1 and workers is not None and workers > 1:
        _refuse_both(processes, workers)
    if processes > 1 and not _in_group():
        from xbench.runner.processes import launch

        return launch(processes, sys.argv[1:])
    from xbench.cli.options import changes, grid_options, part, words
    from xbench.errors import RequestError
    from xbench.runner.request import EvalRequest

    if shots and train_size:
        raise RequestError("--shots and --train-size say the same thing; give one of them.")
    options: dict[str, Any] = {
        "methods": words(methods, "--methods"),
        "tasks": words(tasks, "--tasks"),
        "profile": profile,
        "model": model,
        "data": data,
        "setting": setting,
        "shots": words(shots or train_size, "--shots"),
        "train_tasks": words(train_tasks, "--train-tasks"),
        "source": source,
        "languages": words(languages, "--languages"),
        "seeds": words(seeds, "--seeds", int),
        "sample_seed": sample_seed,
        "changes": changes(set_ or []),
        "tasks_dirs": tuple(tasks_dir or ()),
        "methods_dirs": tuple(methods_dir or ()),
        "limit": limit,
        "on_bad_row": on_bad_row,
        "device": device,
        "precision": precision,
        "part": part(shard),
    }
    if grid is not None:
        options = grid_options(grid, options)
    options = {name: value for name, value in options.items() if value not in (None, ())}
    return run(EvalRequest(**options), runs, dry_run=dry_run, workers=workers)


def _refuse_both(processes: int, workers: int) -> None:
    from xbench.errors import RequestError

    raise RequestError(
        f"--processes {processes} and --workers {workers}: the first shares each cell's work among processes, the "
        "second gives each process cells of its own. Give one of them."
    )


def run(request: EvalRequest, runs: Path | None, *, dry_run: bool = False, workers: int | None = None) -> int:
    """Plans, runs and reports; gives the exit code."""
    from xbench.runner.grid import plan_grid

    plan = plan_grid(request)
    for reason in plan.skipped:
        _say(f"Skipped: {reason}")
    if dry_run:
        _list_cells(plan.cells, _workplace(request, runs))
        return 0
    if workers is None:
        workers = _default_workers(request, len(plan.cells))
    outcome = evaluate_grid(request, plan, runs, workers=workers)
    from accelerate import PartialState

    if not PartialState().is_main_process:
        return 0
    _summarise(outcome)
    _show_table(outcome, runs)
    for failure in outcome.failures:
        _say(f"Failed: {failure.plan.name}: {failure.message}")
    if outcome.failures:
        _say(f"{len(outcome.failures)} cells failed; what was finished is kept. To try them again: {_command()}")
    return 1 if outcome.failures else 0


def evaluate_grid(request: EvalRequest, plan: Grid, runs: Path | None, *, workers: int = 1) -> Outcome:
    """Runs a planned grid with a progress display."""
    _say("Loading torch and transformers …") if sys.stderr.isatty() else None
    from xbench.runner.evaluation import run_grid

    place = _workplace(request, runs)
    shown = place.accelerator.is_main_process
    with _progress(len(plan.cells), workers, shown) as (stages, finished):
        if workers == 1:
            (place.progress,) = stages
            return run_grid(plan.cells, place, finished)
        from xbench.runner.workers import Assignment, run_grid_by_workers

        assignment = Assignment(request, place.store.path, place.command, _threads_of_each(workers))
        return run_grid_by_workers(plan.cells, assignment, stages, finished)


def _workplace(request: EvalRequest, runs: Path | None) -> Workplace:
    """The store and the accelerator of this process."""
    import torch

    from xbench.runner.cell import Workplace
    from xbench.runner.processes import make_accelerator
    from xbench.store import RunStore, default_path

    if _is_embedded(request):
        torch.set_num_threads(1)  # so small are the sums that a second thread only waits for the first
    accelerator = make_accelerator(request.device, request.precision)
    return Workplace(RunStore(runs or default_path()), accelerator, request.tasks_dirs, command=_command())


def _threads_of_each(workers: int) -> int:
    """As many as this process would take (OMP_NUM_THREADS, say), where cores are enough for all: else all but wait."""
    import torch

    return min(torch.get_num_threads(), max(1, (os.cpu_count() or 1) // workers))


def _is_embedded(request: EvalRequest) -> bool:
    return request.profile == "demo" and request.model is None


def _default_workers(request: EvalRequest, cells: int) -> int:
    """One a core for the embedded backbones, where the cells are many enough; else one."""
    if not _is_embedded(request) or _in_group():
        return 1
    from xbench.runner.workers import useful_workers

    return useful_workers(cells)


def _list_cells(cells: Sequence[CellPlan], place: Workplace) -> None:
    from xbench.runner.cell import Cell

    total_steps, total_tokens, left = 0, 0, 0
    counted: set[str] = set()
    print("cell\tlanguages\tsteps\ttokens\tstate")
    for plan in cells:
        cell = Cell(plan, place)
        missing = cell.missing()
        steps, tokens = cell.estimate(counted) if missing else (0, 0)
        total_steps, total_tokens, left = total_steps + steps, total_tokens + tokens, left + bool(missing)
        state = f"{len(missing)} predictions to make" if missing else "in the store"
        print(f"{plan.name}\t{sum(map(len, plan.languages.values()))}\t{steps}\t{tokens}\t{state}")
    _say(f"{len(cells)} cells, {left} of them to run: about {total_steps:,} training steps on {total_tokens:,} tokens.")


def _summarise(outcome: Outcome) -> None:
    if not outcome.done and not outcome.failures:
        _say(f"Nothing to do: all {len(outcome.present)} cells of this request are in the store.")
    elif outcome.present:
        _say(f"{len(outcome.done)} cells run, {len(outcome.present)} were in the store.")


def _show_table(outcome: Outcome, runs: Path | None) -> None:
    if not outcome.cells:
        return
    from xbench.report import print_result_table
    from xbench.store import default_path

    print_result_table(runs or default_path(), cells=outcome.cells)


@contextmanager
def _progress(cells: int, workers: int, shown: bool) -> Iterator[tuple[Sequence[Progress], Callable[[int], None]]]:
    """Bars on stderr for the grid and each worker's stage, with time left; nothing where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield [lambda what, done, total: None] * workers, (lambda count: None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        grid = bars.add_task("cells", total=cells)

        def stage_bar(bar: TaskID) -> Progress:
            return lambda what, done, total: bars.update(bar, description=what, completed=done, total=total)

        stages = [stage_bar(bars.add_task("", total=None)) for _ in range(workers)]
        yield stages, lambda count: bars.update(grid, completed=count)


def _in_group() -> bool:
    return "WORLD_SIZE" in os.environ


def _command() -> str:
    return shlex.join(["xbench", *sys.argv[1:]])


def _say(text: str) -> None:
    print(text, file=sys.stderr)

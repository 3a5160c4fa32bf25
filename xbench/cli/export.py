"""`xbench export`: a cell's tuned weights in the format of transformers or peft."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from xbench.cli.filters import Runs, TasksDirs
from xbench.cli.represent import find_cell


def export_command(
    cell: Annotated[str, typer.Argument(help="a cell's id, or how it begins (`xbench runs list`)")],
    to: Annotated[Path, typer.Option("--to", help="a folder that is not there yet, or is empty")],
    task: Annotated[str | None, typer.Option(help="the task, where the cell has several")] = None,
    runs: Runs = None,
    tasks_dir: TasksDirs = None,
    methods_dir: Annotated[list[Path] | None, typer.Option(help="a folder with methods of your own")] = None,
) -> None:
    """Writes a cell's tuned model as transformers or peft read it, with its tokenizer and the same logits."""
    from xbench.analysis.results import load_results
    from xbench.errors import RequestError

    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise RequestError(f"--to {to}: it is there already; name a new folder or an empty one.")
    found = find_cell(list(load_results(*(runs or []))), cell, "CELL")
    names = found.record.tasks if task is None else (task,)
    if task is not None and task not in found.record.tasks:
        raise RequestError(f"--task {task}: cell {found.record.id} has {', '.join(found.record.tasks)}.")

    from xbench.export.write import export_cell

    exported = export_cell(found, names[0], to, tuple(tasks_dir or ()), tuple(methods_dir or ()))
    print(to)
    print(f"{found.record.label} ({found.record.id}) as {exported.format}.", file=sys.stderr)
    for note in exported.notes:
        print(note, file=sys.stderr)

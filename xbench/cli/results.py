"""`xbench results` shows what is in the run store; `xbench score` computes its metrics again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xbench.cli.filters import Format, Selection, TasksDirs, reads_results

if TYPE_CHECKING:
    from xbench.store import PredictionRecord

Baseline = Annotated[str, typer.Option(help="the method that others are compared with")]

Costs = Annotated[bool, typer.Option("--costs", help="parameters, bytes, seconds and memory of each cell and stage")]


@reads_results
def results(
    selection: Selection,
    baseline: Baseline = "fine-tune",
    format: Format = "table",
    costs: Costs = False,
) -> None:
    """Shows results: source, mean of targets, gap, and the difference to fine-tune; or every number, as csv or json."""
    from xbench.report.formats import check_format, write_results

    check_format(format)
    found = selection.load()
    if costs:
        from xbench.report.costs import cost_frame, cost_text
        from xbench.report.frames import write_frame

        write_frame(cost_frame(found, by_stage=True), format, sys.stdout, text=cost_text)
        return
    write_results(found, format, sys.stdout, baseline)


@reads_results
def score(
    selection: Selection,
    tasks_dir: TasksDirs = None,
) -> int:
    """Computes metrics again from stored predictions: those that the task's spec names now."""
    from xbench.analysis.scoring import score as score_cell
    from xbench.errors import StoreError

    found = selection.load()
    failed = 0
    for cell in found:
        try:
            score_cell(cell, lambda pair: _metrics(pair, tasks_dir or ()))
        except StoreError as error:
            failed += 1
            print(f"Failed: cell {cell.record.id}: {error}", file=sys.stderr)
    print(f"{len(found) - failed} cells scored again, {failed} failed.", file=sys.stderr)
    return 1 if failed else 0


def _metrics(pair: PredictionRecord, directories: Sequence[Path]) -> tuple[Sequence[str], Sequence[str]]:
    """The metrics and labels of the pair's task; a task whose spec is not at hand keeps the metrics it has."""
    from xbench.errors import RequestError
    from xbench.spec.registry import load_task

    try:
        spec = load_task(pair.task, tuple(directories))
    except RequestError:
        print(f"There is no spec of {pair.task} here (--tasks-dir?); its metrics stay the same ones.", file=sys.stderr)
        return tuple(
            dict.fromkeys(name.partition("/")[0] if name.startswith("hub:") else name for name in pair.metrics)
        ), ()
    return spec.metrics, spec.labels

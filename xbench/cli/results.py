"""`xbench results` shows what is in the run store; `xbench score` computes its metrics again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xbench.cli.filters import Data, Language, Method, Model, Runs, Seed, Setting, Shots, Task, filters, load

if TYPE_CHECKING:
    from xbench.store import PredictionRecord

Format = Annotated[str, typer.Option("--format", help="table, csv, json, markdown or latex")]
Baseline = Annotated[str, typer.Option(help="the method that others are compared with")]


def results(
    runs: Runs = None,
    task: Task = None,
    method: Method = None,
    model: Model = None,
    data: Data = None,
    setting: Setting = None,
    shots: Shots = None,
    language: Language = None,
    seed: Seed = None,
    baseline: Baseline = "fine-tune",
    format: Format = "table",
) -> None:
    """Shows results: source, mean of targets, gap, and the difference to fine-tune; or every number, as csv or json."""
    from xbench.report.formats import check_format, write_results

    check_format(format)
    chosen = filters(
        task=task, method=method, model=model, data=data, setting=setting, shots=shots, language=language, seed=seed
    )
    found = load(runs, chosen)
    write_results(found, format, sys.stdout, baseline)


def score(
    runs: Runs = None,
    task: Task = None,
    method: Method = None,
    model: Model = None,
    data: Data = None,
    setting: Setting = None,
    shots: Shots = None,
    language: Language = None,
    seed: Seed = None,
    tasks_dir: Annotated[list[Path] | None, typer.Option(help="a folder with task YAMLs of your own")] = None,
) -> int:
    """Computes metrics again from stored predictions: those that the task's spec names now."""
    from xbench.analysis.scoring import score as score_cell
    from xbench.errors import StoreError

    chosen = filters(
        task=task, method=method, model=model, data=data, setting=setting, shots=shots, language=language, seed=seed
    )
    found = load(runs, chosen)
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

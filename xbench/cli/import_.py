"""`xbench import`: predictions made elsewhere become a cell of the run store, like those made here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from xbench.spec.task import TaskSpec

UNKNOWN = "unknown"


def import_command(
    predictions: Annotated[Path, typer.Argument(help="csv, tsv, json, jsonl or parquet: id, language, prediction")],
    task: Annotated[str, typer.Option(help="the task, by name or file")],
    system: Annotated[str, typer.Option(help="a name for the system that made them")],
    data: Annotated[str | None, typer.Option(help="what was predicted: sample, files or hub")] = None,
    variant: Annotated[str, typer.Option(help="which variant of the system, such as length=8")] = "",
    model: Annotated[str, typer.Option(help="the backbone's id")] = UNKNOWN,
    seed: Annotated[int, typer.Option(help="the seed of this run; import each seed's file")] = 1,
    shots: Annotated[str, typer.Option(help="its train size: 16, language:100, total:50, full")] = UNKNOWN,
    setting: Annotated[str, typer.Option(help="zero-shot, in-language or cross-task")] = "zero-shot",
    profile: Annotated[str | None, typer.Option(help="compared with: demo, paper or comparable")] = None,
    source: Annotated[str | None, typer.Option(help="the language it was trained in; by default the task's")] = None,
    language: Annotated[str | None, typer.Option(help="for a file of one language without such a column")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="as given to `xbench tasks export`")] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="missing ids: keep it out of rankings")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="put these in place of what this name holds")] = False,
    runs: Annotated[Path | None, typer.Option(help="the run store; by default runs, or $XBENCH_RUNS")] = None,
    tasks_dir: Annotated[list[Path] | None, typer.Option(help="a folder with task YAMLs of your own")] = None,
) -> None:
    """Imports predictions made elsewhere; `xbench tasks export TASK` gives the ids and inputs to predict."""
    from xbench.cli.import_cell import align_languages, cell_record, examples_of_test, store_cell
    from xbench.cli.import_reading import read_predictions
    from xbench.spec.registry import load_task
    from xbench.store import RunStore, default_path

    directories = tuple(tasks_dir or ())
    spec = load_task(task, directories)
    about = _about(spec, system, variant, model, data, profile, setting, shots, seed, source, limit)
    rows = read_predictions(predictions, spec.name, spec.labels, language, spec.kind)
    examples = examples_of_test(spec, rows, about, directories)
    aligned = align_languages(rows, examples, spec, allow_missing)
    record = cell_record(predictions, spec, about, aligned, examples)
    store_cell(RunStore(runs or default_path()), record, aligned, examples, replace)


def _about(
    spec: TaskSpec,
    system: str,
    variant: str,
    model: str,
    data: str | None,
    profile: str | None,
    setting: str,
    shots: str,
    seed: int,
    source: str | None,
    limit: int | None,
) -> dict[str, Any]:
    """What tells the system, checked. Raises RequestError."""
    from xbench.data.sampling import parse_train_size
    from xbench.errors import RequestError, nearest
    from xbench.method.registry import describe_methods
    from xbench.runner.request import CHOICES

    if not re.fullmatch(r"[\w.+-][\w.+ -]*", system):
        raise RequestError(f"--system '{system}': letters, digits, spaces and . _ + - only; a variant has --variant.")
    if system in describe_methods():
        raise RequestError(f"'{system}' is a method here; name yours otherwise, such as {system}-elsewhere.")
    data = _data_kind(spec, data)
    profile = profile or ("demo" if data == "sample" else "paper")
    for name, value in (("profile", profile), ("setting", setting)):
        if value not in CHOICES[name]:
            raise RequestError(
                f"--{name} '{value}' is none of {', '.join(CHOICES[name])}.{nearest(value, CHOICES[name])}"
            )
    if source is not None and source not in spec.languages:
        raise RequestError(f"task '{spec.name}' has no language '{source}'.{nearest(source, spec.languages)}")
    return {
        "method": system,
        "variant": variant,
        "model": model,
        "data": data,
        "profile": profile,
        "setting": setting,
        "shots": shots if shots == UNKNOWN else str(parse_train_size(shots)),
        "seed": seed,
        "source": source or spec.source_of(data),
        "limit": limit,
    }


def _data_kind(spec: TaskSpec, data: str | None) -> str:
    """The kind of data that was predicted; asked back where the task has several."""
    from xbench.cli.task_check import data_kind
    from xbench.errors import RequestError

    kinds = spec.data_kinds
    if data is None and len(kinds) > 1:
        raise RequestError(f"Which data of task '{spec.name}' was predicted? Say --data {' or --data '.join(kinds)}.")
    return data_kind(spec, data)

"""`xbench import`: predictions made elsewhere become a cell of the run store, like those made here."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas

    from xbench.analysis.imported import Alignment, GoldExamples
    from xbench.data.examples import Examples
    from xbench.spec.task import TaskSpec
    from xbench.store import CellRecord, PredictionRecord, RunStore

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
    from xbench.cli.import_reading import read_predictions
    from xbench.spec.registry import load_task
    from xbench.store import RunStore, default_path

    directories = tuple(tasks_dir or ())
    spec = load_task(task, directories)
    about = _about(spec, system, variant, model, data, profile, setting, shots, seed, source, limit)
    rows = read_predictions(predictions, spec.name, spec.labels, language)
    examples = _examples(spec, rows, about, directories)
    aligned = _aligned(rows, examples, spec, allow_missing)
    record = _record(predictions, spec, about, aligned, examples)
    _store(RunStore(runs or default_path()), record, aligned, examples, replace)


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
        "source": source or spec.source,
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


def _examples(
    spec: TaskSpec, rows: pandas.DataFrame, about: Mapping[str, Any], directories: Sequence[Path]
) -> dict[str, Examples]:
    """The test examples of every language in the file. Raises RequestError for a language that the task has not."""
    from xbench.data.load import load_examples

    return {
        language: load_examples(
            spec, "test", language, about["data"], directories=directories, limit=about["limit"]
        )
        for language in sorted(rows["language"].unique())
    }  # fmt: skip


def _aligned(
    rows: pandas.DataFrame, examples: Mapping[str, Examples], spec: TaskSpec, allow_missing: bool
) -> dict[str, Alignment]:
    """The predictions by language, joined to the gold; what does not fit is refused, or told."""
    from xbench.analysis.imported import align, first_few
    from xbench.errors import DataError

    found = {
        language: align(of_language.drop(columns="language"), _gold(examples[language]), spec.labels)
        for language, of_language in rows.groupby("language")
    }
    refused = [
        problem
        for each in found.values()
        for problem in each.problems()
        if each.extra or each.duplicate or not allow_missing
    ]
    if refused:
        only_missing = not any(each.extra or each.duplicate for each in found.values())
        way_out = " --allow-missing takes it all the same, and keeps it out of rankings." if only_missing else ""
        raise DataError("Nothing was imported. " + "; ".join(refused) + f".{way_out}")
    for each in found.values():
        for problem in each.problems():
            print(f"{problem}. The cell takes no part in rankings.", file=sys.stderr)
        if each.outside:
            count, names = sum(each.outside.values()), first_few([f"'{name}'" for name in each.outside])
            labels = ", ".join(spec.labels)
            print(f"{each.language}: {count} predictions are none of {labels}, and so wrong: {names}.", file=sys.stderr)
    return found


def _gold(examples: Examples) -> GoldExamples:
    from xbench.analysis.imported import GoldExamples

    return GoldExamples(examples.language, examples.ids, examples.gold, examples.content_hash, skipped=examples.skipped)


def _record(
    file: Path,
    spec: TaskSpec,
    about: Mapping[str, Any],
    aligned: Mapping[str, Alignment],
    examples: Mapping[str, Examples],
) -> CellRecord:
    import dataclasses
    import shlex
    from datetime import UTC, datetime
    from importlib.metadata import version

    from xbench.analysis.imported import imported_cell, prediction_record

    pairs = [
        prediction_record(spec.name, each, _gold(examples[language]), spec.metrics, spec.labels)
        for language, each in aligned.items()
    ]
    record = imported_cell(about, pairs, {"file": file.name})
    return dataclasses.replace(
        record,
        versions={"xbench": version("xbench")},
        command=f"xbench {shlex.join(sys.argv[1:])}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _store(
    store: RunStore,
    record: CellRecord,
    aligned: Mapping[str, Alignment],
    examples: Mapping[str, Examples],
    replace: bool,
) -> None:
    """Writes what is new. Raises RequestError where the store holds other predictions of this name."""
    from xbench.errors import RequestError

    changed = [pair for pair in record.predictions if not _holds(store, record, pair, aligned[pair.language])]
    taken = [pair.language for pair in changed if _has(store, record, pair)]
    if taken and not replace:
        raise RequestError(
            f"The store holds other predictions of {record.label} (seed {record.seed}) for {changed[0].task} in "
            f"{', '.join(taken)}; --replace puts these in their place, --system, --variant or --seed keeps both."
        )
    if not changed:
        print(f"Nothing changed: cell {record.id} holds these predictions.", file=sys.stderr)
        return
    for each in examples.values():
        store.write_examples(each.content_hash, {"id": each.ids, **each.fields, "gold": each.gold})
    written = store.write_cell(
        record, {pair.pair: aligned[pair.language].frame for pair in record.predictions}
    )  # fmt: skip
    _say(written, changed)


def _has(store: RunStore, record: CellRecord, pair: PredictionRecord) -> bool:
    return store.has_cell(record.id) and pair.pair in {other.pair for other in store.cell(record.id).predictions}


def _holds(store: RunStore, record: CellRecord, pair: PredictionRecord, aligned: Alignment) -> bool:
    """Whether the store has exactly these predictions of the pair."""
    from xbench.analysis.imported import same_predictions

    if not _has(store, record, pair) or store.cell(record.id).pair(*pair.pair).examples != pair.examples:
        return False
    return same_predictions(store.predictions(record.id, *pair.pair), aligned.frame)


def _say(record: CellRecord, changed: Sequence[PredictionRecord]) -> None:
    for pair in changed:
        headline = f"{pair.headline} {100 * pair.metrics[pair.headline]:.1f}"
        print(f"{pair.task} {pair.language}: {pair.n} of {pair.n_given} examples, {headline}", file=sys.stderr)
    print(f"Imported {record.label}, seed {record.seed}, as cell {record.id}.", file=sys.stderr)
    if unknown := [f"--{name}" for name in ("model", "shots") if getattr(record, name) == UNKNOWN]:
        print(
            f"Without {' and '.join(unknown)} it stands apart: systems of one backbone and train size are compared.",
            file=sys.stderr,
        )

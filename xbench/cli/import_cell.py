"""The steps of `xbench import` from rows of predictions to a cell in the run store."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.cli.import_ import UNKNOWN
from xbench.report.numbers import number

if TYPE_CHECKING:
    import pandas

    from xbench.analysis.imported import Alignment, GoldExamples
    from xbench.data.examples import Examples
    from xbench.spec.task import TaskSpec
    from xbench.store import CellRecord, PredictionRecord, RunStore


def examples_of_test(
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


def align_languages(
    rows: pandas.DataFrame, examples: Mapping[str, Examples], spec: TaskSpec, allow_missing: bool
) -> dict[str, Alignment]:
    """The predictions by language, joined to the gold, and what does not fit told on stderr.

    Raises DataError for ids that are unknown or repeated, for predictions that are no list of one tag a token where the
    task asks for one, and, without `allow_missing`, for missing ids.
    """
    from xbench.analysis.imported import align, first_few
    from xbench.errors import DataError

    found = {
        language: align(of_language.drop(columns="language"), _gold(examples[language]), spec.labels, spec.kind)
        for language, of_language in rows.groupby("language")
    }
    refused = [
        problem for each in found.values() for problem in each.problems() if _is_broken(each) or not allow_missing
    ]
    if refused:
        only_missing = not any(map(_is_broken, found.values()))
        way_out = " --allow-missing takes it all the same, and keeps it out of rankings." if only_missing else ""
        raise DataError("Nothing was imported. " + "; ".join(refused) + f".{way_out}")
    for each in found.values():
        for problem in each.problems():
            print(f"{problem}. The cell takes no part in rankings.", file=sys.stderr)
        if each.outside:
            count, names = sum(each.outside.values()), first_few([f"'{name}'" for name in each.outside])
            what, labels = "tags" if spec.kind == "tagging" else "predictions", ", ".join(spec.labels)
            print(f"{each.language}: {count} {what} are none of {labels}, and so wrong: {names}.", file=sys.stderr)
    return found


def _is_broken(aligned: Alignment) -> bool:
    """Whether something is wrong with it that nobody can allow."""
    return bool(aligned.extra or aligned.duplicate or aligned.malformed)


def _gold(examples: Examples) -> GoldExamples:
    from xbench.analysis.imported import GoldExamples

    return GoldExamples(examples.language, examples.ids, examples.gold, examples.content_hash, skipped=examples.skipped)


def cell_record(
    file: Path,
    spec: TaskSpec,
    about: Mapping[str, Any],
    aligned: Mapping[str, Alignment],
    examples: Mapping[str, Examples],
) -> CellRecord:
    """The record of the cell, with its metrics, and how and when it was imported."""
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


def store_cell(
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
        headline = f"{pair.headline} {number(pair.metrics[pair.headline])}"
        print(f"{pair.task} {pair.language}: {pair.n} of {pair.n_given} examples, {headline}", file=sys.stderr)
    print(f"Imported {record.label}, seed {record.seed}, as cell {record.id}.", file=sys.stderr)
    if unknown := [f"--{name}" for name in ("model", "shots") if getattr(record, name) == UNKNOWN]:
        print(
            f"Without {' and '.join(unknown)} it stands apart: systems of one backbone and train size are compared.",
            file=sys.stderr,
        )

"""The record of a cell: all that determined it, what it cost, and the metrics of its predictions."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from xbench.backbone.load import backbone_fingerprint
from xbench.method.stages import Predict
from xbench.metrics.compute import compute
from xbench.runner.cell import Cell
from xbench.store import CellRecord, PredictionRecord

COSTS = ("trained_parameters", "stored_bytes", "seconds", "tokens", "peak_memory_bytes")
PACKAGES = ("xbench", "torch", "transformers", "accelerate", "datasets", "tokenizers")


def write_cell(cell: Cell, stages: Sequence[Predict]) -> None:
    """Writes the cell with the predictions of these stages, whose artifacts the store holds."""
    entries, files = [], {}
    for stage in stages:
        entry, path = _entry(cell, stage)
        entries.append(entry)
        files[entry.pair] = path
    cell.store.write_cell(_record(cell, tuple(entries)), files)


def _entry(cell: Cell, stage: Predict) -> tuple[PredictionRecord, Path]:
    import pandas

    id = cell.stage_id(stage)
    task = cell.tasks[stage.task]
    examples = cell.data.test(task, stage.language)
    cell.store.write_examples(examples.content_hash, {"id": examples.ids, **examples.fields, "gold": examples.gold})
    path = cell.store.artifact(id) / "predictions.parquet"
    frame = pandas.read_parquet(path)
    found = [None if pandas.isna(value) else value for value in frame["prediction"]]
    artifact = cell.store.artifact_record(id)
    return PredictionRecord(
        task=stage.task,
        language=stage.language,
        n=len(frame),
        n_given=len(examples) + examples.skipped,
        metrics=compute(task.metrics, list(frame["gold"]), found, task.labels, stage.language),
        artifact=id,
        examples=examples.content_hash,
        empty_fields=artifact["empty_fields"],
        shortened=artifact["shortened"],
        invalid=sum(value is None for value in found),
    ), path


def _record(cell: Cell, entries: tuple[PredictionRecord, ...]) -> CellRecord:
    plan = cell.plan
    fits = [cell.store.artifact_record(cell.stage_id(stage)) for stage in cell.fits]
    last = fits[-1]
    train_ids, dev_ids = cell.data.sampled_ids
    seconds = sum(fit["seconds"] for fit in fits)
    return CellRecord(
        id=cell.id,
        system=plan.system,
        method=plan.choice.name,
        variant=plan.choice.variant,
        settings=plan.settings.model_dump(),
        formulation=",".join(sorted({type(each).__name__ for each in cell.formulations.values()})),
        model=plan.settings.model,
        model_hash=backbone_fingerprint(plan.settings.model),
        data=plan.data,
        profile=plan.profile,
        setting=plan.setting,
        train_tasks=tuple(task.name for task in plan.train_tasks),
        tasks=tuple(task.name for task in plan.tasks),
        shots=plan.size,
        sample_seed=plan.sample_seed,
        training_seed=plan.seed,
        seed=plan.seed,
        source=plan.source,
        adapted_to=plan.target or "",
        limit=plan.limit,
        on_bad_row=plan.on_bad_row,
        skipped_rows=sum(entry.n_given - entry.n for entry in entries) + cell.data.skipped_rows,
        skipped_training_rows=cell.data.skipped_rows,
        trainable_parameters=sum(fit["trained_parameters"] for fit in fits),
        total_parameters=last["total_parameters"],
        stored_bytes=sum(fit["stored_bytes"] for fit in fits),
        train_seconds=seconds,
        predict_seconds=sum(cell.store.artifact_record(entry.artifact)["seconds"] for entry in entries),
        tokens_per_second=sum(fit["tokens"] for fit in fits) / max(seconds, 1e-9),
        peak_memory_bytes=max(fit["peak_memory_bytes"] for fit in fits),
        stages=tuple(
            {"artifact": cell.stage_id(stage), "name": stage.name, **{cost: fit[cost] for cost in COSTS}}
            for stage, fit in zip(cell.fits, fits, strict=True)
        ),
        steps=sum(fit["steps"] for fit in fits),
        best_step=last["best_step"],
        curve=tuple(last["curve"]),
        train_ids=train_ids,
        dev_ids=dev_ids,
        device=str(cell.place.accelerator.device),
        precision=plan.precision,
        threads=torch.get_num_threads(),
        world_size=cell.place.accelerator.num_processes,
        versions=versions(),
        command=cell.place.command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        predictions=entries,
    )


def versions() -> dict[str, str]:
    """Versions of Python, the packages that decide results, and the platform."""
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        **{name: version(name) for name in PACKAGES},
    }

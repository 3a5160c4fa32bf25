"""Runs one cell: its stages in order, each from the store or made now, then its record."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import nn

from xbench.backbone.load import Backbone, backbone_fingerprint, load_backbone
from xbench.encoding.formulation import Formulation
from xbench.errors import RequestError
from xbench.method.base import Method
from xbench.method.stages import Fit, Predict
from xbench.metrics.compute import compute
from xbench.runner.artifacts import ensure_artifact
from xbench.runner.checkpoint import restore_tensors, trained_tensors
from xbench.runner.grid import CellPlan
from xbench.runner.prediction import predict_rows, write_predictions
from xbench.runner.processes import share
from xbench.runner.stage_data import StageData, evaluation_batches, in_order
from xbench.runner.training import number_of_steps, train
from xbench.spec.task import TaskSpec
from xbench.store import CellRecord, PredictionRecord, RunStore
from xbench.store.identity import stable_hash

PACKAGES = ("xbench", "torch", "transformers", "accelerate", "datasets", "tokenizers")

Progress = Callable[[str, int, int], None]


@dataclass
class Workplace:
    """Where cells run: the store, the accelerator, and who is told of progress."""

    store: RunStore
    accelerator: Accelerator
    tasks_dirs: tuple[Path, ...] = ()
    progress: Progress = lambda what, done, total: None
    command: str = ""


class Cell:
    """A planned cell with its data, formulations and stage ids."""

    def __init__(self, plan: CellPlan, workplace: Workplace) -> None:
        self.plan, self.place = plan, workplace
        self.store = workplace.store
        self.method: Method[Any] = plan.method(plan.settings)
        self.data = StageData(plan, workplace.tasks_dirs)
        self.stages = self.method.stages(plan.request)
        self.model: nn.Module | None = None
        self._tasks = {task.name: task for task in (*plan.train_tasks, *plan.tasks)}

    # --- identity ---

    @property
    def backbone(self) -> Backbone:
        """The cell's backbone, loaded once per process."""
        return load_backbone(self.plan.settings.model, self._role)

    @cached_property
    def formulations(self) -> dict[str, Formulation]:
        """Every task as the method puts it."""
        return {
            name: self.method.formulation(task, self.backbone, self.plan.source) for name, task in self._tasks.items()
        }

    @cached_property
    def id(self) -> str:
        """The cell's id: what it was trained by and on. Evaluated languages can be added later."""
        fits = [self.stage_id(stage) for stage in self.stages if isinstance(stage, Fit)]
        tests = {task.name: self.plan.limit for task in self.plan.tasks}
        return stable_hash({"system": self.plan.system, "seed": self.plan.seed, "fits": fits, "tests": tests})

    def stage_id(self, stage: Fit | Predict) -> str:
        """A stage's id: settings, data content, parents, seed and the method's revision."""
        parents = [self.stage_id(parent) for parent in stage.parents]
        identity: dict[str, Any] = {
            "method": self.plan.choice.name,
            "revision": self.method.revision,
            "parents": parents,
        }
        if isinstance(stage, Predict):
            task = self._tasks[stage.task]
            examples = self.data.test(task, stage.language)
            texts = self._texts(task)
            return stable_hash({**identity, "task": stage.task, "texts": texts, "examples": examples.content_hash})
        return stable_hash(
            {
                **identity,
                "stage": stage.name,
                "settings": json.loads(json.dumps(stage.settings)),
                "budget": stage.budget.model_dump(),
                "backbone": backbone_fingerprint(self.plan.settings.model),
                "precision": self.plan.precision,
                "seed": stage.seed,
                "weights": {name: stream.weight for name, stream in stage.streams.items()},
                "data": self.data.identity(stage),
                "texts": [self._texts(task) for task in self.plan.train_tasks],
            }
        )

    def _texts(self, task: TaskSpec) -> Any:
        return json.loads(json.dumps(self.formulations[task.name].describe(), default=str))

    @property
    def _role(self) -> Any:
        roles = {self.method.formulations[task.kind].role for task in self._tasks.values()}
        if len(roles) != 1:
            raise RequestError(f"{self.plan.choice} needs models of different kinds for its tasks: {', '.join(roles)}.")
        return roles.pop()

    # --- what is left to do ---

    @property
    def predictions(self) -> list[Predict]:
        """The cell's prediction stages."""
        return [stage for stage in self.stages if isinstance(stage, Predict)]

    def missing(self) -> list[Predict]:
        """Prediction stages whose outcome the store's cell does not hold yet."""
        if not self.store.has_cell(self.id):
            return self.predictions
        present = {entry.pair for entry in self.store.cell(self.id).predictions}
        return [stage for stage in self.predictions if (stage.task, stage.language) not in present]

    def estimate(self) -> tuple[int, int]:
        """(steps, tokens) that training will take, tokens over all its epochs."""
        steps, tokens = 0, 0
        for stage in self.stages:
            if isinstance(stage, Fit) and not self.store.has_artifact(self.stage_id(stage)):
                streams = self.data.streams(stage, self.formulations)
                count = number_of_steps(stage.budget, [len(stream.rows) for stream in streams])
                mean = [sum(row.length for row in stream.rows) / len(stream.rows) for stream in streams]
                steps += count
                tokens += round(sum(count * stage.budget.batch_size * length for length in mean))
        return steps, tokens

    # --- running ---

    def run(self) -> bool:
        """Makes what is missing and writes the cell; False where there was nothing to do."""
        missing = share(self.place.accelerator, self.missing())
        if not missing:
            return False
        for stage in self.stages:
            if isinstance(stage, Fit):
                self._ensure(stage, partial(self._fit, stage))
        for number, stage in enumerate(missing):
            self.place.progress(f"{self.plan.name}: predicting {stage.task} {stage.language}", number, len(missing))
            self._ensure(stage, partial(self._predict, stage))
        if self.place.accelerator.is_main_process:
            self._write(missing)
        return True

    def _ensure(self, stage: Fit | Predict, make: Callable[[Path], None]) -> None:
        ensure_artifact(self.store, self.stage_id(stage), self.place.accelerator, make)

    def _fit(self, stage: Fit, folder: Path) -> None:
        accelerator = self.place.accelerator
        model = self._build(stage).to(accelerator.device)
        streams = self.data.streams(stage, self.formulations)
        train_stream = next(iter(streams))
        model.eval()
        self.method.prepare(
            model, lambda: (batch.to(accelerator.device) for batch in in_order(train_stream.rows, train_stream.batch))
        )
        report = train(
            model,
            self.method.loss,
            streams,
            stage.budget,
            seed=stage.seed,
            accelerator=accelerator,
            evaluate=self._dev_score if stage.evaluate and stage.budget.select == "best" else None,
            checkpoint_folder=self.store.checkpoint_folder(self.stage_id(stage)),
            progress=lambda step, steps: self.place.progress(f"{self.plan.name}: {stage.name}", step, steps),
        )
        self.model = model
        if accelerator.is_main_process:
            save_file(trained_tensors(model), folder / "weights.safetensors")
            stored = (folder / "weights.safetensors").stat().st_size
            total = sum(parameter.numel() for parameter in model.parameters())
            record = {"stage": stage.name, "total_parameters": total, "stored_bytes": stored, **vars(report)}
            self._record_artifact(folder, stage, record)

    def _record_artifact(self, folder: Path, stage: Fit | Predict, record: dict[str, Any]) -> None:
        """Writes `artifact.json`; by `parents` the store knows which weights nothing needs any more."""
        record["parents"] = [self.stage_id(parent) for parent in stage.parents]
        (folder / "artifact.json").write_text(json.dumps(record, indent=1))

    def _dev_score(self, model: nn.Module) -> float:
        """The mean over training samples of the task's headline metric on dev."""
        scores = []
        for sample in self.data.samples:
            formulation = self.formulations[sample.task.name]
            rows = formulation.encode(sample.dev).rows
            batches = evaluation_batches(rows, formulation, sample.dev.language)
            columns = predict_rows(self.method, model, formulation, batches, self.place.accelerator, everywhere=True)
            metric = sample.task.headline_metric
            found = [columns.predictions[number] for number in range(len(sample.dev))]
            scores.append(compute((metric,), list(sample.dev.gold), found)[metric])
        return sum(scores) / len(scores)

    def _build(self, stage: Fit | Predict) -> nn.Module:
        self.backbone.model.eval()  # loaded before the seed is set: loading draws random numbers, too
        torch.manual_seed(self.plan.seed)  # new parameters are drawn alike wherever the stage runs
        trained = {task.name: self.formulations[task.name] for task in self.plan.train_tasks}
        return self.method.build(stage, self.backbone, trained)

    def _tuned(self, stage: Predict) -> nn.Module:
        """The trained model: the one just trained, or rebuilt from its artifact."""
        if self.model is None:
            (parent,) = stage.parents
            self.model = self._build(parent).to(self.place.accelerator.device).eval()
            restore_tensors(self.model, load_file(self.store.artifact(self.stage_id(parent)) / "weights.safetensors"))
        return self.model

    def _predict(self, stage: Predict, folder: Path) -> None:
        formulation = self.formulations[stage.task]
        examples = self.data.test(self._tasks[stage.task], stage.language)
        encoded = formulation.encode(examples)
        model = self._tuned(stage)
        started = time.monotonic()
        batches = evaluation_batches(encoded.rows, formulation, stage.language)
        first = batches[0]().to(self.place.accelerator.device)
        self.method.before_prediction(model, first)
        columns = predict_rows(self.method, model, formulation, batches, self.place.accelerator)
        write_predictions(folder, columns, examples, formulation.task, self.place.accelerator)
        if self.place.accelerator.is_main_process:
            record = {
                **vars(encoded.report),
                "seconds": time.monotonic() - started,
                "device": str(self.place.accelerator.device),
            }
            self._record_artifact(folder, stage, record)

    # --- the record ---

    def _write(self, stages: list[Predict]) -> None:
        entries, files = [], {}
        for stage in stages:
            entry, path = self._entry(stage)
            entries.append(entry)
            files[entry.pair] = path
        self.store.write_cell(self._record(tuple(entries)), files)

    def _entry(self, stage: Predict) -> tuple[PredictionRecord, Path]:
        import pandas

        id = self.stage_id(stage)
        task = self._tasks[stage.task]
        examples = self.data.test(task, stage.language)
        self.store.write_examples(examples.content_hash, {"id": examples.ids, **examples.fields, "gold": examples.gold})
        path = self.store.artifact(id) / "predictions.parquet"
        frame = pandas.read_parquet(path)
        found = [None if pandas.isna(value) else value for value in frame["prediction"]]
        artifact = self.store.artifact_record(id)
        return PredictionRecord(
            task=stage.task,
            language=stage.language,
            n=len(frame),
            n_given=len(examples) + examples.skipped,
            metrics=compute(task.metrics, list(frame["gold"]), found),
            artifact=id,
            examples=examples.content_hash,
            empty_fields=artifact["empty_fields"],
            shortened=artifact["shortened"],
            invalid=sum(value is None for value in found),
        ), path

    def _record(self, entries: tuple[PredictionRecord, ...]) -> CellRecord:
        plan = self.plan
        fits = [self.store.artifact_record(self.stage_id(stage)) for stage in self.stages if isinstance(stage, Fit)]
        last = fits[-1]
        train_ids, dev_ids = self.data.sampled_ids
        seconds = sum(fit["seconds"] for fit in fits)
        return CellRecord(
            id=self.id,
            system=plan.system,
            method=plan.choice.name,
            variant=plan.choice.variant,
            settings=plan.settings.model_dump(),
            formulation=",".join(sorted({type(each).__name__ for each in self.formulations.values()})),
            model=plan.settings.model,
            model_hash=backbone_fingerprint(plan.settings.model),
            data=plan.data,
            profile=plan.profile,
            setting=plan.setting,
            train_tasks=tuple(task.name for task in plan.train_tasks),
            tasks=tuple(task.name for task in plan.tasks),
            shots=plan.size,
            sample_seed=plan.seed,
            training_seed=plan.seed,
            seed=plan.seed,
            source=plan.source,
            limit=plan.limit,
            skipped_rows=sum(entry.n_given - entry.n for entry in entries),
            trainable_parameters=sum(fit["trained_parameters"] for fit in fits),
            total_parameters=last["total_parameters"],
            stored_bytes=sum(fit["stored_bytes"] for fit in fits),
            train_seconds=seconds,
            predict_seconds=sum(self.store.artifact_record(entry.artifact)["seconds"] for entry in entries),
            tokens_per_second=sum(fit["tokens"] for fit in fits) / max(seconds, 1e-9),
            peak_memory_bytes=max(fit["peak_memory_bytes"] for fit in fits),
            steps=sum(fit["steps"] for fit in fits),
            best_step=last["best_step"],
            curve=tuple(last["curve"]),
            train_ids=train_ids,
            dev_ids=dev_ids,
            device=str(self.place.accelerator.device),
            precision=plan.precision,
            threads=torch.get_num_threads(),
            world_size=self.place.accelerator.num_processes,
            versions=versions(),
            command=self.place.command,
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

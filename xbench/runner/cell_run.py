"""Runs a cell's stages in order, each from the store or made now."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from xbench.method.stages import Fit, Predict
from xbench.metrics.compute import compute
from xbench.runner.artifacts import ensure_artifact
from xbench.runner.cell import Cell
from xbench.runner.cell_record import write_cell
from xbench.runner.checkpoint import restore_tensors, trained_tensors
from xbench.runner.prediction import predict_rows, write_predictions
from xbench.runner.processes import share
from xbench.runner.stage_data import evaluation_batches, in_order
from xbench.runner.training import train


class CellRun:
    """One run of a cell, which keeps the model that it trained or rebuilt."""

    def __init__(self, cell: Cell) -> None:
        self.cell, self.place, self.method = cell, cell.place, cell.method
        self.accelerator = cell.place.accelerator
        self.model: nn.Module | None = None
        self._holds: set[str] = set()  # ids of the stages whose outcome the model holds

    def run(self) -> bool:
        """Makes what is missing and writes the cell; False where there was nothing to do."""
        missing = share(self.accelerator, self.cell.missing())
        if not missing:
            return False
        for fit in self.cell.fits:
            self._ensure(fit, partial(self._fit, fit))
        for number, stage in enumerate(missing):
            self.place.progress(
                f"{self.cell.plan.name}: predicting {stage.task} {stage.language}", number, len(missing)
            )
            self._ensure(stage, partial(self._predict, stage))
        if self.accelerator.is_main_process:
            write_cell(self.cell, missing)
        return True

    def _ensure(self, stage: Fit | Predict, make: Callable[[Path], None]) -> None:
        ensure_artifact(self.cell.store, self.cell.stage_id(stage), self.accelerator, make)

    def _fit(self, stage: Fit, folder: Path) -> None:
        model = self._assemble(stage).to(self.accelerator.device)
        streams = self.cell.data.streams(stage, self.cell.formulations, self.cell.backbone)
        train_stream = next(iter(streams))
        model.eval()
        self.method.prepare(
            model,
            lambda: (batch.to(self.accelerator.device) for batch in in_order(train_stream.rows, train_stream.batch)),
        )
        report = train(
            model,
            self.method.loss,
            streams,
            stage.budget,
            seed=stage.seed,
            accelerator=self.accelerator,
            evaluate=self._dev_score if stage.evaluate and stage.budget.select == "best" else None,
            checkpoint_folder=self.cell.store.checkpoint_folder(self.cell.stage_id(stage)),
            progress=lambda step, steps: self.place.progress(f"{self.cell.plan.name}: {stage.name}", step, steps),
        )
        self.model, self._holds = model, {self.cell.stage_id(each) for each in (stage, *stage.parents)}
        if self.accelerator.is_main_process:
            save_file(trained_tensors(model), folder / "weights.safetensors")
            stored = (folder / "weights.safetensors").stat().st_size
            total = sum(parameter.numel() for parameter in model.parameters())
            record = {"stage": stage.name, "total_parameters": total, "stored_bytes": stored, **vars(report)}
            self._record_artifact(folder, stage, record)

    def _record_artifact(self, folder: Path, stage: Fit | Predict, record: dict[str, Any]) -> None:
        """Writes `artifact.json`; by `parents` the store knows which weights nothing needs any more."""
        record["parents"] = [self.cell.stage_id(parent) for parent in stage.parents]
        (folder / "artifact.json").write_text(json.dumps(record, indent=1))

    def _dev_score(self, model: nn.Module) -> float:
        """The mean over training tasks of each one's headline metric on dev, averaged over its training languages."""
        scores: dict[str, list[float]] = {}
        for sample in self.cell.data.samples:
            formulation = self.cell.formulations[sample.task.name]
            rows = formulation.encode(sample.dev).rows
            batches = evaluation_batches(rows, formulation, sample.dev.language)
            columns = predict_rows(self.method, model, formulation, batches, self.accelerator, everywhere=True)
            metric = sample.task.headline_metric
            found = [columns.predictions[number] for number in range(len(sample.dev))]
            given = (list(sample.dev.gold), found, sample.task.labels, sample.dev.language)
            scores.setdefault(sample.task.name, []).append(compute((metric,), *given)[metric])
        of_tasks = [sum(found) / len(found) for found in scores.values()]
        return sum(of_tasks) / len(of_tasks)

    def _assemble(self, stage: Fit | Predict) -> nn.Module:
        """A stage's model with what its parents have trained; of a prediction, that of the training before it."""
        fit = stage if isinstance(stage, Fit) else stage.parents[-1]
        self.cell.backbone.model.eval()  # loaded before the seed is set: loading draws random numbers, too
        torch.manual_seed(fit.seed)  # new parameters are drawn alike wherever the stage runs
        trained = {task.name: self.cell.formulations[task.name] for task in self.cell.plan.train_tasks}
        model = self.method.build(fit, self.cell.backbone, trained)
        for parent in stage.parents:
            tensors = load_file(self.cell.store.artifact(self.cell.stage_id(parent)) / "weights.safetensors")
            restore_tensors(model, dict(tensors if parent is fit else self.method.inherited(model, parent, tensors)))
        return model

    def _tuned(self, stage: Predict) -> nn.Module:
        """The trained model: the one just trained, or put together from the artifacts of the stage's parents."""
        needed = {self.cell.stage_id(parent) for parent in stage.parents}
        if self.model is None or not needed <= self._holds:
            self.model, self._holds = self._assemble(stage).to(self.accelerator.device).eval(), needed
        return self.model

    def _predict(self, stage: Predict, folder: Path) -> None:
        formulation = self.cell.formulations[stage.task]
        examples = self.cell.data.test(self.cell.tasks[stage.task], stage.language)
        encoded = formulation.encode(examples)
        model = self._tuned(stage)
        started = time.monotonic()
        batches = evaluation_batches(encoded.rows, formulation, stage.language)
        first = batches[0]().to(self.accelerator.device)
        with self.accelerator.autocast():
            self.method.before_prediction(model, first)
        columns = predict_rows(self.method, model, formulation, batches, self.accelerator)
        write_predictions(folder, columns, examples, formulation.task, self.accelerator)
        if self.accelerator.is_main_process:
            record = {
                **vars(encoded.report),
                "seconds": time.monotonic() - started,
                "device": str(self.accelerator.device),
            }
            self._record_artifact(folder, stage, record)

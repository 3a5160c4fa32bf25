"""A stored cell as it was planned, and its models put together again: untrained, and with the stored weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError
from torch import nn

from xbench.backbone.load import backbone_fingerprint
from xbench.errors import RequestError, StoreError
from xbench.method.registry import first_mistake, load_method, parse_method
from xbench.method.stages import Fit, Predict
from xbench.runner.cell import Cell, Workplace
from xbench.runner.cell_run import CellRun
from xbench.runner.grid import CellPlan
from xbench.spec.registry import load_task
from xbench.store import CellRecord


def plan_of(record: CellRecord, tasks_dirs: Sequence[Path] = (), methods_dirs: Sequence[Path] = ()) -> CellPlan:
    """The plan that gave a stored cell, with the languages that it holds predictions for.

    Raises:
        RequestError: its method or a task is not at hand, or its settings are not those that the method has now.
    """
    choice = parse_method(record.label)
    method = load_method(choice.name, methods_dirs)
    try:
        settings = method.settings_type.model_validate(dict(record.settings))
    except ValidationError as error:
        raise RequestError(
            f"Cell {record.id} was made by another version of {choice.name}, whose settings are not possible now: "
            f"{first_mistake(error)}. Run the cell again with `xbench eval`."
        ) from error
    plan = CellPlan(
        choice=choice,
        method=method,
        settings=settings,
        tasks=tuple(load_task(name, tasks_dirs) for name in record.tasks),
        train_tasks=tuple(load_task(name, tasks_dirs) for name in record.train_tasks),
        languages={
            task: tuple(pair.language for pair in record.predictions if pair.task == task) for task in record.tasks
        },
        data=record.data,
        profile=record.profile,
        setting=record.setting,
        size=record.shots,
        seed=record.seed,
        fixed_sample=None,
        source=record.source,
        limit=record.limit,
        precision=record.precision,
        target=record.adapted_to or None,
        on_bad_row=record.on_bad_row,
    )
    # One sample for all seeds may have the number of this seed; the system's name tells which it was.
    return plan if plan.system == record.system else replace(plan, fixed_sample=record.sample_seed)


class RebuiltCell(CellRun):
    """A stored cell whose models can be had again."""

    def __init__(self, record: CellRecord, place: Workplace, methods_dirs: Sequence[Path] = ()) -> None:
        """Plans the cell; nothing is loaded yet. Raises RequestError as `plan_of` does."""
        super().__init__(Cell(plan_of(record, place.tasks_dirs, methods_dirs), place))
        self.record = record
        self._untrained: dict[str, nn.Module] = {}

    def stage(self, task: str, language: str) -> Predict:
        """The prediction stage of a task and language, which has the ids of the stored artifacts.

        Raises:
            StoreError: the ids differ, so that a model rebuilt now would not be the one that was stored.
        """
        (stage,) = [each for each in self.cell.predictions if (each.task, each.language) == (task, language)]
        stored = self.record.pair(task, language).artifact
        parents = self.cell.store.artifact_record(stored).get("parents", [])
        for fit, id in zip(stage.parents, parents, strict=False):
            self._check(f"training stage '{fit.name}'", self.cell.stage_id(fit), id)
        self._check(f"prediction of {task} in {language}", self.cell.stage_id(stage), stored)
        for fit in stage.parents:
            if not (self.cell.store.artifact(self.cell.stage_id(fit)) / "weights.safetensors").is_file():
                raise StoreError(
                    f"The weights of cell {self.record.id} ({self.cell.stage_id(fit)}) are not in "
                    f"{self.cell.store.path}; they were removed or not copied. `xbench eval` makes them again."
                )
        return stage

    def _check(self, what: str, rebuilt: str, stored: str) -> None:
        if rebuilt == stored:
            return
        now = backbone_fingerprint(self.record.model)
        cause = (
            f"the backbone {self.record.model} changed ({self.record.model_hash} then, {now} now)"
            if now != self.record.model_hash
            else "the task's file or data, the method's revision or the encoding changed since"
        )
        raise StoreError(
            f"Cell {self.record.id} cannot be rebuilt: its {what} is stored as {stored} and would be {rebuilt} now; "
            f"{cause}. Run it again with `xbench eval` ({self.record.command or 'no command is recorded'})."
        )

    def untrained(self, stage: Fit | Predict) -> nn.Module:
        """The model before training, its new parameters drawn from the stage's seed; in eval mode.

        It has what the stages before have trained. Of a prediction stage, the model of the training stage before it.
        """
        fit = stage.parents[-1] if isinstance(stage, Predict) else stage
        id = self.cell.stage_id(fit)
        if id not in self._untrained:
            self._untrained[id] = self._assemble(fit).to(self.accelerator.device).eval()
        return self._untrained[id]

    def tuned(self, stage: Predict) -> nn.Module:
        """The trained model from its artifact, in eval mode."""
        return self._tuned(stage).eval()

"""A planned cell: its method, data, formulations and stages, and the ids that these give."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from xbench.backbone.load import Backbone, backbone_fingerprint, load_backbone
from xbench.encoding.formulation import Formulation, Role
from xbench.errors import RequestError
from xbench.method.base import Method
from xbench.method.stages import Fit, Predict
from xbench.runner.grid import CellPlan
from xbench.runner.stage_data import StageData
from xbench.runner.training import number_of_steps
from xbench.spec.task import TaskSpec
from xbench.store import RunStore
from xbench.store.identity import stable_hash

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
        self.tasks = {task.name: task for task in (*plan.train_tasks, *plan.tasks)}
        self._stage_ids: dict[int, str] = {}

    # --- identity ---

    @property
    def backbone(self) -> Backbone:
        """The cell's backbone, loaded once per process."""
        return load_backbone(self.plan.settings.model, self._role)

    @cached_property
    def formulations(self) -> dict[str, Formulation]:
        """Every task as the method puts it."""
        return {
            name: self.method.formulation(task, self.backbone, self.plan.source) for name, task in self.tasks.items()
        }

    @cached_property
    def id(self) -> str:
        """The cell's id: what it was trained by and on. Evaluated languages can be added later."""
        fits = [self.stage_id(stage) for stage in self.fits]
        tests = {task.name: self.plan.limit for task in self.plan.tasks}
        identity = {"system": self.plan.system, "seed": self.plan.seed, "fits": fits, "tests": tests}
        # Two targets may come to the same stages; each has a cell of its own.
        return stable_hash({**identity, "adapted_to": self.plan.target} if self.plan.target else identity)

    def stage_id(self, stage: Fit | Predict) -> str:
        """A stage's id: settings, data content, parents, seed and the method's revision."""
        known = self._stage_ids.get(id(stage))  # the stages live as long as the cell
        if known is None:
            known = self._stage_ids[id(stage)] = stable_hash(self._identity(stage))
        return known

    def _identity(self, stage: Fit | Predict) -> dict[str, Any]:
        parents = [self.stage_id(parent) for parent in stage.parents]
        identity: dict[str, Any] = {
            "method": self.plan.choice.name,
            "revision": self.method.revision,
            "parents": parents,
        }
        if isinstance(stage, Predict):
            task = self.tasks[stage.task]
            examples = self.data.test(task, stage.language)
            texts = self._texts(task)
            return {**identity, "task": stage.task, "texts": texts, "examples": examples.content_hash}
        fit = {
            **identity,
            "stage": stage.name,
            "settings": json.loads(json.dumps(stage.settings)),
            "budget": stage.budget.model_dump(),
            "backbone": backbone_fingerprint(self.plan.settings.model),
            "precision": self.plan.precision,
            "seed": stage.seed,
            "weights": {name: stream.weight for name, stream in stage.streams.items()},
            "data": self.data.identity(stage),
        }
        # Unlabelled text is the same whatever task comes after: its stage is shared by all of them.
        return {**fit, "texts": [self._texts(task) for task in self.plan.train_tasks]} if stage.is_labelled else fit

    def _texts(self, task: TaskSpec) -> Any:
        return json.loads(json.dumps(self.formulations[task.name].describe(), default=str))

    @property
    def _role(self) -> Role:
        roles = {self.method.role(task.kind) for task in self.tasks.values()}
        if len(roles) != 1:
            raise RequestError(f"{self.plan.choice} needs models of different kinds for its tasks: {', '.join(roles)}.")
        return roles.pop()

    # --- what is left to do ---

    @property
    def fits(self) -> list[Fit]:
        """The cell's training stages."""
        return [stage for stage in self.stages if isinstance(stage, Fit)]

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

    def estimate(self, counted: set[str]) -> tuple[int, int]:
        """(steps, tokens) that training will take, tokens over all its epochs.

        Stages whose ids are `counted` are left out, being another cell's as well; this cell's are added.
        """
        steps, tokens = 0, 0
        for stage in self.fits:
            id = self.stage_id(stage)
            if id not in counted and not self.store.has_artifact(id):
                counted.add(id)
                streams = self.data.streams(stage, self.formulations, self.backbone)
                count = number_of_steps(stage.budget, [len(stream.rows) for stream in streams])
                mean = [sum(row.length for row in stream.rows) / len(stream.rows) for stream in streams]
                steps += count
                tokens += round(sum(count * stage.budget.batch_size * length for length in mean))
        return steps, tokens

"""What a recipe will cost, from stated counts alone: nothing is downloaded, loaded or tokenized.

Assumed: 6 N floating-point operations for a trained token and 2 N for one that is only read, N the backbone's
parameters (also where most of them are frozen, so that prompts are overestimated); the mean lengths and row counts of
`counts.yaml`; dev is read as often as it is evaluated; a stage that several cells share is trained once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xbench.data.sampling import train_size_of
from xbench.method.budget import Budget
from xbench.method.stages import Fit, LabelledData, ParallelData, StreamPlan
from xbench.recipes.requests import sample_rows
from xbench.runner.grid import CellPlan
from xbench.runner.stage_data import training_languages
from xbench.spec.task import TaskSpec
from xbench.spec.yaml import read_yaml

THROUGHPUT = 50e12
"""Floating-point operations a second that are assumed of one GPU in training: about a sixth of an A100's bf16 peak."""


@dataclass(frozen=True)
class Cost:
    """Cells, optimizer steps, tokens trained on, tokens only read (dev and test), and operations for both."""

    cells: int = 0
    steps: int = 0
    trained_tokens: int = 0
    read_tokens: int = 0
    operations: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Cost(*(mine + theirs for mine, theirs in pairs))

    def gpu_hours(self, throughput: float = THROUGHPUT) -> float:
        """Hours on one GPU of this throughput."""
        return self.operations / throughput / 3600


def estimate(plans: Iterable[CellPlan]) -> Cost:
    """The cost of cells, each training stage counted once."""
    counted: set[str] = set()
    return sum((_cell(plan, counted) for plan in plans), Cost())


def _cell(plan: CellPlan, counted: set[str]) -> Cost:
    model = _parameters(plan.settings.model)
    stages = plan.method(plan.settings).stages(plan.request)
    total = Cost(cells=1)
    for stage in stages:
        if isinstance(stage, Fit):
            # Unlabelled text is the same whatever sample of whichever task comes after.
            sample = (plan.size, plan.sample_seed, plan.request.train_tasks) if stage.is_labelled else ()
            identity = repr((plan.choice.name, plan.settings.model, plan.data, sample, stage))
            if identity not in counted:
                counted.add(identity)
                total += _fit(stage, plan, model)
    tested = sum(
        min(_rows(task, "test", plan), plan.limit or math.inf) * _tokens(task, plan) * len(plan.languages[task.name])
        for task in plan.tasks
    )
    return total + Cost(read_tokens=round(tested), operations=2.0 * model * tested)


def _fit(stage: Fit, plan: CellPlan, model: int) -> Cost:
    streams = [_stream(stream, plan) for stream in stage.streams.values()]
    budget: Budget = stage.budget
    epoch = math.ceil(max(rows for rows, _ in streams) / budget.batch_size)
    steps = budget.steps or (budget.epochs or 1) * epoch
    trained = steps * budget.batch_size * sum(tokens for _, tokens in streams)
    evaluations = math.ceil(steps / (budget.evaluate_every or epoch)) if stage.evaluate else 0
    dev = sum(
        min(_rows(task, "dev", plan), _sampled(task, plan)) * _tokens(task, plan) * len(training_languages(task, plan))
        for task in plan.train_tasks
    )
    read = evaluations * dev if stage.is_labelled else 0
    return Cost(0, steps, round(trained), round(read), 6.0 * model * trained + 2.0 * model * read)


def _stream(stream: StreamPlan, plan: CellPlan) -> tuple[float, float]:
    """(rows, mean tokens of a row) of a stream."""
    data = stream.data
    tasks = {task.name: task for task in plan.train_tasks}
    if isinstance(data, LabelledData):
        counts = [
            (_sampled(tasks[name], plan) * len(training_languages(tasks[name], plan)), _tokens(tasks[name], plan))
            for name in data.tasks
        ]
        rows = sum(count for count, _ in counts)
        return rows, sum(count * tokens for count, tokens in counts) / rows
    if isinstance(data, ParallelData):
        task = tasks[data.task]
        return (data.count or _sampled(task, plan)), 2 * _tokens(task, plan)
    texts = _counts()["texts"].get(plan.train_tasks[0].name, _counts()["other_texts"])
    rows = min(texts["rows"] * data.share, data.count or math.inf)
    return rows * len(data.languages), min(texts["tokens"], data.max_length)


def _sampled(task: TaskSpec, plan: CellPlan) -> float:
    """Training rows of one language."""
    size, there = train_size_of(plan.size, task.name, task.role), _rows(task, "train", plan)
    if size.count is None:
        return there
    by_class = size.unit == "class" or (size.unit == "shots" and task.kind == "classification")
    return min(size.count * len(task.labels) if by_class else size.count, there)


def _rows(task: TaskSpec, split: str, plan: CellPlan) -> float:
    if plan.data == "sample":
        return float(sample_rows(task, split) or _about(task)[split])
    return float(_about(task)[split])


def _tokens(task: TaskSpec, plan: CellPlan) -> float:
    return min(_about(task)["tokens"], plan.settings.max_length)


def _about(task: TaskSpec) -> Mapping[str, Any]:
    counts = _counts()
    return counts["tasks"].get(task.name, counts["other"])


def _parameters(model: str) -> int:
    counts = _counts()
    return int(counts["models"].get(model, counts["other_model"]))


@cache
def _counts() -> Mapping[str, Any]:
    return read_yaml(Path(__file__).parent / "counts.yaml").data

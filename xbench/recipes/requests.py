"""A recipe's grids as requests: as the paper has them, fitted to the sample data, or reduced for a first look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xbench.data.sampling import TrainSize, train_size_of
from xbench.method.registry import MethodChoice, load_method, parse_method
from xbench.recipes.spec import GridSpec, RecipeSpec, RowSpec
from xbench.runner.request import EvalRequest
from xbench.spec.registry import load_task
from xbench.spec.sources import SampleSource, TaskSource
from xbench.spec.task import TaskSpec

FEW = "most:16"
"""The train size of a reduced grid in place of one that takes thousands of rows."""
ROOM = 1.3
"""Sample rows that a draw by class needs for each row it takes: classes differ a little in size."""


@dataclass(frozen=True)
class Requests:
    """What a recipe asks for, by the names of its grids, and what was left out of them, in words."""

    grids: Mapping[str, EvalRequest]
    left_out: tuple[str, ...]


def recipe_requests(recipe: RecipeSpec, profile: str, limit_grid: int | None = None, **options: Any) -> Requests:
    """The requests of a recipe's grids under a profile, with the options of `xbench eval` that it leaves open.

    Under the demo profile a grid asks for no more than the sample data have. `limit_grid` keeps that many methods,
    tasks, train sizes and target languages of each grid, the last so many of further training tasks, and one seed;
    large train sizes become small ones.
    """
    grids: dict[str, EvalRequest] = {}
    left_out: list[str] = []
    for name, grid in recipe.grids.items():
        if grid.in_demo == "only" and profile != "demo":
            continue
        fitted, reasons = _fitted(grid) if profile == "demo" else _with_data(grid, options.get("data") or "hub")
        left_out += [f"{name}: {reason}" for reason in reasons]
        if fitted is None:
            continue
        grid = fitted
        if limit_grid is not None:
            grid = _limited(grid, limit_grid, "sample" if profile == "demo" else options.get("data") or "hub")
        grids[name] = grid.request(profile, **options)
    return Requests(grids, tuple(left_out))


def _fitted(grid: GridSpec) -> tuple[GridSpec | None, list[str]]:
    """The grid as far as the sample data go, and what of it is left out; None where nothing is left."""
    if not grid.in_demo:
        return None, [f"{', '.join(grid.methods)} needs what the embedded default has not"]
    tasks = {name: load_task(name) for name in (*grid.tasks, *grid.train_tasks)}
    present = tuple(name for name in grid.tasks if tasks[name].languages_of("sample"))
    training = tuple(name for name in grid.train_tasks if tasks[name].languages_of("sample", "train"))
    reasons = [
        f"{name} has no sample data" for name in dict.fromkeys((*grid.tasks, *grid.train_tasks)) if name in tasks
    ]
    reasons = [reason for reason in reasons if reason.split()[0] not in (*present, *training)]
    trained = [tasks[name] for name in training or present]
    shots = tuple(size for size in grid.shots if all(_has_enough(task, size) for task in trained))
    reasons += [f"the sample data have too few rows for {size} shots" for size in grid.shots if size not in shots]
    there = {language for name in present for language in tasks[name].languages_of("sample")}
    languages = tuple(each for each in grid.languages if each == "all" or each in there)
    absent = [each for each in grid.languages if each not in languages]
    reasons += [f"no sample data in {', '.join(absent)}"] if absent else []
    source = grid.source if grid.source in there else None
    if source != grid.source:
        reasons.append(f"no sample data in {grid.source}; the source is each task's own")
    own = {tasks[name].source_of("sample") for name in present if tasks[name].source_of("sample") != tasks[name].source}
    if source is not None and own - {source}:
        languages = (*sorted(own), *(each for each in languages if each != source))
        source = None
        reasons.append(f"the sample data are trained on in {', '.join(sorted(own))}, not in {grid.source}")
    if not languages:
        reasons.append("all languages of the sample data instead")
        languages = ("all",)
    present = tuple(name for name in present if _has_any(tasks[name], languages))
    if not (present and shots):
        return None, [*reasons, "nothing is left of this grid"]
    changed: dict[str, Any] = {"tasks": present, "train_tasks": training, "shots": shots, "languages": languages}
    changed["source"] = source
    return grid.model_copy(update=changed), reasons


def _with_data(grid: GridSpec, data: Any) -> tuple[GridSpec | None, list[str]]:
    """The grid without the tasks that have none of this data, which are named, and the languages of theirs alone."""
    tasks = {name: load_task(name) for name in (*grid.tasks, *grid.train_tasks)}
    present = tuple(name for name in grid.tasks if tasks[name].languages_of(data))
    training = tuple(name for name in grid.train_tasks if tasks[name].languages_of(data, "train"))
    reasons = [f"{name} has no {data} data" for name in tasks if name not in (*present, *training)]
    if not present:
        return None, [*reasons, "nothing is left of this grid"]
    there = {language for name in present for language in tasks[name].languages_of(data)}
    languages = tuple(each for each in grid.languages if each == "all" or each in there)
    return grid.model_copy(update={"tasks": present, "train_tasks": training, "languages": languages}), reasons


def _has_any(task: TaskSpec, languages: tuple[str, ...]) -> bool:
    return "all" in languages or not set(languages).isdisjoint(task.languages_of("sample"))


def _has_enough(task: TaskSpec, text: str) -> bool:
    size = train_size_of(text, task.name, task.role)
    needed = _needed(task, size)
    return all(rows is None or rows >= needed for rows in (sample_rows(task, "train"), sample_rows(task, "dev")))


def _needed(task: TaskSpec, size: TrainSize) -> float:
    if size.count is None or size.unit == "most":
        return 1
    by_class = size.unit == "class" or (size.unit == "shots" and task.kind == "classification")
    return size.count * len(task.labels) * ROOM if by_class else size.count


def sample_rows(task: TaskSpec, split: Any) -> int | None:
    """Rows of a split of the sample data in each language; None where there is no such split."""
    source = task.split_source(split, "sample")
    if isinstance(source, TaskSource):
        return sample_rows(load_task(source.task), split)
    return source.rows.get(split) if isinstance(source, SampleSource) else None


def _limited(grid: GridSpec, limit: int, data: Any) -> GridSpec:
    tasks = grid.tasks[:limit]
    others = [name for name in grid.train_tasks if name not in grid.tasks]
    # The last ones: those that tell one grid of a table from the next.
    kept = (*(name for name in grid.train_tasks if name in tasks), *others[-limit:])
    languages: dict[str, None] = {}
    for name in tasks:
        task = load_task(name)
        there = [each for each in task.languages_of(data) if "all" in grid.languages or each in grid.languages]
        source = grid.source or task.source_of(data)
        targets = [each for each in there if each != source]
        languages |= dict.fromkeys([each for each in (source,) if each in there] + targets[:limit])
    shots = tuple(FEW if size.startswith(("full", "most")) else size for size in grid.shots[:limit])
    methods = grid.methods[:limit]
    names = {method.partition("[")[0] for method in methods}
    changes = {name: values for name, values in grid.changes.items() if name in names}
    changed = {"methods": methods, "changes": changes, "tasks": tasks, "train_tasks": kept, "shots": shots}
    return grid.model_copy(update={**changed, "seeds": grid.seeds[:1], "languages": tuple(languages)})


def without_lengths(recipe: RecipeSpec) -> RecipeSpec:
    """The recipe without the steps and epochs that it asks for, in its grids and in the rows of its table."""
    grids = {
        name: grid.model_copy(
            update={
                "methods": tuple(dict.fromkeys(map(_without_length, grid.methods))),
                "changes": {method: _other_than_lengths(changes) for method, changes in grid.changes.items()},
            }
        )
        for name, grid in recipe.grids.items()
    }
    rows = {label: _selected(row) for label, row in recipe.table.rows.items()}
    return recipe.model_copy(update={"grids": grids, "table": recipe.table.model_copy(update={"rows": rows})})


def _selected(row: RowSpec) -> RowSpec:
    minus = row.minus and row.minus.model_copy(update={"method": _without_length(row.minus.method)})
    return row.model_copy(update={"method": _without_length(row.method), "minus": minus})


def _without_length(method: str) -> str:
    choice = parse_method(method)
    return str(MethodChoice(choice.name, _other_than_lengths(choice.changes)))


def _other_than_lengths(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name.rpartition(".")[2] not in ("steps", "epochs")}


def with_steps(request: EvalRequest, steps: int) -> EvalRequest:
    """The same request with so few steps in every training stage, for trying out a recipe `without_lengths`."""
    changes = {name: dict(values) for name, values in request.changes.items()}
    for name in {method.partition("[")[0] for method in request.methods}:
        fields = load_method(name, request.methods_dirs).settings_type().model_dump()
        budgets = [field for field, value in fields.items() if isinstance(value, dict) and "steps" in value]
        changes[name] = {**changes.get(name, {}), **{f"{field}.steps": steps for field in budgets}}
    return replace(request, changes=changes)

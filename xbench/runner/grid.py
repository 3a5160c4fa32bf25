"""A request as a grid of cells, before anything is loaded but task specs and methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xbench.errors import RequestError, nearest
from xbench.method.base import Method, Settings
from xbench.method.per_language import PerLanguageSettings
from xbench.method.registry import MethodChoice, describe_methods, load_method, method_settings, parse_method
from xbench.method.stages import Request
from xbench.runner.request import EvalRequest
from xbench.runner.unlabelled import lacking_source
from xbench.spec.registry import load_task, target_tasks
from xbench.spec.task import TaskSpec
from xbench.store.identity import stable_hash


@dataclass(frozen=True)
class CellPlan:
    """One cell to be: a method on its tasks with one train size and seed, and one target language if it is adapted."""

    choice: MethodChoice
    method: type[Method[Any]]
    settings: Settings
    tasks: tuple[TaskSpec, ...]
    train_tasks: tuple[TaskSpec, ...]
    languages: dict[str, tuple[str, ...]]
    data: str
    profile: str
    setting: str
    size: str
    seed: int
    fixed_sample: int | None
    source: str
    limit: int | None
    precision: str
    target: str | None = None
    """The language that a method which trains once per target language adapts to."""
    on_bad_row: str = "error"

    @property
    def name(self) -> str:
        """The cell as people read it."""
        tasks = "+".join(task.name for task in self.tasks)
        target = f" for {self.target}" if self.target else ""
        return f"{self.choice} on {tasks}{target}, {self.size} shots, seed {self.seed}"

    @property
    def sample_seed(self) -> int:
        """What draws the few-shot sample: the cell's seed, or the one that all seeds share."""
        return self.seed if self.fixed_sample is None else self.fixed_sample

    @property
    def system(self) -> str:
        """The cell's identity without seed and evaluated language, and without the language adapted to.

        A method that trains on each task alone is one system over all of them; a joint one is what it trained on.
        """
        trained = [task.name for task in self.train_tasks]
        own_task = trained == [task.name for task in self.tasks] and not self.method.joint
        return stable_hash(
            {
                "method": self.choice.name,
                "variant": self.choice.variant,
                "model": self.settings.model,
                "data": self.data,
                "profile": self.profile,
                "setting": self.setting,
                "size": self.size,
                "source": self.source,
                "limit": self.limit,
                "sample": self.fixed_sample,
                "precision": self.precision,
                "train_tasks": None if own_task else trained,
                **({} if self.on_bad_row == "error" else {"on_bad_row": self.on_bad_row}),
            }
        )

    @property
    def request(self) -> Request:
        """What the method is asked to plan stages for."""
        return Request(
            train_tasks=tuple(task.name for task in self.train_tasks),
            tasks=tuple(task.name for task in self.tasks),
            source=self.source,
            languages=self.languages,
            seed=self.seed,
            target=self.target,
        )


@dataclass(frozen=True)
class Grid:
    """The cells of a request in the order they run, and what was left out, with reasons."""

    cells: tuple[CellPlan, ...]
    skipped: tuple[str, ...]


def plan_grid(request: EvalRequest) -> Grid:
    """All cells of a request.

    Raises:
        RequestError: a name is unknown, or a pair that was named explicitly cannot be done.
    """
    tasks = _tasks(request)
    skipped: list[tuple[str, TaskSpec]] = []
    cells: list[CellPlan] = []
    without_source: list[str] = []
    choices = _methods(request)
    for choice in choices:
        method = load_method(choice.name, request.methods_dirs)
        for group in _groups(method, tasks, request):
            able = tuple(task for task in group if task.kind in method.formulations)
            unable = [task for task in group if task not in able]
            if unable and "all" not in (*request.methods, *request.tasks):
                raise RequestError(_refusal(method, choice, unable[0]))
            skipped += [(str(choice), task) for task in unable]
            if not able:
                continue
            planned = _cells(request, choice, method, able, tasks)
            lacking = lacking_source(planned)
            if lacking is None:
                cells += planned
            elif "all" not in (*request.methods, *request.tasks):
                raise RequestError(f"{choice}: {lacking}")
            else:
                without_source.append(f"{', '.join(task.name for task in able)} by {choice}: {lacking}")
    cells.sort(key=lambda cell: (cell.seed, [task.name for task in cell.tasks]))
    number, count = request.part
    return Grid(tuple(cells[number - 1 :: count]), (*_skipped_lines(skipped), *without_source))


def _tasks(request: EvalRequest) -> tuple[TaskSpec, ...]:
    names = list(target_tasks(request.tasks_dirs)) if request.tasks == ("all",) else list(request.tasks)
    tasks = tuple(load_task(name, request.tasks_dirs) for name in dict.fromkeys(names))
    if request.tasks == ("all",):
        tasks = tuple(task for task in tasks if task.languages_of(request.data_kind))
    _check_languages(request, tasks)
    return tasks


def _methods(request: EvalRequest) -> list[MethodChoice]:
    known = describe_methods(request.methods_dirs)
    names = list(known) if request.methods == ("all",) else list(request.methods)
    choices = []
    for name in names:
        choice = parse_method(name)
        if choice.name not in known:
            raise RequestError(f"There is no method '{choice.name}'.{nearest(choice.name, known)}")
        choices.append(MethodChoice(choice.name, {**request.changes.get(choice.name, {}), **choice.changes}))
    chosen = {choice.name for choice in choices}
    for name in request.changes:
        if name not in chosen:
            raise RequestError(f"--set {name}.…: '{name}' is not among --methods.{nearest(name, chosen)}")
    return list({str(choice): choice for choice in choices}.values())


def _groups(method: type[Method[Any]], tasks: Sequence[TaskSpec], request: EvalRequest) -> list[tuple[TaskSpec, ...]]:
    """The sets of tasks that one model is evaluated on."""
    together = method.joint and request.setting != "cross-task"
    return [tuple(tasks)] if together else [(task,) for task in tasks]


def _refusal(method: type[Method[Any]], choice: MethodChoice, task: TaskSpec) -> str:
    able = ", ".join(sorted(method.formulations))
    return f"{choice.name} cannot do {task.name}: it is {task.kind}, and {choice.name} does {able}."


def _skipped_lines(skipped: Sequence[tuple[str, TaskSpec]]) -> Iterator[str]:
    """What is left out, a line a kind: its tasks, and the methods that cannot do them."""
    for kind in dict.fromkeys(task.kind for _, task in skipped):
        tasks = dict.fromkeys(task.name for _, task in skipped if task.kind == kind)
        methods = dict.fromkeys(method for method, task in skipped if task.kind == kind)
        yield f"{', '.join(tasks)} ({kind}) by {', '.join(methods)}, which cannot do that kind."


def _cells(
    request: EvalRequest,
    choice: MethodChoice,
    method: type[Method[Any]],
    tasks: tuple[TaskSpec, ...],
    all_tasks: tuple[TaskSpec, ...],
) -> list[CellPlan]:
    settings = method_settings(method, choice, request.profile, tasks[0], request.model)
    if request.precision == "fp16" and any(method.formulations[task.kind].role == "text2text" for task in tasks):
        raise RequestError(f"{choice.name}: mT5 and its kind give NaN in fp16; use --precision bf16 or fp32.")
    trained = _train_tasks(request, choice, method, tasks, all_tasks)
    asked = {task.name: _languages(request, task) for task in tasks}
    source = request.source or tasks[0].source_of(request.data_kind)
    parts = _by_target(request, settings, source, tasks, asked) if method.per_language else {None: asked}
    return [
        CellPlan(
            choice=choice,
            method=method,
            settings=settings,
            tasks=tasks,
            train_tasks=trained,
            languages=languages,
            data=request.data_kind,
            profile=request.profile,
            setting=request.setting,
            size=size,
            seed=seed,
            fixed_sample=request.sample_seed,
            source=source,
            limit=request.limit,
            on_bad_row=request.on_bad_row,
            precision=request.precision,
            target=target,
        )
        for size in request.train_sizes
        for seed in request.seed_list
        for target, languages in parts.items()
    ]


def _by_target(
    request: EvalRequest,
    settings: Settings,
    source: str,
    tasks: Sequence[TaskSpec],
    asked: Mapping[str, tuple[str, ...]],
) -> dict[str | None, dict[str, tuple[str, ...]]]:
    """The languages of each cell, by the language that it adapts to.

    Every cell has the source, if that was asked for, and its target. What is not adapted to shares the cell of None.
    """
    assert isinstance(settings, PerLanguageSettings)
    with_text = [language for task in tasks for language in task.text_languages(request.data_kind)]
    adapted = settings.adapted([language for task in tasks for language in task.language_list], with_text)
    targets = {language: None for languages in asked.values() for language in languages if language != source}
    cells: dict[str | None, set[str]] = {target: {source, target} for target in targets if target in adapted}
    if rest := set(targets) - adapted:
        cells[None] = {source, *rest}
    if not cells:
        cells[source if source in adapted else None] = {source}
    return {
        target: {task: tuple(each for each in languages if each in wanted) for task, languages in asked.items()}
        for target, wanted in cells.items()
    }


def _train_tasks(
    request: EvalRequest,
    choice: MethodChoice,
    method: type[Method[Any]],
    tasks: tuple[TaskSpec, ...],
    all_tasks: tuple[TaskSpec, ...],
) -> tuple[TaskSpec, ...]:
    if request.train_tasks:
        trained = tuple(load_task(name, request.tasks_dirs) for name in request.train_tasks)
    elif request.setting == "cross-task":
        trained = tuple(task for task in all_tasks if task not in tasks)
    else:
        trained = tasks
    if not trained:
        raise RequestError("--setting cross-task trains on the other tasks: name at least two with --tasks.")
    if trained != tasks and not method.joint:
        raise RequestError(
            f"{choice.name} trains a model for one task and its labels; training on "
            f"{', '.join(task.name for task in trained)} and testing on {', '.join(task.name for task in tasks)} needs "
            "a method that puts all tasks alike, such as polyprompt."
        )
    return trained


def _check_languages(request: EvalRequest, tasks: Sequence[TaskSpec]) -> None:
    present = {language for task in tasks for language in task.languages_of(request.data_kind)}
    for language in request.languages:
        if language != "all" and language not in present:
            raise RequestError(
                f"No task has {request.data_kind} test data in '{language}'.{nearest(language, present)}"
            )


def _languages(request: EvalRequest, task: TaskSpec) -> tuple[str, ...]:
    present = task.languages_of(request.data_kind)
    if not present:
        raise RequestError(
            f"Task '{task.name}' has no {request.data_kind} data. It has: {', '.join(task.data_kinds) or 'none'}."
        )
    chosen = present if request.languages == ("all",) else tuple(each for each in present if each in request.languages)
    if not chosen:
        raise RequestError(
            f"Task '{task.name}' has none of {', '.join(request.languages)}; it has {', '.join(present)}."
        )
    return chosen

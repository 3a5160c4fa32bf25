"""What a recipe says: the grids that are run, and the table that is made of their results."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from xbench.errors import nearest
from xbench.runner.request import EvalRequest
from xbench.spec.strict import PlainText, Strict

Value = Literal[
    "score",
    "gap",
    "mean-of-columns",
    "parameters",
    "bytes",
    "change",
    "translations",
    "others",
    "relative-difference",
]
"""What stands in a column: a metric, source minus targets, the mean of the columns before it, a cell's cost, or a
cosine of representations: before and after tuning, or of texts and their translations (`xbench represent`)."""

COSTS = ("parameters", "bytes")
REPRESENTATIONS = ("change", "translations", "others", "relative-difference")
Languages = Literal["each", "each-target", "all", "targets", "source"] | tuple[str, ...]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | int) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Names = Annotated[tuple[PlainText, ...], BeforeValidator(_listed)]


class GridSpec(Strict):
    """One `xbench eval`: its options by their names.

    `model` and `set` hold for the paper profile alone: the demo has a backbone and budgets of its own. `in-demo: false`
    leaves the grid out there, where it needs a model from the hub or more than the embedded one; `only` is for what
    stands in its place.
    """

    methods: Names
    tasks: Names
    shots: Names = ("16",)
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    setting: Literal["zero-shot", "in-language", "cross-task"] = "zero-shot"
    train_tasks: Names = Field((), alias="train-tasks")
    source: str | None = None
    languages: Names = ("all",)
    sample_seed: int | None = Field(None, alias="sample-seed")
    changes: dict[str, dict[str, Any]] = Field(default_factory=dict, alias="set")
    model: str | None = None
    in_demo: StrictBool | Literal["only"] = Field(True, alias="in-demo")

    def request(self, profile: str, **options: Any) -> EvalRequest:
        """The same as a request, under a profile and with what the command line says besides."""
        return EvalRequest(
            methods=self.methods,
            tasks=self.tasks,
            profile=profile,
            setting=self.setting,
            shots=self.shots,
            train_tasks=self.train_tasks,
            source=self.source,
            languages=self.languages,
            seeds=self.seeds,
            sample_seed=self.sample_seed,
            model=self.model if profile == "paper" else None,
            changes=self.changes if profile == "paper" else {},
            **options,
        )


class Selection(Strict):
    """Which cells a row is of: those of a method, in all grids that have it or in those named."""

    method: str
    grid: Names = ()
    shots: PlainText | None = None


class RowSpec(Selection):
    """A row of the table, by what it is called in print.

    `minus` names other cells that are subtracted; with `relative` the difference is a share of them. `value` takes the
    place of what the columns say. `label` is what it is called in print where its key says more.
    """

    minus: Selection | None = None
    relative: StrictBool = False
    group: PlainText = ""
    label: str = ""
    value: Value | None = None


def _as_row(value: Any) -> Any:
    return {"method": value} if isinstance(value, str) else value


class ColumnSpec(Strict):
    """A column, or with `languages: each` one for every language, with `each-target` for every one but the source.

    `languages` says what a number is the mean of: all languages, the targets, the source, or those named. `label` is
    what it is called in print; with `each` it is a form such as `{language} EM`, where `{LANGUAGE}` and `{Language}`
    are other ways to write a language. `stage` is the training stage that a cost is of, the largest of that name; all
    of a cell's by default.
    """

    label: str = ""
    task: str = ""
    metric: str | None = None
    languages: Annotated[
        Languages, BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
    ] = "all"
    value: Value = "score"
    stage: PlainText | None = None

    @model_validator(mode="after")
    def _has_a_task(self) -> ColumnSpec:
        if not self.task and self.value not in ("mean-of-columns", *COSTS):
            raise PydanticCustomError("no_task", "a column of results names its task.")
        if self.stage is not None and self.value not in COSTS:
            raise PydanticCustomError("no_cost", "only a cost ({costs}) is of a stage.", {"costs": ", ".join(COSTS)})
        return self


class TableSpec(Strict):
    """The table's shape. `groups` repeats all rows for every train size of the grids, or for the grids named.

    With `runs`, every seed has a row of its own, as tables that list runs one by one do.
    """

    groups: Literal["shots"] | dict[str, str] | None = None
    runs: StrictBool = False
    rows: dict[str, Annotated[RowSpec, BeforeValidator(_as_row)]]
    columns: tuple[ColumnSpec, ...]


class StandIn(Strict):
    """The task, in these languages, that is taken in the demo for one of which the sample data have too little."""

    task: str
    languages: Names


class RecipeSpec(Strict):
    """A table or figure of a paper: its grids and its shape.

    `average` and `gap` say in words what the paper averages over and what its gap is the difference of.
    """

    name: str
    description: str
    paper: str
    published: str | None = None
    average: str
    gap: str
    notes: tuple[str, ...] = ()
    stand_ins: dict[str, StandIn] = Field(default_factory=dict, alias="stand-ins")
    grids: dict[str, GridSpec]
    table: TableSpec

    @model_validator(mode="after")
    def _rows_have_cells(self) -> RecipeSpec:
        for group in self.groups:
            for label, row in self.table.rows.items():
                for selection in (row, row.minus):
                    if selection is not None:
                        self._check(label, selection, group)
        return self

    @property
    def groups(self) -> tuple[str | None, ...]:
        """The grids that the table's groups name; one None where there are none."""
        return tuple(self.table.groups.values()) if isinstance(self.table.groups, dict) else (None,)

    def under(self, profile: str) -> RecipeSpec:
        """The recipe with its stand-ins in place, under the demo profile; itself under any other."""
        if profile != "demo" or not self.stand_ins:
            return self
        grids = {name: self._stood_in(grid) for name, grid in self.grids.items()}
        columns = tuple(
            column.model_copy(update={"task": self.stand_ins[column.task].task})
            if column.task in self.stand_ins
            else column
            for column in self.table.columns
        )
        notes = tuple(
            f"{name}: {other.task} in {', '.join(other.languages)} stands in for it."
            for name, other in self.stand_ins.items()
        )
        table = self.table.model_copy(update={"columns": columns})
        return self.model_copy(update={"grids": grids, "table": table, "notes": (*self.notes, *notes)})

    def _stood_in(self, grid: GridSpec) -> GridSpec:
        if self.stand_ins.keys().isdisjoint(grid.tasks):
            return grid
        others = {name: self.stand_ins[name] for name in grid.tasks if name in self.stand_ins}
        tasks = tuple(others[name].task if name in others else name for name in grid.tasks)
        languages = tuple(language for other in others.values() for language in other.languages)
        return grid.model_copy(update={"tasks": tasks, "languages": languages})

    def grids_of(self, selection: Selection, group: str | None = None) -> tuple[str, ...]:
        """The names of the grids that a selection's cells are in."""
        named = selection.grid or ((group,) if group is not None else tuple(self.grids))
        return tuple(name for name in named if selection.method in self.grids[name].methods)

    def _check(self, label: str, selection: Selection, group: str | None) -> None:
        for name in (*selection.grid, *((group,) if group is not None else ())):
            if name not in self.grids:
                hint = nearest(name, self.grids)
                raise PydanticCustomError("no_grid", "there is no grid '{name}'.{hint}", {"name": name, "hint": hint})
        found = self.grids_of(selection, group)
        tasks = [task for name in found for task in self.grids[name].tasks]
        if found and (selection.grid or len(set(tasks)) == len(tasks)):
            return
        where = (
            f"these grids have it on the same tasks: {', '.join(found)}; name one with 'grid:'"
            if found
            else "no grid of this row has it"
        )
        about = {"label": label, "method": selection.method, "where": where}
        raise PydanticCustomError("no_cells", "row '{label}': {method}: {where}.", about)

"""A recipe's results in the shape of the paper's table, with the published number beside each measured one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas

from xbench.analysis.adapted_values import values_by_seed
from xbench.analysis.results import Results
from xbench.method.registry import MethodChoice, parse_method
from xbench.published.matching import differences
from xbench.recipes.printed import place_key, printed_conditions, printed_values
from xbench.recipes.spec import REPRESENTATIONS, ColumnSpec, RecipeSpec, RowSpec, Selection
from xbench.runner.request import EvalRequest
from xbench.spec.registry import load_task

if TYPE_CHECKING:
    from xbench.store import CellRecord

COLUMNS = ("group", "row", "run", "column", "measured", "spread", "seeds", "published", "flag", "differs")
CELL_COSTS = {"parameters": "trainable_parameters", "bytes": "stored_bytes"}
STAGE_COSTS = {"parameters": "trained_parameters", "bytes": "stored_bytes"}


@dataclass(frozen=True)
class Ran:
    """A grid that was run: its request and its cells."""

    request: EvalRequest
    results: Results

    @cached_property
    def frame(self) -> pandas.DataFrame:
        """The results, one row a number."""
        return self.results.to_pandas()

    @cached_property
    def values(self) -> pandas.DataFrame:
        """The results by seed and language, one value each (`values_by_seed`)."""
        return values_by_seed(self.frame)


@dataclass(frozen=True)
class Place:
    """One number's place in the table, and what it is of."""

    group: str
    row: str
    column: str
    spec: RowSpec
    about: ColumnSpec
    grids: tuple[str, ...]
    minus_grids: tuple[str, ...] = ()


Represent = Mapping[tuple[str, str, str], float]
"""(cell, measure, language) -> value."""


def recipe_table(
    recipe: RecipeSpec, ran: Mapping[str, Ran], *, represented: Represent | None = None
) -> pandas.DataFrame:
    """The table in long form, one row a number, with the columns `COLUMNS`.

    `measured` and `spread` (the standard deviation over `seeds` seeds) are fractions, differences of them, counts or
    cosines; not a number where nothing was measured. `published` is in the same unit. A printed number that may not
    stand beside the measured one is left out, and `differs` says what differs.
    """
    conditions = printed_conditions(recipe)
    rows = [row for place in places(recipe, ran) for row in _numbers(place, recipe, ran, represented or {}, conditions)]
    frame = _with_means(pandas.DataFrame(rows, columns=[*COLUMNS[:7], "mean", "differs"]))
    printed = printed_values(recipe)
    keys = [place_key(row) for row in frame[["group", "row", "run", "column"]].itertuples(index=False, name=None)]
    beside = [printed.get(key) if not differs else None for key, differs in zip(keys, frame["differs"], strict=True)]
    frame["published"] = [found[0] if found else float("nan") for found in beside]
    frame["flag"] = [found[1] if found else "" for found in beside]
    frame["differs"] = frame["differs"].map(", ".join)
    return frame[list(COLUMNS)]


def places(recipe: RecipeSpec, ran: Mapping[str, Ran]) -> Iterator[Place]:
    """Every number of the table, row by row; of grids that were left out there is none."""
    for group, grid, shots in _groups(recipe, ran):
        for label, spec in recipe.table.rows.items():
            chosen = replace_shots(spec, shots)
            grids = _there(recipe.grids_of(chosen, grid), ran)
            minus = _there(recipe.grids_of(spec.minus, grid), ran) if spec.minus else ()
            if not grids or (spec.minus and not minus):
                continue
            for about in recipe.table.columns:
                for column, one in _columns(about, [ran[name].request for name in grids]):
                    yield Place(spec.group or group, spec.label or label, column, chosen, one, grids, minus)


def replace_shots(row: RowSpec, shots: str | None) -> RowSpec:
    """The row for one train size of the table's groups."""
    return row if shots is None else row.model_copy(update={"shots": shots})


def _groups(recipe: RecipeSpec, ran: Mapping[str, Ran]) -> list[tuple[str, str | None, str | None]]:
    """(label, grid, train size) of every group of rows."""
    groups = recipe.table.groups
    if groups == "shots":
        sizes = dict.fromkeys(size for each in ran.values() for size in each.request.train_sizes)
        return [(size, None, size) for size in sizes]
    if groups is None:
        return [("", None, None)]
    return [(label, grid, None) for label, grid in groups.items() if grid in ran]


def _there(names: Iterable[str], ran: Mapping[str, Ran]) -> tuple[str, ...]:
    return tuple(name for name in names if name in ran)


def _columns(about: ColumnSpec, requests: Sequence[EvalRequest]) -> Iterator[tuple[str, ColumnSpec]]:
    """The printed columns of a column's description."""
    if about.languages not in ("each", "each-target"):
        yield about.label, about
        return
    request = requests[0]
    task = load_task(about.task, request.tasks_dirs)
    present = task.languages_of(request.data_kind)
    named = request.languages if request.languages != ("all",) else present
    left_out = {request.source or task.source} if about.languages == "each-target" else set()
    for language in [each for each in named if each in present and each not in left_out]:
        forms = {"language": language, "LANGUAGE": language.upper(), "Language": language.capitalize()}
        label = (about.label or "{language}").format(**forms)
        yield label, about.model_copy(update={"languages": (language,)})


def _numbers(
    place: Place,
    recipe: RecipeSpec,
    ran: Mapping[str, Ran],
    represented: Represent,
    conditions: Mapping[tuple[str, ...], Mapping[str, Any]],
) -> Iterator[dict[str, object]]:
    value = place.spec.value or place.about.value
    about = place.about.model_copy(update={"value": value})
    grids = [ran[name] for name in place.grids]
    found = _by_seed(place.spec, about, grids, represented)
    printed = conditions.get(place_key((place.group, place.row, place.column)))
    differs = _differs(place, about, grids, printed) if recipe.published and value != "mean-of-columns" else ()
    if place.spec.minus:
        minus = place.spec.minus.model_copy(update={"shots": place.spec.minus.shots or place.spec.shots})
        other = _by_seed(minus, about, [ran[name] for name in place.minus_grids], represented)
        found = (found - other) / (other if place.spec.relative else 1)
    key = {"group": place.group, "row": place.row, "column": place.column, "mean": value == "mean-of-columns"}
    key["differs"] = differs
    if recipe.table.runs:
        for number, seed in enumerate(ran[place.grids[0]].request.seed_list, 1):
            measured = found.get(seed, float("nan"))
            yield {**key, "run": str(number), "measured": measured, "spread": float("nan"), "seeds": seed in found}
        return
    spread = float(found.std()) if len(found) > 1 else float("nan")
    yield {**key, "run": "", "measured": float(found.mean()), "spread": spread, "seeds": int(found.count())}


def _differs(
    place: Place, about: ColumnSpec, grids: Sequence[Ran], printed: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """What keeps the printed number of a place from standing beside what was measured for it."""
    if printed is None:
        return ("no printed system",)
    rows = pandas.concat([_of_cells(ran.frame, ran, place.spec, about) for ran in grids], ignore_index=True)
    found = differences(_of_languages(rows, about) if printed["languages"] else rows, printed)
    return (*found, "a difference of rows") if place.spec.minus else found


def _by_seed(
    selection: Selection, about: ColumnSpec, grids: Sequence[Ran], represented: Represent
) -> pandas.Series[float]:
    """The number of each seed."""
    if about.value in CELL_COSTS:
        records = [record for ran in grids for record in _records(ran, selection)]
        costs = [(record.seed, cost) for record in records for cost in _costs(record, about)]
        return pandas.DataFrame(costs, columns=["seed", "value"]).groupby("seed")["value"].max()
    if about.value in REPRESENTATIONS:
        return _represented(selection, about, grids, represented)
    if about.value == "mean-of-columns":
        return pandas.Series(dtype=float)
    values = pandas.concat([_of_cells(ran.values, ran, selection, about) for ran in grids], ignore_index=True)
    if about.value == "gap":
        sources = values["language"] == values["source"]
        return _mean(values[sources]) - _mean(values[~sources])
    return _mean(_of_languages(values, about))


def _of_languages(frame: pandas.DataFrame, about: ColumnSpec) -> pandas.DataFrame:
    """The rows of the languages that a column's score is over; all of a gap's."""
    if about.languages in ("targets", "source") and about.value != "gap":
        sources = frame["language"] == frame["source"]
        return frame[sources if about.languages == "source" else ~sources]
    if isinstance(about.languages, tuple):
        return frame[frame["language"].isin(about.languages)]
    return frame


def _mean(frame: pandas.DataFrame) -> pandas.Series[float]:
    """Mean over languages, by seed; of a selection with several train sizes or variants a language is their mean."""
    return frame.groupby(["seed", "language"])["value"].mean().groupby("seed").mean()


def _of_cells(frame: pandas.DataFrame, ran: Ran, selection: Selection, about: ColumnSpec) -> pandas.DataFrame:
    """The rows of a selection's cells, of a column's task and metric where it names them."""
    choice = asked(selection.method, ran.request)
    task = load_task(about.task, ran.request.tasks_dirs) if about.task else None
    chosen = (frame["method"] == choice.name) & (frame["variant"] == choice.variant)
    if task is not None:
        chosen &= frame["task"] == task.name
    if task is not None and about.value in ("score", "gap"):
        chosen &= frame["metric"] == (about.metric or task.headline_metric)
    if selection.shots is not None:
        chosen &= frame["shots"] == selection.shots
    return frame[chosen]


def asked(method: str, request: EvalRequest) -> MethodChoice:
    """A method as a grid's cells name it, with what the grid sets besides."""
    choice = parse_method(method)
    return MethodChoice(choice.name, {**request.changes.get(choice.name, {}), **choice.changes})


def _records(ran: Ran, selection: Selection) -> Iterator[CellRecord]:
    choice = asked(selection.method, ran.request)
    for cell in ran.results:
        record = cell.record
        mine = (record.method, record.variant) == (choice.name, choice.variant)
        if mine and selection.shots in (None, record.shots):
            yield record


def _costs(record: CellRecord, about: ColumnSpec) -> Iterator[int]:
    """What a cell cost, or each of its stages of a name."""
    if about.stage is None:
        yield getattr(record, CELL_COSTS[about.value])
    for stage in record.stages:
        if stage["name"] == about.stage:
            yield stage[STAGE_COSTS[about.value]]


def _represented(
    selection: Selection, about: ColumnSpec, grids: Sequence[Ran], represented: Represent
) -> pandas.Series[float]:
    assert isinstance(about.languages, tuple)
    (language,) = about.languages
    found = {
        record.seed: represented[record.id, about.value, language]
        for ran in grids
        for record in _records(ran, selection)
        if (record.id, about.value, language) in represented
    }
    return pandas.Series(found, dtype=float)


def _with_means(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Fills in the columns that are means of the columns before them; they differ in what any of these does."""
    for (_, _, _), rows in frame.groupby(["group", "row", "run"], sort=False):
        for place in rows.index[rows["mean"].astype(bool)]:
            before = frame.loc[[each for each in rows.index if each < place]]
            frame.loc[place, ["measured", "seeds"]] = [before["measured"].mean(skipna=False), rows["seeds"].max()]
            frame.at[place, "differs"] = tuple(dict.fromkeys(one for each in before["differs"] for one in each))
    return frame


def cells_to_represent(recipe: RecipeSpec, ran: Mapping[str, Ran]) -> Collection[str]:
    """Ids of the cells whose representations the table shows."""
    shown = [place for place in places(recipe, ran) if (place.spec.value or place.about.value) in REPRESENTATIONS]
    found = {record.id for place in shown for name in place.grids for record in _records(ran[name], place.spec)}
    return sorted(found)

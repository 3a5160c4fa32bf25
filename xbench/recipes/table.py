"""A recipe's results in the shape of the paper's table, with the published number beside each measured one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas

from xbench.analysis.results import Results
from xbench.method.registry import MethodChoice, parse_method
from xbench.published.tables import load_table
from xbench.recipes.spec import REPRESENTATIONS, ColumnSpec, RecipeSpec, RowSpec, Selection
from xbench.runner.request import EvalRequest
from xbench.spec.registry import load_task

if TYPE_CHECKING:
    from xbench.store import CellRecord

COLUMNS = ("group", "row", "run", "column", "measured", "spread", "seeds", "published", "flag")
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
    recipe: RecipeSpec, ran: Mapping[str, Ran], *, published: bool, represented: Represent | None = None
) -> pandas.DataFrame:
    """The table in long form, one row a number, with the columns `COLUMNS`.

    `measured` and `spread` (the standard deviation over `seeds` seeds) are fractions, differences of them, counts or
    cosines; not a number where nothing was measured. `published` is in the same unit; it is left out unless asked for.
    """
    rows = [row for place in places(recipe, ran) for row in _numbers(place, recipe, ran, represented or {})]
    frame = _with_means(pandas.DataFrame(rows, columns=[*COLUMNS[:7], "mean"]))
    printed = _published(recipe) if published else {}
    keys = [_key(row) for row in frame[["group", "row", "run", "column"]].itertuples(index=False, name=None)]
    frame["published"] = [printed.get(key, (float("nan"), ""))[0] for key in keys]
    frame["flag"] = [printed.get(key, (float("nan"), ""))[1] for key in keys]
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
    place: Place, recipe: RecipeSpec, ran: Mapping[str, Ran], represented: Represent
) -> Iterator[dict[str, object]]:
    value = place.spec.value or place.about.value
    about = place.about.model_copy(update={"value": value})
    found = _by_seed(place.spec, about, [ran[name] for name in place.grids], represented)
    if place.spec.minus:
        minus = place.spec.minus.model_copy(update={"shots": place.spec.minus.shots or place.spec.shots})
        other = _by_seed(minus, about, [ran[name] for name in place.minus_grids], represented)
        found = (found - other) / (other if place.spec.relative else 1)
    key = {"group": place.group, "row": place.row, "column": place.column, "mean": value == "mean-of-columns"}
    if recipe.table.runs:
        for number, seed in enumerate(ran[place.grids[0]].request.seed_list, 1):
            measured = found.get(seed, float("nan"))
            yield {**key, "run": str(number), "measured": measured, "spread": float("nan"), "seeds": seed in found}
        return
    spread = float(found.std()) if len(found) > 1 else float("nan")
    yield {**key, "run": "", "measured": float(found.mean()), "spread": spread, "seeds": int(found.count())}


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
    frames = [_scores(ran, selection, about) for ran in grids]
    frame = pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()
    if about.value == "mean-of-columns" or not len(frame):
        return pandas.Series(dtype=float)
    sources = frame["language"] == frame["source"]
    if about.value == "gap":
        return _mean(frame[sources]) - _mean(frame[~sources])
    if about.languages in ("targets", "source"):
        frame = frame[sources if about.languages == "source" else ~sources]
    elif isinstance(about.languages, tuple):
        frame = frame[frame["language"].isin(about.languages)]
    return _mean(frame)


def _mean(frame: pandas.DataFrame) -> pandas.Series[float]:
    """Mean over languages, of each the mean over cells (a source has one for each language adapted to), by seed."""
    return frame.groupby(["seed", "language"])["value"].mean().groupby("seed").mean()


def _scores(ran: Ran, selection: Selection, about: ColumnSpec) -> pandas.DataFrame:
    frame = ran.frame
    choice = asked(selection.method, ran.request)
    task = load_task(about.task, ran.request.tasks_dirs) if about.task else None
    chosen = (frame["method"] == choice.name) & (frame["variant"] == choice.variant)
    if task is not None:
        chosen &= (frame["task"] == task.name) & (frame["metric"] == (about.metric or task.headline_metric))
    if selection.shots is not None:
        chosen &= frame["shots"] == selection.shots
    source = ran.request.source or (task.source if task else "")
    return frame[chosen].assign(source=source)


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
    """Fills in the columns that are means of the columns before them."""
    for (_, _, _), rows in frame.groupby(["group", "row", "run"], sort=False):
        for place in rows.index[rows["mean"].astype(bool)]:
            before = frame.loc[[each for each in rows.index if each < place], "measured"]
            frame.loc[place, ["measured", "seeds"]] = [before.mean(skipna=False), rows["seeds"].max()]
    return frame


def _published(recipe: RecipeSpec) -> dict[tuple[str, ...], tuple[float, str]]:
    if recipe.published is None:
        return {}
    table = load_table(recipe.published)
    cells = table.cells
    keys = map(_key, cells[["group", "row", "run", "column"]].itertuples(index=False, name=None))
    return dict(zip(keys, zip(cells["number"] * table.scale, cells["flag"], strict=True), strict=True))


def _key(place: tuple[str, ...]) -> tuple[str, ...]:
    """A place's labels; a printed language may be `sw` in one column and `SW` in the next."""
    return tuple(label.casefold() for label in place)


def cells_to_represent(recipe: RecipeSpec, ran: Mapping[str, Ran]) -> Collection[str]:
    """Ids of the cells whose representations the table shows."""
    shown = [place for place in places(recipe, ran) if (place.spec.value or place.about.value) in REPRESENTATIONS]
    found = {record.id for place in shown for name in place.grids for record in _records(ran[name], place.spec)}
    return sorted(found)

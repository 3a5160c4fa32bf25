"""A recipe's table for people and for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import IO, Any

import pandas

from xbench.errors import RequestError, nearest
from xbench.recipes.spec import RecipeSpec
from xbench.report.numbers import number
from xbench.report.table_text import latex_table, markdown_table

FORMATS = ("table", "csv", "json", "markdown", "latex")
NOTHING = "–"


def check_format(name: str) -> None:
    """Raises RequestError for a format that there is not."""
    if name not in FORMATS:
        raise RequestError(f"There is no format '{name}'.{nearest(name, FORMATS)}")


def write_table(recipe: RecipeSpec, table: pandas.DataFrame, name: str, file: IO[str]) -> None:
    """Writes what `recipe_table` gives: csv and json one row a number, the others in the paper's shape."""
    if name == "csv":
        table.to_csv(file, index=False, lineterminator="\n")
        return
    if name == "json":
        rows = [{key: _plain(value) for key, value in row.items()} for row in table.to_dict("records")]
        json.dump({"recipe": recipe.name, "rows": rows}, file, ensure_ascii=False, indent=1)
        file.write("\n")
        return
    header, rows_of_text = as_printed(table)
    right = [place >= len(header) - len(dict.fromkeys(table["column"])) for place in range(len(header))]
    if name == "markdown":
        file.write("\n".join(markdown_table(header, rows_of_text, right)) + "\n")
    elif name == "latex":
        file.write("\n".join(latex_table(header, rows_of_text, right, caption(recipe))) + "\n")
    else:
        from xbench.report.grids import print_grid
        from xbench.report.terminal import make_console

        print_grid(make_console(file), header, rows_of_text, right, caption(recipe))


def caption(recipe: RecipeSpec) -> str:
    """What the table shows, in one line."""
    return f"{recipe.description} Averages: {recipe.average}. Gap: {recipe.gap}."


def as_printed(table: pandas.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Header and rows of text: `measured (published)`, fractions times 100, `!` behind a flagged published number.

    Group and run have a column where there is any.
    """
    names = [name for name in ("group", "row", "run") if (table[name] != "").any()]
    columns = list(dict.fromkeys(table["column"]))
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in table.to_dict("records"):
        found.setdefault(tuple(row[name] for name in names), {})[row["column"]] = _cell(row)
    return [*names, *columns], [
        [*key, *(cells.get(column, NOTHING) for column in columns)] for key, cells in found.items()
    ]


def _cell(row: Mapping[Any, Any]) -> str:
    measured = _number(row["measured"])
    if math.isnan(row["published"]):
        return measured
    return f"{measured} ({_number(row['published'])}{'!' if row['flag'] else ''})"


def _number(value: float) -> str:
    if math.isnan(value):
        return NOTHING
    return f"{value:,.0f}" if abs(value) > 100 else number(value)


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def cost_rows(costs: Mapping[str, Any], throughput: float) -> Sequence[Sequence[str]]:
    """Rows of the dry run: a grid's name, cells, steps, tokens trained on, tokens read, and GPU-hours."""
    return [
        (
            name,
            f"{cost.cells}",
            f"{cost.steps}",
            f"{cost.trained_tokens}",
            f"{cost.read_tokens}",
            f"{cost.gpu_hours(throughput):.2f}",
        )
        for name, cost in costs.items()
    ]

"""The printed table of a recipe: its numbers by their places, and what each is of."""

from __future__ import annotations

from typing import Any

from xbench.published.systems import printed_numbers
from xbench.published.tables import load_table
from xbench.recipes.spec import RecipeSpec


def printed_values(recipe: RecipeSpec) -> dict[tuple[str, ...], tuple[float, str]]:
    """(number, flag) by group, row, run and column; scores as fractions."""
    if recipe.published is None:
        return {}
    table = load_table(recipe.published)
    cells = table.cells
    keys = map(place_key, cells[["group", "row", "run", "column"]].itertuples(index=False, name=None))
    return dict(zip(keys, zip(cells["number"] * table.scale, cells["flag"], strict=True), strict=True))


def printed_conditions(recipe: RecipeSpec) -> dict[tuple[str, ...], dict[str, Any]]:
    """What each number is of (`xbench.published.systems`), by group, row and column; of a system that is here."""
    numbers = printed_numbers()
    entries = numbers[numbers["paper_table"] == recipe.published].to_dict("records")
    return {place_key((entry["group"], entry["row"], entry["column"])): entry for entry in entries}


def place_key(place: tuple[str, ...]) -> tuple[str, ...]:
    """A place's labels; a printed language may be `sw` in one column and `SW` in the next."""
    return tuple(label.casefold() for label in place)

"""The papers' tables as they are printed: found by name, read from CSV, compared with nothing.

A table's name is `paper/table-2`. Its CSV has a row for each printed number; `value` and `spread` are text, as printed,
and `number` and `spread_number` are what they say (not a number where it is a formula).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pandas

from xbench.errors import RequestError, nearest

COLUMNS = (
    *("paper", "table", "group", "row", "run", "column", "task", "language", "metric", "statistic"),
    *("value", "spread", "flag", "note"),
)
UNITS = {"percent": 0.01, "points": 0.01, "fraction": 1.0}


@dataclass(frozen=True)
class PublishedTable:
    """One table: what is known about it (`tables.csv`) and its numbers, one row each."""

    name: str
    about: Mapping[str, str]
    cells: pandas.DataFrame

    @property
    def scale(self) -> float:
        """What turns its printed scores into fractions; 1 where they are none."""
        return UNITS.get(self.about["unit"], 1.0)


def table_index() -> pandas.DataFrame:
    """All tables of the papers, those that the text does not have included (`state` is here or absent)."""
    index = _read("tables.csv")
    index.insert(0, "name", index["paper"] + "/" + index["table"])
    index["numbers"] = [len(_cells(name)) if state == "here" else 0 for name, state in index[["name", "state"]].values]
    return index


def load_table(name: str) -> PublishedTable:
    """The table of this name, such as `paper/table-2`.

    Raises RequestError for a name that there is not, and for a table whose numbers the text does not have.
    """
    index = _read("tables.csv")
    names = list(index["paper"] + "/" + index["table"])
    if name not in names:
        raise RequestError(f"There is no published table '{name}'.{nearest(name, names)}")
    about: dict[str, Any] = index.iloc[names.index(name)].to_dict()
    if about["state"] != "here":
        raise RequestError(f"{name} ({about['title']}) has no numbers here: {about['note']}.")
    return PublishedTable(name, about, _cells(name).copy())


def read_derivations() -> pandas.DataFrame:
    """Which numbers follow from which others, and how (`derivations.csv`)."""
    return _read("derivations.csv")


def read_systems() -> pandas.DataFrame:
    """Which printed systems are which method here (`systems.csv`)."""
    return _read("systems.csv")


def number(text: str) -> float:
    """The number that a printed cell says: `1.9e-8`, `5,000`, `816M`, `2.24 GB`; not a number for a formula."""
    found = re.fullmatch(r"(-?[\d,]*\.?\d+(?:[eE]-?\d+)?)\s*(k|M|[MG]B)?", text)
    if not found:
        return float("nan")
    factor = {"k": 1e3, "M": 1e6, "MB": 1e6, "GB": 1e9}.get(found[2] or "", 1.0)
    return float(found[1].replace(",", "")) * factor


def decimals(text: str) -> int:
    """How many digits a printed cell has behind its point."""
    return len(text.partition(".")[2]) if re.fullmatch(r"-?\d+(\.\d+)?", text) else 0


@cache
def _cells(name: str) -> pandas.DataFrame:
    frame = _read(f"{name.replace('/', '-')}.csv")
    frame["number"] = frame["value"].map(number)
    frame["spread_number"] = frame["spread"].map(number)
    return frame


def _read(file: str) -> pandas.DataFrame:
    with _folder().joinpath(file).open(encoding="utf-8") as stream:
        return pandas.read_csv(stream, dtype=str, keep_default_na=False)


def _folder() -> Traversable:
    return files("xbench.leaderboard") / "published"

"""Measured results beside published ones, where task, method, backbone, setting, train size and language match.

Never results on sample data: those say nothing about the papers' numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import pandas

from xbench.published.tables import PublishedTable, load_table, read_systems

MATCH = ("task", "method", "variant", "backbone", "setting", "shots", "metric")
COLUMNS = (
    *("task", "method", "variant", "model", "data", "setting", "shots", "language", "metric"),
    *("measured", "seeds", "published", "difference", "paper_table", "row", "flag", "system"),
)
AVERAGE = "average"


def published_results() -> pandas.DataFrame:
    """Printed scores and averages of the systems that are methods here, as fractions.

    Columns: `MATCH`, language (`average` for an average), published (mean of the runs that a table lists one by one),
    languages (of the average), paper_table, row, flag.
    """
    return _published_results().copy()


@cache
def _published_results() -> pandas.DataFrame:
    rows = []
    for (paper, table), systems in read_systems().groupby(["paper", "table"], sort=False):
        found = load_table(f"{paper}/{table}")
        for system in systems.to_dict("records"):
            rows += list(_system_rows(found, system))
    return pandas.DataFrame(rows)


def beside(results: pandas.DataFrame, data: Collection[str] = ("hub",)) -> pandas.DataFrame:
    """Measured means over seeds beside published numbers, with the columns `COLUMNS`; fractions.

    `results` is what `load_results(...).to_pandas()` gives. `data` says which data may be compared; sample data never
    is. A published average is compared where every language of it was measured.
    """
    measured = results[results["data"].isin(data) & (results["data"] != "sample")]
    measured = measured.assign(backbone=measured["model"].map(backbone))
    every = ["system", "model", "data", *MATCH]
    by_language = measured.groupby([*every, "language"], as_index=False).agg(
        measured=("value", "mean"), seeds=("seed", "nunique")
    )
    published = published_results()
    single = by_language.merge(published, on=[*MATCH, "language"])
    averages = _measured_averages(by_language, published[published["language"] == AVERAGE], every)
    joined = pandas.concat([single, averages], ignore_index=True)
    joined["difference"] = joined["measured"] - joined["published"]
    order = ["task", "paper_table", "row", "shots", "system", "language"]
    return joined.sort_values(order, ignore_index=True)[list(COLUMNS)]


def backbone(model: str) -> str:
    """What a model's id and a local folder of it share: the last part of the name, in small letters."""
    return model.rstrip("/").rpartition("/")[2].lower()


def _system_rows(table: PublishedTable, system: dict[str, str]) -> Iterator[dict[str, Any]]:
    """A system's numbers, the runs of one number averaged, as fractions."""
    cells = table.cells[(table.cells["row"] == system["row"]) & table.cells["statistic"].isin(["score", "average"])]
    about = table.about
    scores = cells[cells["statistic"] == "score"]
    languages = scores.groupby(["group", "metric"])["language"].unique().map(sorted).to_dict()
    for (group, metric, language), runs in cells.groupby(["group", "metric", "language"], sort=False):
        yield {
            **{name: system[name] for name in ("task", "method", "variant", "row")},
            "backbone": backbone(about["model"]),
            "setting": about["setting"],
            "shots": group if about["shots"] == "group" else about["shots"],
            "metric": metric,
            "language": language or AVERAGE,
            "published": runs["number"].mean() * table.scale,
            "languages": "" if language else " ".join(languages[group, metric]),
            "paper_table": table.name,
            "flag": " ".join(sorted({flag for flag in runs["flag"] if flag})),
        }


def _measured_averages(by_language: pandas.DataFrame, averages: pandas.DataFrame, every: list[str]) -> pandas.DataFrame:
    """Measured means over exactly the languages of each published average."""
    found = []
    for entry in averages.to_dict("records"):
        languages = entry["languages"].split()
        rows = by_language[by_language["language"].isin(languages)]
        for name in MATCH:
            rows = rows[rows[name] == entry[name]]
        for key, group in rows.groupby(every, sort=False):
            if set(group["language"]) == set(languages):
                numbers = {"measured": group["measured"].mean(), "seeds": group["seeds"].min()}
                found.append({**entry, **dict(zip(every, key, strict=True)), **numbers})
    return pandas.DataFrame(found)

"""Which printed numbers are those of a method here, and under which conditions they were measured.

`systems.csv` has a row for each printed system and task. Blank in it: `group` all groups of the table; `setting` and
`shots` those of `tables.csv`; `train_tasks` the task itself; `languages` those that the table lists (`-`: its averages
are not of these runs). `metrics` says what a printed metric is called here, where that is another name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas

from xbench.published.tables import PublishedTable, load_table, read_systems

PLACE = ("group", "row", "run", "column")
CONDITIONS = ("task", "metric", "method", "variant", "backbone", "setting", "train_tasks", "shots", "source")
"""What a printed and a measured number must share. `metric` is "" for what is none of a task: a size, a cosine."""
NUMBERS = ("paper_table", *PLACE, "statistic", *CONDITIONS, "languages", "published", "flag")
OF_LANGUAGES = ("score", "average", "gap")


def printed_numbers() -> pandas.DataFrame:
    """The numbers of the printed systems that are methods here, one row each, with the columns `NUMBERS`.

    `published` is a fraction, or a count. `languages` holds, sorted, those that a score, average or gap is over; none
    of what is no mean over languages.
    """
    return _printed_numbers().copy()


@cache
def _printed_numbers() -> pandas.DataFrame:
    rows = []
    for (paper, table), systems in read_systems().groupby(["paper", "table"], sort=False):
        found = load_table(f"{paper}/{table}")
        for system in systems.to_dict("records"):
            rows += list(_numbers(found, system))
    return pandas.DataFrame(rows, columns=list(NUMBERS))


def backbone(model: str) -> str:
    """What a model's id and a local folder of it share: the last part of the name, in small letters."""
    return model.rstrip("/").rpartition("/")[2].lower()


def _numbers(table: PublishedTable, system: dict[str, str]) -> Iterator[dict[str, Any]]:
    cells = table.cells
    kept = (cells["row"] == system["row"]) & (cells["task"] == system["printed_task"])
    if system["group"]:
        kept &= cells["group"] == system["group"]
    cells = cells[kept & (cells["statistic"] != "p-value")]
    metrics = dict(pair.partition("=")[::2] for pair in system["metrics"].split())
    listed = cells[(cells["statistic"] == "score") & (cells["language"] != "")]
    lists = listed.groupby(["group", "metric"])["language"].unique().map(sorted).to_dict()
    about = table.about
    for cell in cells.to_dict("records"):
        languages = (cell["language"],) if cell["language"] else tuple(system["languages"].split())
        languages = languages or tuple(lists.get((cell["group"], cell["metric"]), ()))
        is_result = cell["statistic"] in OF_LANGUAGES and cell["metric"] != "cosine"
        if languages == ("-",) or (is_result and not languages):
            continue
        yield {
            **{name: cell[name] for name in (*PLACE, "statistic", "flag")},
            "paper_table": table.name,
            **{name: system[name] for name in ("task", "method", "variant", "source")},
            "metric": metrics.get(cell["metric"], cell["metric"]) if is_result else "",
            "backbone": backbone(about["model"]),
            "setting": system["setting"] or about["setting"],
            "train_tasks": system["train_tasks"] or system["task"],
            "shots": system["shots"] or (cell["group"] if about["shots"] == "group" else about["shots"]),
            "languages": tuple(sorted(languages)) if is_result else (),
            "published": cell["number"] * table.scale,
        }

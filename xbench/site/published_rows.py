"""Published numbers as rows of the board: marked, never ranked, never beside sample data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xbench.published.beside import AVERAGE, published_results
from xbench.site.collect import Realm
from xbench.site.text import order, value

if TYPE_CHECKING:
    from xbench.site.home import Column


def published_rows(realm: Realm, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """A row for each printed system on a task that the realm has: its mean over target languages, and the source."""
    from xbench.site.home import Cell

    sources = {task: _source(realm, task) for task in realm.tasks}
    printed = published_results()
    printed = printed[printed["task"].isin(realm.tasks)]
    names = ["paper_table", "row", "task", "method", "variant", "backbone", "setting", "shots", "metric"]
    rows: list[dict[str, Any]] = []
    for key, part in printed.groupby(names, sort=True, dropna=False):
        about = dict(zip(names, key, strict=True))
        scores = part[part["language"] != AVERAGE].set_index("language")["published"]
        source = float(scores[sources[about["task"]]]) if sources[about["task"]] in scores else None
        targets = scores.drop(sources[about["task"]], errors="ignore")
        mean = float(targets.mean()) if len(targets) else None
        gap = None if mean is None or source is None else source - mean
        texts = {
            "targets": Cell(value(mean), order(mean), title=f"{about['task']}, {len(targets)} target languages"),
            "source": Cell(value(source), order(source)),
            "gap": Cell(value(gap, "+"), order(gap)),
            f"task-{about['task']}": Cell(value(mean), order(mean), title=about["metric"]),
            "model": Cell(about["backbone"], is_text=True),
            "shots": Cell(about["shots"]),
            "setting": Cell(about["setting"], is_text=True),
        }
        cells = [texts.get(column.name, Cell("–", is_text=column.is_text)) for column in columns[1:]]
        rows.append(
            {
                **about,
                "key": f"published-{len(rows) + 1}",
                "scores": {str(language): float(score) for language, score in scores.items()},
                "model": about["backbone"],
                "label": f"{about['row']}, {about['task']}",
                "cells": cells,
                "task_source": sources[about["task"]],
                "source": f"Printed in {about['paper_table']}, row {about['row']}; measured by its authors, not here.",
            }
        )
    return rows


def _source(realm: Realm, task: str) -> str:
    return next(system.tasks[task].scores.source for system in realm.systems if task in system.tasks)

"""Published numbers as rows of the board: marked, never ranked, and only where a measured system has a counterpart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas

from xbench.analysis.results import Results
from xbench.published.beside import AVERAGE, GAP, published_results
from xbench.published.matching import AS_IN_PAPERS, differences
from xbench.published.systems import CONDITIONS
from xbench.site.collect import Realm
from xbench.site.text import order, value

if TYPE_CHECKING:
    from xbench.site.home import Column

SYSTEM = ["paper_table", "row", *CONDITIONS]


def published_rows(realm: Realm, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """A row for each printed system that a measured one may stand beside, on one task.

    It has the languages of the measured one: a mean is over the same ones, and there is none where the paper lacks one.
    """
    printed = published_results()
    printed = printed[printed["task"].isin(realm.tasks) & ~printed["language"].isin([AVERAGE, GAP])]
    measured = list(_measured(realm, set(printed["method"])))
    rows: list[dict[str, Any]] = []
    for key, part in printed.groupby(SYSTEM, sort=True):
        about = {str(name): text for name, text in zip(SYSTEM, key, strict=True)}
        alike = (names for names, found in measured if not differences(found, {**about, "languages": ()}))
        known = dict(zip(part["language"], part["published"], strict=True))
        scores = {language: known.get(language) for language in next(alike, ())}
        if any(score is not None for score in scores.values()):
            rows.append(_row(about, scores, columns) | {"key": f"published-{len(rows) + 1}"})
    return rows


def _measured(realm: Realm, methods: Collection[str]) -> Iterator[tuple[tuple[str, ...], pandas.DataFrame]]:
    """Languages of each system on each task, and the results behind, of those that may have a counterpart."""
    for system in realm.systems:
        conditions = system.conditions._asdict()
        if system.method in methods and AS_IN_PAPERS.items() <= conditions.items():
            for task, part in system.tasks.items():
                cells = {cell.record.id: cell for cell in part.scores.cells.values()}
                rows = Results(tuple(cells.values())).to_pandas()
                yield part.scores.languages, rows[(rows["task"] == task) & (rows["metric"] == part.scores.metric)]


def _row(about: Mapping[str, str], scores: Mapping[str, float | None], columns: Sequence[Column]) -> dict[str, Any]:
    from xbench.site.home import Cell

    task, source = about["task"], scores.get(about["source"])
    targets = [score for language, score in scores.items() if language != about["source"]]
    mean = None if None in targets or not targets else float(pandas.Series(targets).mean())
    gap = None if mean is None or source is None else source - mean
    texts = {
        "targets": Cell(value(mean), order(mean), title=f"{task}, {len(targets)} target languages"),
        "source": Cell(value(source), order(source)),
        "gap": Cell(value(gap, "+"), order(gap)),
        f"task-{task}": Cell(value(mean), order(mean), title=about["metric"]),
        "model": Cell(about["backbone"], is_text=True),
        "shots": Cell(about["shots"]),
        "setting": Cell(about["setting"], is_text=True),
    }
    return {
        **about,
        "scores": dict(scores),
        "model": about["backbone"],
        "label": f"{about['row']}, {task}",
        "cells": [texts.get(column.name, Cell("–", is_text=column.is_text)) for column in columns[1:]],
        "task_source": about["source"],
        "source": f"Printed in {about['paper_table']}, row {about['row']}; measured by its authors, not here.",
    }

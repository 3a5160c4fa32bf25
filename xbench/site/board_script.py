"""What the board's script computes means over chosen tasks and languages from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xbench.report.adapted import MARK
from xbench.site.board import family, rank_text
from xbench.site.collect import System
from xbench.site.survey import Survey
from xbench.site.writing import rounded

if TYPE_CHECKING:
    from xbench.analysis.intervals import Interval

DIGITS = 10  # one more than what is shown is rounded to first, so that a mean is the same here and there


def script_values(survey: Survey, published: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every measured value by system and task, the intervals and ranks of each task, and the languages' families."""
    systems = {
        system.key: {"tasks": _tasks(survey, system), "ranks": _ranks(survey, system)}
        for system in survey.realm.systems
    }
    for row in published:
        scores = row["scores"]
        values = [[rounded(score, DIGITS) for score in scores.values()]]
        task = {"seeds": [0], "source": row["task_source"], "languages": list(scores), "values": values}
        systems[row["key"]] = {"tasks": {row["task"]: task}, "ranks": {}}
    languages = {*survey.realm.languages(), *(language for row in published for language in row["scores"])}
    families = {language: family(language) for language in sorted(languages)}
    return {"families": families, "systems": systems, "mark": MARK}


def _tasks(survey: Survey, system: System) -> dict[str, Any]:
    tasks = {}
    for task, part in system.tasks.items():
        scores, found = part.scores, survey.findings[system.key, task]
        tasks[task] = {
            "seeds": scores.seeds,
            "source": scores.source,
            "languages": scores.languages,
            "values": [[rounded(entry, DIGITS) for entry in line] for line in scores.values.tolist()],
            "interval": _bounds(found.interval),
            "gap": _bounds(found.gap),
            "adapted": bool(scores.adapted_to),
        }
    return tasks


def _bounds(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [rounded(interval.low, DIGITS), rounded(interval.high, DIGITS)]


def _ranks(survey: Survey, system: System) -> dict[str, Any]:
    rankings = survey.rankings[system.group]
    return {
        task: {
            "text": rank_text(rankings[task], system.label),
            "mean": rounded(mean),
            "order": survey.place(system.group) * 1000 + rankings[task].ranks[system.label],
        }
        for task in system.tasks
        if (mean := rankings[task].mean_ranks.get(system.label)) is not None
    }

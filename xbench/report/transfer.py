"""Transfer as data frames, one row a number: gaps by system, by group of languages, and against pretraining data.

Scores, gaps and shares are fractions. Every frame begins with the columns `CONDITIONS`: numbers of two sets of
conditions must not be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from xbench.analysis.results import Results
from xbench.analysis.systems import Conditions, TaskScores, conditions, task_scores
from xbench.analysis.transfer import chance, gap_interval, group_gaps, language_gaps, rank_correlation, transfer

if TYPE_CHECKING:
    import pandas

CONDITIONS = Conditions._fields
ABOUT = (*CONDITIONS, "task", "method", "metric")
_GAP = ("source_value", "targets_value", "gap", "gap_low", "gap_high", "relative_gap")
GAP = (*ABOUT, *_GAP, "chance", "above_chance", "seeds", "targets")
GROUP = (*ABOUT, "grouping", "group", "languages", "value", "gap", "seeds")
SHARE = (*ABOUT, "corpus", "language", "share", "value", "gap", "rho", "p", "n", "exact", "seeds")

Shares = Callable[[str, tuple[str, ...]], tuple[str, Mapping[str, float]]]
"""From a backbone's name and languages: the name of its pretraining corpus, and the languages' shares of it."""


def gap_frame(results: Results) -> pandas.DataFrame:
    """One row a system and task, with the columns `GAP`.

    `gap_low` and `gap_high` are the 95 % interval over seeds, target languages and examples, NaN where there is none.
    `relative_gap` is gap / source. `above_chance` is False where the source score is within the test set's noise of
    `chance` (or below): then there is little that could be lost, and the relative gap is left out. Both are None where
    chance is not known.

    Raises:
        StoreError: a prediction file is missing or damaged.
    """
    return _frame(GAP, (_gap_row(*one) for one in systems(results)))


def group_frame(results: Results, by: str) -> pandas.DataFrame:
    """One row a system, task and group of target languages (`by` family or script), with the columns `GROUP`."""
    rows = (
        _about(group, scores)
        | {"grouping": by, "group": one.group, "languages": " ".join(one.languages)}
        | {"value": one.value, "gap": one.gap, "seeds": len(scores.seeds)}
        for group, scores in systems(results)
        for one in group_gaps(language_gaps(scores), by)
    )
    return _frame(GROUP, rows)


def share_frame(results: Results, shares: Shares) -> pandas.DataFrame:
    """One row a system, task and target language, with the columns `SHARE`.

    `share` is NaN where it is not known. `rho`, `p`, `n` and `exact` are of the rank correlation of share and gap over
    the languages of the task, and the same in all its rows; NaN where there is none.
    """
    return _frame(SHARE, (row for one in systems(results) for row in _share_rows(*one, shares)))


def systems(results: Results) -> Iterator[tuple[Conditions, TaskScores]]:
    """Every system on every task, condition by condition."""
    for group, part in conditions(results).items():
        for found in task_scores(part).values():
            for scores in found:
                if scores.seeds:
                    yield group, scores


def _gap_row(group: Conditions, scores: TaskScores) -> dict[str, Any]:
    found, luck, interval = transfer(scores), chance(scores), gap_interval(scores)
    at_chance = luck is not None and not luck.beaten
    return _about(group, scores) | {
        "source_value": found.source,
        "targets_value": found.targets,
        "gap": found.gap,
        "gap_low": interval.low if interval else None,
        "gap_high": interval.high if interval else None,
        "relative_gap": None if at_chance else found.relative,
        "chance": luck.level if luck else None,
        "above_chance": luck.beaten if luck else None,
        "seeds": len(scores.seeds),
        "targets": len(scores.targets),
    }


def _share_rows(group: Conditions, scores: TaskScores, shares: Shares) -> Iterator[dict[str, Any]]:
    corpus, known = shares(group.model, scores.targets)
    gaps = language_gaps(scores)
    found = rank_correlation(known, {one.language: one.gap for one in gaps})
    about = _about(group, scores) | {"corpus": corpus, "seeds": len(scores.seeds)}
    for name in ("rho", "p", "n", "exact"):
        about[name] = getattr(found, name) if found else None
    for one in gaps:
        yield about | {
            "language": one.language,
            "share": known.get(one.language),
            "value": one.value,
            "gap": one.gap,
        }


def _about(group: Conditions, scores: TaskScores) -> dict[str, Any]:
    return {**group._asdict(), "task": scores.task, "method": scores.label, "metric": scores.metric}


def _frame(columns: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> pandas.DataFrame:
    import pandas

    frame = pandas.DataFrame(list(rows), columns=list(columns))
    numbers = {*_GAP, "chance", "share", "value", "rho", "p"}
    return frame.astype({name: float for name in columns if name in numbers})

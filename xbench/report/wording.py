"""The summary as text: numbers times 100 with one decimal, and what must be said below them."""

from __future__ import annotations

from collections.abc import Sequence

from xbench.analysis.intervals import Interval
from xbench.analysis.significance import LEAST_PAIRS, Wilcoxon
from xbench.report.adapted import FOOTNOTE, MARK
from xbench.report.numbers import number
from xbench.report.result_table import ResultTable, SystemRow, TaskTable

TOO_FEW = "†"


def header(table: TaskTable) -> list[str]:
    """The columns' names, each of one or two lines."""
    baseline = f"to {table.baseline}\n[95 %]"
    return ["method", f"source\n({table.source})", "targets\nmean [95 %]", "gap", baseline, "Wilcoxon\np (n)"]


def cells(table: TaskTable, row: SystemRow) -> list[str]:
    """One system's cells, in the header's order; "" where there is no number, "-" in the baseline's own comparison."""
    comparison = row.comparison
    name = row.scores.label if row.scores.metric == table.metric else f"{row.scores.label} ({row.scores.metric})"
    return [
        name,
        number(row.transfer.source),
        number(row.transfer.targets) + between(row.interval),
        number(row.transfer.gap) + (MARK if row.scores.adapted_to and row.transfer.gap is not None else ""),
        "-"
        if row.is_baseline
        else number(comparison.difference, "+") + between(comparison.interval, "+")
        if comparison
        else "",
        "-" if row.is_baseline else probability(comparison.test) if comparison else "",
    ]


def between(interval: Interval | None, sign: str = "") -> str:
    """' [low, high]', or nothing."""
    return "" if interval is None else f" [{number(interval.low, sign)}, {number(interval.high, sign)}]"


def probability(test: Wilcoxon) -> str:
    """p and the number of pairs, marked where no p below 0.05 was possible."""
    p = "<0.001" if test.p < 0.001 else f"{test.p:.3f}"
    return f"{p} ({test.n}){TOO_FEW if test.too_few else ''}"


def footnotes(table: ResultTable) -> list[str]:
    """What the columns mean, said once below all tasks."""
    rows = [row for task in table.tasks for row in task.rows]
    notes = [f"Values times 100. Gap: source - targets. To {table.tasks[0].baseline}: difference of targets."]
    if any(row.scores.adapted_to for row in rows):
        notes.append(FOOTNOTE)
    if intervals := [row.interval for row in rows if row.interval]:
        notes.append("[95 %]: over seeds, languages and examples, t-based.")
        if not all(interval.covers_seeds for interval in intervals):
            notes[-1] += " With one seed it does not cover the variance between seeds."
    tests = [row.comparison.test for row in rows if row.comparison]
    if tests:
        notes.append(
            "Wilcoxon: signed-rank over n target languages, seeds averaged first; conditional on these runs: languages "
            "evaluated by one trained model are not independent."
        )
    if any(test.too_few for test in tests):
        notes.append(f"{TOO_FEW} too few pairs for any p < 0.05: it takes {LEAST_PAIRS} that differ.")
    return notes


def caption(table: TaskTable) -> str:
    """The task and its metric."""
    return f"{table.task}, {table.metric}"


def body(table: TaskTable) -> list[list[str]]:
    """All rows' cells."""
    return [cells(table, row) for row in table.rows]


def all_notes(table: ResultTable) -> Sequence[str]:
    """The tasks' own notes, each once and named where tasks differ, then the common footnotes."""
    own: dict[str, list[str]] = {}
    for task in table.tasks:
        for note in task.notes:
            own.setdefault(note, []).append(task.task)
    everywhere = len(table.tasks)
    named = [note if len(tasks) == everywhere else f"{', '.join(tasks)}: {note}" for note, tasks in own.items()]
    return [*named, *footnotes(table)]

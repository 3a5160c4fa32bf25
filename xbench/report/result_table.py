"""The summary: systems by task, with source, mean of targets, gap, and the difference to a baseline."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from xbench.analysis.compare import Comparison, compare
from xbench.analysis.intervals import Interval, mean_interval
from xbench.analysis.results import Results, load_results
from xbench.analysis.systems import Conditions, TaskScores, conditions, task_scores
from xbench.analysis.transfer import Transfer, transfer
from xbench.report.adapted import adapted_note
from xbench.report.sample import SAMPLE
from xbench.store import RunStore

BASELINE = "fine-tune"
COUNTED = {
    "invalid": "Answers outside the label set, counted as wrong",
    "shortened": "Inputs shortened to fit the model",
    "empty_fields": "Inputs with an empty field",
}


@dataclass(frozen=True)
class SystemRow:
    """One system on one task; fractions. `comparison` is None for the baseline and what cannot be compared with it."""

    scores: TaskScores
    transfer: Transfer
    interval: Interval | None
    comparison: Comparison | None
    is_baseline: bool


@dataclass(frozen=True)
class TaskTable:
    """All systems on one task, the baseline first. All systems are marked by `metric`, the task's headline."""

    task: str
    metric: str
    source: str
    baseline: str
    rows: tuple[SystemRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ResultTable:
    """All tasks under one set of conditions: what is in one table may be compared, what is in two may not."""

    conditions: Conditions
    tasks: tuple[TaskTable, ...]

    @property
    def title(self) -> str:
        """The conditions in words; sample data are marked as such."""
        about = self.conditions
        size = f"{about.shots} shots" if about.shots.isdigit() else about.shots
        parts = [about.model, f"{about.data} data", about.profile, about.setting, size, f"source {about.source}"]
        if about.limit is not None:
            parts.append(f"{about.limit} examples of each test set")
        return " · ".join(parts)

    @property
    def warning(self) -> str:
        """What must be read before the numbers; "" where there is nothing."""
        if self.conditions.data == "sample":
            return SAMPLE
        return ""


def result_tables(
    results: Results | RunStore | str | os.PathLike[str], baseline: str = BASELINE
) -> tuple[ResultTable, ...]:
    """A table for each set of conditions, with the method `baseline` to compare with.

    Raises StoreError for a prediction file that is missing or damaged.
    """
    if not isinstance(results, Results):
        results = load_results(results.path if isinstance(results, RunStore) else results)
    return tuple(
        ResultTable(group, tuple(_task_table(task, systems, baseline) for task, systems in task_scores(part).items()))
        for group, part in conditions(results).items()
    )


def _task_table(task: str, systems: Sequence[TaskScores], baseline: str) -> TaskTable:
    reference = next((system for system in systems if baseline in (system.label, system.label.partition("[")[0])), None)
    order = sorted(systems, key=lambda system: system is not reference)
    rows = tuple(_row(system, reference) for system in order)
    metric = Counter(system.metric for system in systems).most_common(1)[0][0]
    name = reference.label if reference else baseline
    notes = tuple(_notes(order, reference, baseline))
    return TaskTable(task, metric, systems[0].source, name, rows, notes)


def _row(system: TaskScores, reference: TaskScores | None) -> SystemRow:
    is_baseline = system is reference
    comparison = None if reference is None or is_baseline else compare(system, reference)
    return SystemRow(system, transfer(system), mean_interval(system), comparison, is_baseline)


def _notes(systems: Sequence[TaskScores], reference: TaskScores | None, baseline: str) -> list[str]:
    seeds, targets = _usual([system.seeds for system in systems]), _usual([system.targets for system in systems])
    notes = [f"Means over {_count(seeds, 'seed')} and {_count(targets, 'target language')}."]
    for system in systems:
        if system.seeds != seeds:
            notes.append(f"{system.label}: over {_count(system.seeds, 'seed')}.")
        if system.targets != targets:
            notes.append(f"{system.label}: over {_count(system.targets, 'target language')}; not the same mean.")
        if system.dropped:
            notes.append(f"{system.label}: without {system.dropped}, for which languages or seeds are missing.")
        if note := adapted_note(system):
            notes.append(note)
        if system.skipped_rows:
            notes.append(f"{system.label}: {system.skipped_rows} {_why_not_scored(system)}; not compared.")
    for what, words in COUNTED.items():
        if counts := [f"{system.label} {system.counted(what):,}" for system in systems if system.counted(what)]:
            notes.append(f"{words}: {', '.join(counts)}.")
    if reference is None:
        notes.append(f"No cell of {baseline} under these conditions: no differences.")
    return notes


def _why_not_scored(system: TaskScores) -> str:
    """What examples that were given and not scored are: rows that could not be read, or ids that no prediction has."""
    is_imported = any(cell.record.settings.get("imported") for cell in system.cells.values())
    return "of the examples have no prediction" if is_imported else "bad rows were skipped"


def _usual(values: list[tuple]) -> tuple:
    return Counter(values).most_common(1)[0][0]


def _count(values: Sequence[object], what: str) -> str:
    return f"{len(values)} {what}{'' if len(values) == 1 else 's'} ({', '.join(map(str, values)) or 'none'})"

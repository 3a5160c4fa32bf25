"""A task's page: every system in every language, gaps, families, what the data are, templates and inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.languages import facts
from xbench.report.adapted import FOOTNOTE, MARK, adapted_note
from xbench.site.board import TARGETS, family, rank_order, rank_text
from xbench.site.collect import OnTask, System, deviation, slug
from xbench.site.columns import Axis, Cell, Column, bounds, language_column, plus_minus
from xbench.site.survey import Survey
from xbench.site.task_data import inputs, profile, templates, verbalizers
from xbench.site.text import order, value
from xbench.site.writing import Writer

if TYPE_CHECKING:
    import pandas

    from xbench.analysis.intervals import Interval
    from xbench.analysis.systems import TaskScores
    from xbench.analysis.transfer import GroupGap
    from xbench.report.figures.style import Used


def task_place(task: str) -> str:
    """The page of a task."""
    return f"tasks/{slug(task)}.html"


def write_tasks(writer: Writer, survey: Survey, tasks_dirs: Sequence[Path] = ()) -> None:
    """Writes `tasks/index.html` and a page for each task; `tasks_dirs` are folders with task YAMLs of one's own."""
    from xbench.site.downloads import write_frame

    cards = [_card(survey, task) for task in survey.realm.tasks]
    writer.page("tasks/index.html", "tasks.html", "Tasks", cards=cards)
    for task in survey.realm.tasks:
        systems = [system for group in survey.realm.groups for system in survey.ordered(group) if task in system.tasks]
        languages = languages_in_order(survey, task)
        writer.page(
            task_place(task),
            "task.html",
            task,
            task=task,
            card=_card(survey, task),
            spec=survey.specs[task],
            many_groups=len(survey.realm.groups) > 1,
            groups=[group for group in survey.realm.groups if group.on(task)],
            heat=_heat(survey, task, systems, languages),
            gaps=list(_gap_figures(survey, task)),
            families=_families(survey, task, systems),
            profile=profile(survey, task, tasks_dirs),
            templates=templates(survey.specs[task], systems, task, languages),
            verbalizers=verbalizers(survey.specs[task], systems, task, languages),
            inputs=inputs(survey, task, languages),
            download=f"downloads/tasks/{slug(task)}",
        )
        write_frame(writer, f"downloads/tasks/{slug(task)}", task_frame(survey, task))


def task_frame(survey: Survey, task: str) -> pandas.DataFrame:
    """One row a system and language: mean over seeds and its deviation; fractions."""
    import pandas

    rows = [
        {
            "group": system.group,
            "system": system.label,
            **system.conditions._asdict(),
            "task": task,
            "metric": part.scores.metric,
            "language": language,
            "family": family(language),
            "is_source": language == part.scores.source,
            "value": float(part.scores.columns([language]).mean()),
            "seed_deviation": _spread(part.scores, language),
            "seeds": len(part.scores.seeds),
        }
        for system in survey.realm.systems
        if (part := system.tasks.get(task))
        for language in part.scores.languages
    ]
    return pandas.DataFrame(rows)


def languages_in_order(survey: Survey, task: str) -> tuple[str, ...]:
    """The task's languages, its sources first, then by family."""
    sources = sources_of(survey, task)
    return tuple(sorted(survey.realm.languages(task), key=lambda one: (one not in sources, family(one), one)))


def sources_of(survey: Survey, task: str) -> set[str]:
    """The languages that systems of the task were trained on."""
    return {system.tasks[task].scores.source for system in survey.realm.systems if task in system.tasks}


def _card(survey: Survey, task: str) -> dict[str, Any]:
    spec = survey.specs[task]
    systems = [system for system in survey.realm.systems if task in system.tasks]
    metrics = sorted({system.tasks[task].scores.metric for system in systems})
    return {
        "task": task,
        "place": task_place(task),
        "description": spec.description if spec else "",
        "kind": spec.kind if spec else "",
        "paper": spec.paper if spec else "",
        "metric": ", ".join(metrics),
        "systems": len(systems),
        "languages": survey.realm.languages(task),
    }


def _spread(scores: Any, language: str) -> float | None:
    return deviation([float(one) for one in scores.columns([language])[:, 0]])


def _heat(survey: Survey, task: str, systems: Sequence[System], languages: Sequence[str]) -> dict[str, Any]:
    """Systems by languages; the `share` of a language's cell is its place between the lowest and highest shown."""
    means = {
        (system.key, language): float(system.tasks[task].scores.columns([language]).mean())
        for system in systems
        for language in system.tasks[task].scores.languages
    }
    low, high = (min(means.values()), max(means.values())) if means else (0.0, 1.0)
    parts = [(system.tasks[task], survey.findings[system.key, task]) for system in systems]
    targets = Axis.over((part.transfer.targets for part, _ in parts), (found.interval for _, found in parts))
    gaps = Axis.over((part.transfer.gap for part, _ in parts), (found.gap for _, found in parts))
    rows = []
    for system, (part, found) in zip(systems, parts, strict=True):
        cells = []
        for language in languages:
            mean = means.get((system.key, language))
            share = None if mean is None else (mean - low) / max(high - low, 1e-9)
            spread = None if mean is None else _spread(part.scores, language)
            cells.append({"value": mean, "share": share, "spread": spread})
        ranking = survey.rankings[system.group][task]
        rank = Cell(
            rank_text(ranking, system.label),
            rank_order(survey, system, ranking),
            title=ranking.left_out.get(system.label, ""),
        )
        summary = [rank, _targets_cell(part, found.interval, targets), _gap_cell(part, found.gap, gaps)]
        rows.append(_row(survey, system) | {"summary": summary, "cells": cells, "dropped": part.scores.dropped})
    adapted = [note for part, _ in parts if (note := adapted_note(part.scores))]
    return {
        "columns": _heat_columns(languages, sources_of(survey, task)),
        "rows": rows,
        "low": low,
        "high": high,
        "notes": [FOOTNOTE, *adapted] if adapted else [],
    }


def _heat_columns(languages: Sequence[str], sources: set[str]) -> list[Column]:
    rank = "Rank on this task within the group; = marks systems that share it, being statistically tied."
    gap = "Source - targets, in points, with its 95 % interval below, also drawn."
    return [
        Column("system", "System", is_text=True),
        Column("rank", "Rank", rank),
        Column("targets", "Targets", TARGETS.replace(" (tasks averaged within a language first)", ""), high_first=True),
        Column("gap", "Gap", gap),
        *(language_column(language, is_source=language in sources) for language in languages),
    ]


def _row(survey: Survey, system: System) -> dict[str, Any]:
    return {"system": system, "where": survey.group(system.group).title}


def _targets_cell(part: OnTask, interval: Interval | None, axis: Axis) -> Cell:
    mean = part.transfer.targets
    drawn = axis.mean(mean, interval)
    return Cell(value(mean), order(mean), plus_minus(part.spread), bounds(interval), range=drawn)


def _gap_cell(part: OnTask, interval: Interval | None, axis: Axis) -> Cell:
    gap = part.transfer.gap
    mark = MARK if part.scores.adapted_to and gap is not None else ""
    spread = deviation([one[2] for one in part.transfer.by_seed.values()])
    drawn = axis.mean(gap, interval)
    return Cell(value(gap, "+") + mark, order(gap), plus_minus(spread), bounds(interval, "+"), range=drawn)


def _gap_figures(survey: Survey, task: str) -> Iterator[dict[str, str]]:
    from xbench.report.diagnosis_figures import inline_svg
    from xbench.report.figures.gap import gap_figure

    used: Used = {}
    for group in survey.realm.groups:
        rows = [_gap_row(survey, system, task) for system in group.on(task)]
        frame = _gap_frame(rows)
        if frame["gap"].notna().any():
            name = f"gap-{group.letter.lower()}"
            caption = f"{task}, {group.title}: source, mean of targets, and the gap with its 95 % interval."
            yield {"svg": inline_svg(gap_figure(frame, used=used), name), "caption": caption}


def _gap_row(survey: Survey, system: System, task: str) -> dict[str, Any]:
    part, found = system.tasks[task], survey.findings[system.key, task]
    luck, gap = found.chance, found.gap
    return {
        **system.conditions._asdict(),
        "task": task,
        "method": system.label,
        "metric": part.scores.metric,
        "source_value": part.transfer.source,
        "targets_value": part.transfer.targets,
        "gap": part.transfer.gap,
        "gap_low": gap.low if gap else None,
        "gap_high": gap.high if gap else None,
        "relative_gap": part.transfer.relative,
        "chance": luck.level if luck else None,
        "above_chance": luck.beaten if luck else None,
        "seeds": len(part.scores.seeds),
        "targets": len(part.scores.targets),
    }


def _gap_frame(rows: Sequence[Mapping[str, Any]]) -> pandas.DataFrame:
    import pandas

    from xbench.report.transfer import GAP

    numbers = ("source_value", "targets_value", "gap", "gap_low", "gap_high", "relative_gap", "chance")
    return pandas.DataFrame(rows, columns=list(GAP)).astype(dict.fromkeys(numbers, float))


def _families(survey: Survey, task: str, systems: Sequence[System]) -> dict[str, Any]:
    """Mean gap of each system to each family of target languages, with its deviation over seeds."""
    from xbench.analysis.transfer import group_gaps, language_gaps

    found = {system.key: group_gaps(language_gaps(system.tasks[task].scores), "family") for system in systems}
    members: dict[str, set[str]] = {}
    for gaps in found.values():
        for one in gaps:
            members.setdefault(one.group, set()).update(one.languages)
    names = sorted(members)
    largest = max((abs(one.gap) for gaps in found.values() for one in gaps), default=1.0) or 1.0
    rows = []
    for system in systems:
        scores, by_family = system.tasks[task].scores, {one.group: one for one in found[system.key]}
        if by_family:
            cells = [_signed(scores, by_family.get(name), largest) for name in names]
            rows.append(_row(survey, system) | {"cells": cells})
    columns = [Column(name, name, _family_says(members[name]), below=" ".join(sorted(members[name]))) for name in names]
    return {"columns": [Column("system", "System", is_text=True), *columns], "rows": rows}


def _family_says(languages: set[str]) -> str:
    return "Gap to " + ", ".join(f"{one} {facts(one).name}".strip() for one in sorted(languages)) + "."


def _signed(scores: TaskScores, one: GroupGap | None, largest: float) -> dict[str, Any]:
    if one is None:
        return {"value": None, "share": None, "side": "", "spread": None}
    by_seed = scores.columns([scores.source])[:, 0] - scores.columns(one.languages).mean(axis=1)
    side = "minus" if one.gap > 0 else "plus"
    return {"value": one.gap, "share": abs(one.gap) / largest, "side": side, "spread": deviation(by_seed.tolist())}

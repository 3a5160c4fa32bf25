"""A task's page: every system in every language, gaps, families, what the data are, templates and inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from xbench.errors import XbenchError
from xbench.languages import facts
from xbench.site.collect import System, deviation, slug
from xbench.site.home import family, rank_text
from xbench.site.survey import Survey
from xbench.site.text import inert, value
from xbench.site.writing import Writer

if TYPE_CHECKING:
    import pandas

    from xbench.spec.task import TaskSpec

SHOWN_INPUTS = 2  # of each language
MOST_LANGUAGES = 12


def task_place(task: str) -> str:
    """The page of a task."""
    return f"tasks/{slug(task)}.html"


def write_tasks(writer: Writer, survey: Survey) -> None:
    """Writes `tasks/index.html` and a page for each task."""
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
            heat=_heat(survey, task, systems, languages),
            languages=[_language(language, survey, task) for language in languages],
            gaps=list(_gap_figures(survey, task)),
            families=_families(survey, task, systems),
            profile=_profile(survey, task),
            templates=_templates(survey.specs[task], systems, task, languages),
            verbalizers=_verbalizers(survey.specs[task], languages),
            inputs=_inputs(survey, task, languages),
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
    """The task's languages, its source first, then by family."""
    sources = {system.tasks[task].scores.source for system in survey.realm.systems if task in system.tasks}
    return tuple(sorted(survey.realm.languages(task), key=lambda one: (one not in sources, family(one), one)))


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


def _language(language: str, survey: Survey, task: str) -> dict[str, Any]:
    source = any(
        system.tasks[task].scores.source == language for system in survey.realm.systems if task in system.tasks
    )
    return {"code": language, "name": facts(language).name, "family": family(language), "is_source": source}


def _spread(scores: Any, language: str) -> float | None:
    return deviation([float(one) for one in scores.columns([language])[:, 0]])


def _heat(survey: Survey, task: str, systems: Sequence[System], languages: Sequence[str]) -> dict[str, Any]:
    """Systems by languages; `share` of a cell is its place between the lowest and highest value shown."""
    means = {
        (system.key, language): float(system.tasks[task].scores.columns([language]).mean())
        for system in systems
        for language in system.tasks[task].scores.languages
    }
    low, high = (min(means.values()), max(means.values())) if means else (0.0, 1.0)
    rows = []
    for system in systems:
        part, found = system.tasks[task], survey.findings[system.key, task]
        ranking = survey.rankings[system.group][task]
        cells = []
        for language in languages:
            mean = means.get((system.key, language))
            share = None if mean is None else (mean - low) / max(high - low, 1e-9)
            spread = None if mean is None else _spread(part.scores, language)
            cells.append({"value": mean, "share": share, "spread": spread})
        rows.append(
            {
                "system": system,
                "where": survey.group(system.group).title,
                "cells": cells,
                "rank": rank_text(ranking, system.label),
                "why": ranking.left_out.get(system.label, ""),
                "rank_order": survey.place(system.group) * 1000 + ranking.ranks.get(system.label, 999),
                "transfer": part.transfer,
                "interval": found.interval,
                "spread": part.spread,
                "gap": found.gap,
                "dropped": part.scores.dropped,
                "metric": part.scores.metric,
            }
        )
    return {"rows": rows, "low": low, "high": high}


def _gap_figures(survey: Survey, task: str) -> Iterator[dict[str, str]]:
    from xbench.report.diagnosis_figures import inline_svg
    from xbench.report.figures.gap import gap_figure

    for group in survey.realm.groups:
        rows = [_gap_row(survey, system, task) for system in group.on(task)]
        frame = _gap_frame(rows)
        if frame["gap"].notna().any():
            name = f"gap-{group.letter.lower()}"
            caption = f"{task}, {group.title}: source, mean of targets, and the gap with its 95 % interval."
            yield {"svg": inline_svg(gap_figure(frame), name), "caption": caption}


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
    """Mean gap of each system to each family of target languages."""
    from xbench.analysis.transfer import group_gaps, language_gaps

    found = {system.key: group_gaps(language_gaps(system.tasks[task].scores), "family") for system in systems}
    members: dict[str, set[str]] = {}
    for gaps in found.values():
        for one in gaps:
            members.setdefault(one.group, set()).update(one.languages)
    largest = max((abs(one.gap) for gaps in found.values() for one in gaps), default=1.0) or 1.0
    rows = []
    for system in systems:
        by_family = {one.group: one.gap for one in found[system.key]}
        if by_family:
            cells = [_signed(by_family.get(name), largest) for name in sorted(members)]
            rows.append({"system": system, "where": survey.group(system.group).title, "cells": cells})
    return {
        "names": [{"name": name, "languages": " ".join(sorted(members[name]))} for name in sorted(members)],
        "rows": rows,
    }


def _signed(gap: float | None, largest: float) -> dict[str, Any]:
    side = "" if gap is None else "minus" if gap > 0 else "plus"
    return {"value": gap, "share": None if gap is None else abs(gap) / largest, "side": side}


def _profile(survey: Survey, task: str) -> dict[str, Any]:
    """The data set's profile: mean attributes by language, with their standard errors."""
    from xbench.analysis.results import Results
    from xbench.diagnosis.bias import attribute_order, stored_profile

    part = next(found for (_, name), found in survey.blocks.items() if name == task)
    spec = survey.specs[task]
    if spec is None:
        return {"rows": [], "names": [], "notes": [f"There is no YAML of the task {task} at hand (--tasks-dir)."]}
    try:
        profile = stored_profile(Results(part.cells[:1]), spec.attributes or None)
    except XbenchError as error:
        return {"rows": [], "names": [], "notes": [str(error)]}
    frame = profile.frame
    names = attribute_order(frame) if len(frame) else []
    means = {(row["language"], row["attribute"]): row for row in frame.to_dict("records")}
    languages = list(dict.fromkeys(frame["language"]))
    rows = [
        {"language": language, "cells": [_profile_cell(means.get((language, name))) for name in names]}
        for language in languages
    ]
    return {"rows": rows, "names": names, "notes": list(profile.notes)}


def _profile_cell(row: Mapping[str, Any] | None) -> dict[str, str]:
    if row is None or not row["n"]:
        return {"mean": "–", "error": "", "order": ""}
    error = row["standard_error"]
    bounded = "" if numpy.isnan(error) else f"±{1.96 * error:.2g}"
    return {"mean": f"{row['mean']:.3g}", "error": bounded, "order": f"{row['mean']:.6g}"}


def _templates(
    spec: TaskSpec | None, systems: Sequence[System], task: str, languages: Sequence[str]
) -> list[dict[str, Any]]:
    if spec is None:
        return []
    users: dict[str, set[str]] = {}
    for system in systems:
        for record in system.tasks[task].records:
            if name := record.settings.get("template"):
                users.setdefault(str(name), set()).add(system.label)
    found = []
    for name, template in spec.templates.items():
        defaults = [form for form in ("cloze", "text2text", "soft") if getattr(spec.default_templates, form) == name]
        if not defaults and name not in users:
            continue
        texts = [(form, template.text(form)) for form in ("cloze", "text2text") if template.text(form)]
        found.append(
            {
                "name": name,
                "author": template.author,
                "reference": template.reference or "",
                "verbalizer": template.verbalizer or "",
                "defaults": defaults,
                "users": sorted(users.get(name, ())),
                "texts": [(form, *_template_text(text, spec.source, languages)) for form, text in texts],
            }
        )
    return found


def _template_text(
    text: str | Mapping[str, str] | None, source: str, languages: Sequence[str]
) -> tuple[str, list[tuple[str, str]]]:
    """(the source language's text, those of the other languages)."""
    if not isinstance(text, Mapping):
        return inert(text), []
    others = [(language, inert(text[language])) for language in languages if language in text and language != source]
    return inert(text.get(source, next(iter(text.values()), ""))), others


def _verbalizers(spec: TaskSpec | None, languages: Sequence[str]) -> list[dict[str, Any]]:
    if spec is None:
        return []
    used = {template.verbalizer for name, template in spec.templates.items() if name in _defaults(spec)}
    return [
        {
            "name": name,
            "author": verbalizer.author,
            "aggregate": verbalizer.aggregate,
            "rows": [
                (language, [", ".join(map(str, verbalizer.words[language].get(label, ()))) for label in spec.labels])
                for language in languages
                if language in verbalizer.words
            ],
        }
        for name, verbalizer in spec.verbalizers.items()
        if name in used
    ]


def _defaults(spec: TaskSpec) -> set[str]:
    return {name for form in ("cloze", "text2text", "soft") if (name := getattr(spec.default_templates, form))}


def _inputs(survey: Survey, task: str, languages: Sequence[str]) -> dict[str, Any]:
    """A few examples of each language; ids alone where the texts may not be passed on."""
    spec = survey.specs[task]
    cells = {
        (language): cell
        for system in survey.realm.systems
        if task in system.tasks
        for (_, language), cell in system.tasks[task].scores.cells.items()
    }
    rows = []
    for language in languages[:MOST_LANGUAGES]:
        cell = cells.get(language)
        content = cell.record.pair(task, language).examples if cell else ""
        try:
            frame = cell.store.examples(content).head(SHOWN_INPUTS) if cell and content else None
        except XbenchError:
            frame = None
        for row in [] if frame is None else frame.to_dict("records"):
            shows = spec is not None and spec.redistribute
            fields = [(name, inert(row[name], 400)) for name in spec.fields if name in row] if spec and shows else []
            gold = inert(row.get("gold"), 200) if shows else ""
            rows.append({"language": language, "id": inert(row["id"], 80), "fields": fields, "gold": gold})
    return {"rows": rows, "shows_texts": spec is not None and spec.redistribute, "value": value}

"""What a task's page says of its data: their profile, the templates and label words in use, and a few inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import XbenchError
from xbench.site.collect import System
from xbench.site.columns import Column
from xbench.site.survey import Survey
from xbench.site.text import DASH, inert

if TYPE_CHECKING:
    from xbench.analysis.results import StoredCell
    from xbench.spec.task import TaskSpec

SHOWN_INPUTS = 2  # of each language
MOST_LANGUAGES = 12
FORMS = ("cloze", "text2text", "soft")


def profile(survey: Survey, task: str, tasks_dirs: Sequence[Path]) -> dict[str, Any]:
    """Mean attributes by language, with their 95 % intervals."""
    from xbench.analysis.results import Results
    from xbench.diagnosis.bias import attribute_order, half_widths, stored_profile

    spec = survey.specs[task]
    if spec is None:
        return {"rows": [], "columns": [], "notes": [f"There is no YAML of the task {task} at hand (--tasks-dir)."]}
    try:
        found = stored_profile(Results(_one_each(survey, task)), spec.attributes or None, tasks_dirs=tasks_dirs)
    except XbenchError as error:
        return {"rows": [], "columns": [], "notes": [str(error)]}
    names = attribute_order(found.frame) if len(found.frame) else []
    frame = found.frame.assign(half=half_widths(found.frame))
    means = {(row["language"], row["attribute"]): row for row in frame.to_dict("records")}
    rows = [
        {"language": language, "cells": [_profile_cell(means.get((language, name))) for name in names]}
        for language in dict.fromkeys(found.frame["language"])
    ]
    columns = [Column(name, name, _attribute_says(name, spec.kind), high_first=True) for name in names]
    return {"rows": rows, "columns": [Column("language", "Language", is_text=True), *columns], "notes": found.notes}


def _one_each(survey: Survey, task: str) -> tuple[StoredCell, ...]:
    """Cells that have each language of the task once: examples are the same, whoever answered them."""
    seen: set[str] = set()
    cells = []
    for (_, name), part in survey.blocks.items():
        for cell in part if name == task else ():
            pairs = tuple(pair for pair in cell.record.predictions if pair.language not in seen and pair.examples)
            if pairs:
                seen |= {pair.language for pair in pairs}
                cells.append(replace(cell, record=replace(cell.record, predictions=pairs)))
    return tuple(cells)


def _attribute_says(name: str, kind: str) -> str:
    from xbench.diagnosis.attributes.registry import find_attribute

    try:
        description = find_attribute(name, kind).description
    except XbenchError:
        return ""
    return f"{description[:1].upper()}{description[1:]}."


def _profile_cell(row: Mapping[str, Any] | None) -> dict[str, str]:
    if row is None or not row["n"]:
        return {"mean": DASH, "error": "", "order": ""}
    bounded = f"±{row['half']:.2g}" if row["half"] > 0 else ""
    return {"mean": f"{row['mean']:.3g}", "error": bounded, "order": f"{row['mean']:.6g}"}


def _users(systems: Sequence[System], task: str) -> dict[str, list[str]]:
    """The systems that name a template in their settings, by its name."""
    users: dict[str, set[str]] = {}
    for system in systems:
        for record in system.tasks[task].records:
            if name := record.settings.get("template"):
                users.setdefault(str(name), set()).add(system.label)
    return {name: sorted(labels) for name, labels in users.items()}


def _defaults(spec: TaskSpec, name: str) -> list[str]:
    return [form for form in FORMS if getattr(spec.default_templates, form) == name]


def templates(
    spec: TaskSpec | None, systems: Sequence[System], task: str, languages: Sequence[str]
) -> list[dict[str, Any]]:
    """The templates that are the default of a form, or that a system names."""
    if spec is None:
        return []
    users = _users(systems, task)
    found = []
    for name, template in spec.templates.items():
        if name in users or _defaults(spec, name):
            texts = [(form, template.text(form)) for form in ("cloze", "text2text") if template.text(form)]
            found.append(
                {
                    "name": name,
                    "author": template.author,
                    "reference": template.reference or "",
                    "verbalizer": template.verbalizer or "",
                    "defaults": _defaults(spec, name),
                    "users": users.get(name, []),
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


def verbalizers(
    spec: TaskSpec | None, systems: Sequence[System], task: str, languages: Sequence[str]
) -> list[dict[str, Any]]:
    """The label words of the templates that are shown."""
    if spec is None:
        return []
    users = _users(systems, task)
    used = {one.verbalizer for name, one in spec.templates.items() if name in users or _defaults(spec, name)}
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


def inputs(survey: Survey, task: str, languages: Sequence[str]) -> dict[str, Any]:
    """A few examples of each language; ids alone where the texts may not be passed on."""
    from xbench.diagnosis.answers import readable

    spec = survey.specs[task]
    shows = spec is not None and spec.redistribute
    cells = {
        language: cell
        for system in survey.realm.systems
        if task in system.tasks
        for (_, language), cell in system.tasks[task].scores.cells.items()
    }
    rows = []
    for language in languages[:MOST_LANGUAGES]:
        for row in _stored(cells.get(language), task, language):
            fields, gold = [], ""
            if spec is not None and shows:
                named = [(name, str(row[name])) for name in spec.fields if name in row]
                fields = [(name, inert(readable(text, spec.kind), 400)) for name, text in named]
                gold = inert(readable(str(row.get("gold", "")), spec.kind), 200)
            rows.append({"language": language, "id": inert(row["id"], 80), "fields": fields, "gold": gold})
    return {"rows": rows, "shows_texts": shows, "left_out": max(0, len(languages) - MOST_LANGUAGES)}


def _stored(cell: StoredCell | None, task: str, language: str) -> list[dict[str, Any]]:
    content = cell.record.pair(task, language).examples if cell else ""
    try:
        return cell.store.examples(content).head(SHOWN_INPUTS).to_dict("records") if cell and content else []
    except XbenchError:
        return []

"""The home page: all systems in one table, ranked within their groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from xbench.analysis.systems import TaskScores
from xbench.languages import facts
from xbench.site.collect import Group, Realm, System, deviation
from xbench.site.ranking import Ranking
from xbench.site.survey import Survey
from xbench.site.text import DASH, bytes_text, count_text, order, seconds_text, value
from xbench.site.writing import Writer, rounded, script_json

if TYPE_CHECKING:
    import pandas

RANK_RULE = (
    "Within a group (same data, backbone, train size, setting and source) systems are ordered by their mean over "
    "target languages. A system shares the rank of the best system before it from which it is not told apart: the 95 % "
    "interval of their paired difference over seeds, languages and examples, the headline of xbench compare, holds 0 "
    "(one pair at a time, not corrected for the number of pairs). Systems without the usual tasks, languages or seeds, "
    "or with bad rows skipped, have no rank. Mean rank: the average over all blocks of a task and a target language, "
    "1 the best."
)


@dataclass(frozen=True)
class Column:
    """A column of the board: what it is called, what it says, and whether high numbers come first when sorting."""

    name: str
    text: str
    says: str
    is_text: bool = False
    high_first: bool = False


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and what it is sorted by."""

    text: str
    order: str = ""
    spread: str = ""
    below: str = ""
    title: str = ""
    is_text: bool = False


def write_home(writer: Writer, survey: Survey) -> None:
    """Writes `index.html` of a realm, and the data behind it."""
    from xbench.site.downloads import write_frame
    from xbench.site.published_rows import published_rows

    realm = survey.realm
    columns = _columns(realm)
    ordered = [system for group in realm.groups for system in _in_order(group, survey.rankings[group.letter])]
    rows = [_row(system, survey, columns) for system in ordered]
    published = [] if realm.is_sample else published_rows(realm, columns)
    many = len(realm.groups) > 1
    writer.page(
        "index.html",
        "home.html",
        "Systems",
        lead=_lead(realm),
        filters=_filters(realm),
        columns=columns,
        rows=rows,
        published=published,
        many_groups=many,
        caption=_caption(many),
        legend=[(column.text, column.says) for column in columns],
        rank_rule=RANK_RULE,
        groups=[_group(group, survey.rankings[group.letter]) for group in realm.groups],
        values=script_json(_values(survey, published)),
    )
    write_frame(writer, "downloads/systems", systems_frame(survey))
    write_frame(writer, "downloads/results", realm.results.to_pandas())


def write_empty(writer: Writer) -> None:
    """The home page of a store without results."""
    writer.page("index.html", "home.html", "Systems", rows=[], published=[], many_groups=False)


def systems_frame(survey: Survey) -> pandas.DataFrame:
    """One row a system and task, with intervals and ranks; values are fractions."""
    import pandas

    rows = []
    for system in survey.realm.systems:
        for task, part in system.tasks.items():
            found, ranking = survey.findings[system.key, task], survey.rankings[system.group][task]
            interval, gap = found.interval, found.gap
            rows.append(
                {
                    "group": system.group,
                    "system": system.label,
                    **system.conditions._asdict(),
                    "task": task,
                    "metric": part.scores.metric,
                    "targets": part.transfer.targets,
                    "targets_low": interval and interval.low,
                    "targets_high": interval and interval.high,
                    "targets_seed_deviation": part.spread,
                    "source_value": part.transfer.source,
                    "gap": part.transfer.gap,
                    "gap_low": gap and gap.low,
                    "gap_high": gap and gap.high,
                    "rank": ranking.ranks.get(system.label),
                    "mean_rank": ranking.mean_ranks.get(system.label),
                    "seeds": len(part.scores.seeds),
                    "target_languages": len(part.scores.targets),
                    **_cost(system),
                }
            )
    return pandas.DataFrame(rows)


def _lead(realm: Realm) -> str:
    cells = len({cell.record.id for cell in realm.results})
    languages, tasks, systems = realm.languages(), realm.tasks, realm.systems
    return (
        f"{_many(len(systems), 'system')} on {_many(len(tasks), 'task')} in {_many(len(languages), 'language')}, from "
        f"{_many(cells, 'cell')}: trained on the source language, tested on all."
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _caption(many: bool) -> str:
    ranked = " Ranks are within a group (its letter stands beside the name)." if many else ""
    return f"Values times 100: mean ± standard deviation over seeds, 95 % interval below.{ranked}"


def _columns(realm: Realm) -> list[Column]:
    columns = [
        Column("system", "System", "The method, with its variant; the link leads to all about it.", is_text=True),
        Column("rank", "Rank", "Rank within the group; = marks systems that share it, being statistically tied."),
        Column("mean-rank", "Mean rank", "Average rank over the group's blocks of a task and a target language."),
        Column(
            "targets",
            "Targets",
            "Mean over target languages (tasks averaged within a language first), ± standard deviation over seeds.",
            high_first=True,
        ),
        Column("source", "Source", "Mean in the source language, tasks weighted as in Targets.", high_first=True),
        Column("gap", "Gap", "Source - targets, in points: what is lost on the way to other languages."),
    ]
    if len(realm.tasks) > 1:
        columns += [
            Column(
                f"task-{task}",
                task,
                f"{task}: mean over target languages, ± standard deviation over seeds, 95 % interval over seeds, "
                "languages and examples below.",
                high_first=True,
            )
            for task in realm.tasks
        ]
    return [
        *columns,
        Column("model", "Backbone", "The pretrained model that was adapted.", is_text=True),
        Column("shots", "Train size", "Training examples: per class where it is a number alone."),
        Column("setting", "Setting", "What was trained on: zero-shot is the source language only.", is_text=True),
        Column("parameters", "Trained", "Parameters that were trained, and their share of all."),
        Column("stored", "Size", "What has to be stored per trained system."),
        Column("time", "Time", "Mean training time of a cell, on the machine it ran on."),
        Column("seeds", "Seeds", "Seeds that every task was run with."),
    ]


def _filters(realm: Realm) -> list[dict[str, Any]]:
    about = [system.conditions for system in realm.systems]
    languages = realm.languages()
    choices: dict[str, tuple[str, Sequence[str]]] = {
        "task": ("Task", realm.tasks),
        "language": ("Language", languages),
        "family": ("Family", sorted({family(language) for language in languages})),
        "method": ("Method", sorted({system.method for system in realm.systems})),
        "model": ("Backbone", sorted({one.model for one in about})),
        "shots": ("Train size", list(dict.fromkeys(one.shots for one in about))),
        "setting": ("Setting", sorted({one.setting for one in about})),
        "data": ("Data", sorted({one.data for one in about})),
    }
    named = {language: facts(language).name for language in languages}
    return [
        {
            "name": name,
            "label": label,
            "choices": [
                {"value": entry, "text": f"{entry} {named[entry]}".strip() if name == "language" else entry}
                for entry in entries
            ],
        }
        for name, (label, entries) in choices.items()
        if len(entries) > 1
    ]


def family(language: str) -> str:
    """A language's family, Indo-European by branch, as papers group them."""
    return facts(language).group or "unknown"


def _in_order(group: Group, rankings: Mapping[str, Ranking]) -> Iterator[System]:
    ranked = rankings[""].order
    systems = {system.label: system for system in group.systems}
    yield from (systems[label] for label in ranked)
    yield from (system for label, system in systems.items() if label not in ranked)


def rank_text(ranking: Ranking, label: str) -> str:
    """The rank, with = where it is shared; a dash where there is none."""
    if label not in ranking.ranks:
        return DASH
    return f"{'=' if ranking.tied(label) else ''}{ranking.ranks[label]}"


def _row(system: System, survey: Survey, columns: Sequence[Column]) -> dict[str, Any]:
    ranking = survey.rankings[system.group][""]
    about = system.conditions
    return {
        "key": system.key,
        "label": system.label,
        "group": system.group,
        "method": system.method,
        "model": about.model,
        "shots": about.shots,
        "setting": about.setting,
        "data": about.data,
        "where": survey.group(system.group).title,
        "cells": [_cell(column.name, system, survey, ranking) for column in columns[1:]],
    }


def _cell(name: str, system: System, survey: Survey, ranking: Ranking) -> Cell:
    if name.startswith("task-"):
        return _task_cell(system, name.removeprefix("task-"), survey)
    about, cost = system.conditions, _cost(system)
    targets, source, spread = overall(system)
    gap = None if targets is None or source is None else source - targets
    place, rank = survey.place(system.group), ranking.ranks.get(system.label)
    alone = survey.findings[system.key, next(iter(system.tasks))].interval if len(survey.realm.tasks) == 1 else None
    cells = {
        "rank": lambda: Cell(
            rank_text(ranking, system.label),
            "" if rank is None else str(place * 1000 + rank),
            title=ranking.left_out.get(system.label, ""),
        ),
        "mean-rank": lambda: (
            Cell(f"{ranking.mean_ranks[system.label]:.2f}", f"{ranking.mean_ranks[system.label]:.6g}")
            if system.label in ranking.mean_ranks
            else Cell(DASH)
        ),
        "targets": lambda: Cell(value(targets), order(targets), _plus_minus(spread), _bounds(alone)),
        "source": lambda: Cell(value(source), order(source)),
        "gap": lambda: Cell(value(gap, "+"), order(gap)),
        "model": lambda: Cell(about.model, is_text=True),
        "shots": lambda: Cell(about.shots),
        "setting": lambda: Cell(about.setting, is_text=True),
        "parameters": lambda: Cell(
            count_text(cost["trained_parameters"]), str(cost["trained_parameters"]), below=_share(cost)
        ),
        "stored": lambda: Cell(bytes_text(cost["stored_bytes"]), str(cost["stored_bytes"])),
        "time": lambda: Cell(seconds_text(cost["train_seconds"]), order(cost["train_seconds"])),
        "seeds": lambda: Cell(str(cost["seeds"]), str(cost["seeds"])),
    }
    return cells[name]()


def _task_cell(system: System, task: str, survey: Survey) -> Cell:
    part = system.tasks.get(task)
    if part is None or part.transfer.targets is None:
        return Cell(DASH, title=f"not measured on {task}")
    targets = part.transfer.targets
    interval = survey.findings[system.key, task].interval
    return Cell(value(targets), order(targets), _plus_minus(part.spread), _bounds(interval), title=part.scores.metric)


def _plus_minus(spread: float | None) -> str:
    return "" if spread is None else f"±{value(spread)}"


def _bounds(interval: Any) -> str:
    return "" if interval is None else f"{value(interval.low)} to {value(interval.high)}"


def _share(cost: Mapping[str, Any]) -> str:
    total = cost["total_parameters"]
    return f"{100 * cost['trained_parameters'] / total:.3g} %" if total else ""


def overall(system: System) -> tuple[float | None, float | None, float | None]:
    """(mean over target languages, the source to set it against, deviation over seeds of the former).

    Tasks are averaged within a language first, as in `xbench compare`; the source is averaged over the same pairs of
    task and language, so that both differ by the gap alone and not by the weight of tasks. Seeds that every task has
    take part.
    """
    parts = [part.scores for part in system.tasks.values()]
    seeds = [seed for seed in parts[0].seeds if all(seed in part.seeds for part in parts)]
    targets = [_over_languages(parts, seed, of_source=False) for seed in seeds]
    sources = [_over_languages(parts, seed, of_source=True) for seed in seeds]
    return _mean(targets), _mean(sources), deviation(targets)


def _over_languages(parts: Sequence[TaskScores], seed: int, *, of_source: bool) -> float | None:
    languages: dict[str, list[float]] = {}
    for part in parts:
        if of_source and part.source not in part.languages:
            return None
        for language in part.targets:
            chosen = part.source if of_source else language
            languages.setdefault(language, []).append(float(part.columns([chosen], [seed])[0, 0]))
    return float(numpy.mean([numpy.mean(values) for values in languages.values()])) if languages else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return float(numpy.mean(known)) if known else None


def _cost(system: System) -> dict[str, Any]:
    records = system.records
    seeds = set.intersection(*(set(part.scores.seeds) for part in system.tasks.values()))
    return {
        "trained_parameters": max(record.trainable_parameters for record in records),
        "total_parameters": max(record.total_parameters for record in records),
        "stored_bytes": max(record.stored_bytes for record in records),
        "train_seconds": float(numpy.mean([record.train_seconds for record in records])),
        "seeds": len(seeds),
    }


def _group(group: Group, rankings: Mapping[str, Ranking]) -> dict[str, Any]:
    from xbench.report.comparison import rank_note

    ranking = rankings[""]
    note = f"{_many(len(ranking.ranks), 'system')} ranked over {_many(ranking.blocks, 'block')}."
    if ranking.test:
        note += f" Mean ranks: {rank_note(ranking.test)}"
    if ranking.left_out:
        note += " Not ranked: " + "; ".join(f"{label} ({why})" for label, why in ranking.left_out.items()) + "."
    return {"letter": group.letter, "title": group.title, "note": note}


def _values(survey: Survey, published: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the page's script computes means over chosen languages from."""
    realm = survey.realm
    systems = {}
    for system in realm.systems:
        rankings = survey.rankings[system.group]
        tasks = {
            task: {
                "seeds": part.scores.seeds,
                "source": part.scores.source,
                "languages": part.scores.languages,
                "values": [[rounded(entry) for entry in line] for line in part.scores.values.tolist()],
            }
            for task, part in system.tasks.items()
        }
        ranks = {
            task: {
                "text": rank_text(rankings[task], system.label),
                "mean": rounded(mean),
                "order": survey.place(system.group) * 1000 + rankings[task].ranks[system.label],
            }
            for task in system.tasks
            if (mean := rankings[task].mean_ranks.get(system.label)) is not None
        }
        systems[system.key] = {"tasks": tasks, "ranks": ranks}
    for row in published:
        scores = row["scores"]
        values = [[rounded(score) for score in scores.values()]]
        task = {"seeds": [0], "source": row["task_source"], "languages": list(scores), "values": values}
        systems[row["key"]] = {"tasks": {row["task"]: task}, "ranks": {}}
    printed = {language for row in published for language in row["scores"]}
    families = {language: family(language) for language in sorted({*realm.languages(), *printed})}
    return {"families": families, "tasks": dict.fromkeys(realm.tasks, 1), "systems": systems}

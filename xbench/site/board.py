"""The board: a row a system, a column each for what is said of all tasks, for every task, and for what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from xbench.languages import facts
from xbench.report.adapted import MARK
from xbench.site.collect import Realm, System
from xbench.site.columns import Axis, Cell, Column, bounds, plus_minus
from xbench.site.overall import Mean, Overall, overall
from xbench.site.ranking import Ranking
from xbench.site.survey import Survey
from xbench.site.text import DASH, bytes_text, count_text, order, seconds_text, value

TARGETS = (
    "Mean over target languages (tasks averaged within a language first), ± standard deviation over seeds. Below it "
    "the 95 % interval over seeds, languages and examples, and both drawn, on one line for the whole column."
)
GAP = "Source - targets, in points: what is lost on the way to other languages; ± and interval as for Targets."


def family(language: str) -> str:
    """A language's family, Indo-European by branch, as papers group them."""
    return facts(language).group or "unknown"


def rank_text(ranking: Ranking, label: str) -> str:
    """The rank, with = where it is shared; a dash where there is none."""
    if label not in ranking.ranks:
        return DASH
    return f"{'=' if ranking.tied(label) else ''}{ranking.ranks[label]}"


def is_adapted(system: System) -> bool:
    """Whether it has a model for each target language, on some task."""
    return any(part.scores.adapted_to for part in system.tasks.values())


def board_columns(realm: Realm) -> list[Column]:
    """The columns, what matters most on a narrow screen first."""
    columns = [
        Column("system", "System", "The method, with its variant; the link leads to all about it.", is_text=True),
        Column("rank", "Rank", "Rank within the group; = marks systems that share it, being statistically tied."),
        Column("targets", "Targets", TARGETS, high_first=True),
        Column("gap", "Gap", GAP + (f" {MARK} of adapted models." if any(map(is_adapted, realm.systems)) else "")),
        Column(
            "source",
            "Source",
            "Mean in the source language, tasks weighted as in Targets, ± standard deviation over seeds.",
            high_first=True,
        ),
        Column("mean-rank", "Mean rank", "Average rank over the group's blocks of a task and a target language."),
    ]
    if len(realm.tasks) > 1:
        columns += [Column(f"task-{task}", task, f"Targets of {task} alone.", high_first=True) for task in realm.tasks]
    return [
        *columns,
        Column("model", "Backbone", "The pretrained model that was adapted.", is_text=True),
        Column("shots", "Train size", "Training examples: per class where it is a number alone.", is_text=True),
        Column("setting", "Setting", "What was trained on: zero-shot is the source language only.", is_text=True),
        Column(
            "parameters",
            "Trained",
            "Parameters that were trained, those of all stages together, and below it their share of the model's: over "
            "100 % where several stages train it.",
        ),
        Column("stored", "Size", "What has to be stored per trained system."),
        Column("time", "Time", "Mean training time of a cell, on the machine it ran on."),
        Column("seeds", "Seeds", "Seeds that every task was run with."),
    ]


@dataclass(frozen=True)
class Board:
    """The rows of a realm's systems."""

    survey: Survey
    columns: Sequence[Column]

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row a system, group by group in the order of ranks, as the page's template takes it."""
        for group in self.survey.realm.groups:
            for system in self.survey.ordered(group):
                about = system.conditions
                yield {
                    "key": system.key,
                    "label": system.label,
                    "group": system.group,
                    "method": system.method,
                    "model": about.model,
                    "shots": about.shots,
                    "setting": about.setting,
                    "data": about.data,
                    "where": group.title,
                    "cells": [self._cell(column.name, system) for column in self.columns[1:]],
                }

    @cached_property
    def overall(self) -> Mapping[str, Overall]:
        """Each system's means over all its tasks, by key."""
        return {
            system.key: overall(system, {task: self.survey.findings[system.key, task] for task in system.tasks})
            for system in self.survey.realm.systems
        }

    @cached_property
    def _axes(self) -> dict[str, Axis]:
        """The line of each column that has means."""
        realm, findings = self.survey.realm, self.survey.findings
        means = {
            "targets": [one.targets for one in self.overall.values()],
            "gap": [one.gap for one in self.overall.values()],
        }
        for task in realm.tasks:
            own = [system for system in realm.systems if task in system.tasks]
            means[f"task-{task}"] = [
                Mean(one.tasks[task].transfer.targets, None, findings[one.key, task].interval) for one in own
            ]
        return {
            name: Axis.over((one.value for one in several), (one.interval for one in several))
            for name, several in means.items()
        }

    def _cell(self, name: str, system: System) -> Cell:
        if name.startswith("task-"):
            task = name.removeprefix("task-")
            part = system.tasks.get(task)
            if part is None:
                return Cell(DASH, title=f"not measured on {task}")
            mean = Mean(part.transfer.targets, part.spread, self.survey.findings[system.key, task].interval)
            return self._mean(name, mean, title=part.scores.metric)
        if name in ("targets", "gap", "source"):
            mark = MARK if name == "gap" and is_adapted(system) else ""
            return self._mean(name, getattr(self.overall[system.key], name), "+" if name == "gap" else "", mark)
        if name in ("rank", "mean-rank"):
            return self._rank(name, system)
        about = system.conditions
        texts = {"model": about.model, "shots": about.shots, "setting": about.setting}
        return Cell(texts[name], is_text=True) if name in texts else _cost_cell(name, cost(system))

    def _mean(self, name: str, mean: Mean, sign: str = "", mark: str = "", title: str = "") -> Cell:
        text = value(mean.value, sign) + (mark if mean.value is not None else "")
        found = mean.interval
        drawn = self._axes[name].mean(mean.value, found) if name in self._axes else None
        return Cell(text, order(mean.value), plus_minus(mean.spread), bounds(found, sign), title, range=drawn)

    def _rank(self, name: str, system: System) -> Cell:
        ranking = self.survey.rankings[system.group][""]
        if system.label not in ranking.ranks:
            return Cell(DASH, title=ranking.left_out.get(system.label, ""))
        if name == "mean-rank":
            mean = ranking.mean_ranks[system.label]
            return Cell(f"{mean:.2f}", f"{mean:.6g}")
        return Cell(rank_text(ranking, system.label), rank_order(self.survey, system, ranking))


def rank_order(survey: Survey, system: System, ranking: Ranking) -> str:
    """What a rank is sorted by, group after group; "" where there is none."""
    rank = ranking.ranks.get(system.label)
    return "" if rank is None else str(survey.place(system.group) * 1000 + rank)


def cost(system: System) -> dict[str, Any]:
    """What a system costs: the largest of its cells in parameters and bytes, the mean time, its common seeds."""
    records = system.records
    seeds = set.intersection(*(set(part.scores.seeds) for part in system.tasks.values()))
    return {
        "trained_parameters": max(record.trainable_parameters for record in records),
        "total_parameters": max(record.total_parameters for record in records),
        "stored_bytes": max(record.stored_bytes for record in records),
        "train_seconds": float(numpy.mean([record.train_seconds for record in records])),
        "seeds": len(seeds),
    }


def _cost_cell(name: str, costs: Mapping[str, Any]) -> Cell:
    trained, total, seconds = costs["trained_parameters"], costs["total_parameters"], costs["train_seconds"]
    share = f"{100 * trained / total:.3g} %" if total else ""
    return {
        "parameters": Cell(count_text(trained), str(trained), below=share),
        "stored": Cell(bytes_text(costs["stored_bytes"]), str(costs["stored_bytes"])),
        "time": Cell(seconds_text(seconds), order(seconds)),
        "seeds": Cell(str(costs["seeds"]), str(costs["seeds"])),
    }[name]

"""Systems side by side: which numbers belong to one system, and which systems may be compared.

A method that trains once per target language has a cell, and so a model, for each of them. Its system's score in a
target language is that of the model adapted to it; its score in the source is the mean, over the target languages, of
what the model of each scores there. Its gap is so the mean of the models' own gaps, marked as one of adapted models.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

import numpy

from xbench.analysis.results import Results, StoredCell, natural_key
from xbench.store import CellRecord, PredictionRecord


class Conditions(NamedTuple):
    """What two numbers must share to be compared: never across data, backbones, train sizes or settings."""

    data: str
    model: str
    profile: str
    setting: str
    shots: str
    source: str
    limit: int | None

    @classmethod
    def of(cls, record: CellRecord) -> Conditions:
        return cls(*(getattr(record, name) for name in cls._fields))


@dataclass(frozen=True)
class TaskScores:
    """One system on one task: its headline metric per seed and language, and where its predictions are.

    `values` [seeds, languages] are fractions; only seeds that have every language take part (all the languages
    that any seed has, or, where no seed has them all, those that every seed has). `dropped` names what was left out.
    `models` has the cells whose mean a value is, where they are several: of adapted models in the source, one entry for
    each target language. `cells` then has the first of them, which stands for all where only one can be shown.
    """

    task: str
    metric: str
    label: str
    system: str
    source: str
    seeds: tuple[int, ...]
    languages: tuple[str, ...]
    values: numpy.ndarray
    cells: Mapping[tuple[int, str], StoredCell]
    skipped_rows: int = 0
    dropped: str = ""
    models: Mapping[tuple[int, str], tuple[StoredCell, ...]] = field(default_factory=dict)

    @property
    def adapted_to(self) -> tuple[str, ...]:
        """The languages that models of this system were adapted to; none for one model that serves all languages."""
        models = [*self.cells.values(), *(model for several in self.models.values() for model in several)]
        return tuple(sorted({model.record.adapted_to for model in models} - {""}))

    def models_of(self, seed: int, language: str) -> tuple[StoredCell, ...]:
        """The cells whose mean the value of a seed and language is."""
        return self.models.get((seed, language)) or (self.cells[seed, language],)

    def source_model(self, seed: int, target: str) -> StoredCell | None:
        """The cell whose score in the source a target's gap is from: that of the target's model; None without one."""
        adapted_to = self.cells[seed, target].record.adapted_to
        if (seed, self.source) not in self.cells:
            return None
        models = self.models_of(seed, self.source)
        return next((model for model in models if model.record.adapted_to == adapted_to), None)

    def source_values(self, target: str) -> numpy.ndarray:
        """What the model of a target scores in the source [seeds]; the system's score where it was not tested there."""
        values = self.columns([self.source])[:, 0].copy()
        for at, seed in enumerate(self.seeds):
            if model := self.source_model(seed, target):
                values[at] = model.record.pair(self.task, self.source).metrics[self.metric]
        return values

    @property
    def source_by_model(self) -> dict[str, float]:
        """The source's score, seeds averaged, by the language adapted to ("" for the model adapted to none)."""
        found: dict[str, dict[int, float]] = {}
        for seed in self.seeds if self.source in self.languages else ():
            for model in self.models_of(seed, self.source):
                value = model.record.pair(self.task, self.source).metrics[self.metric]
                found.setdefault(model.record.adapted_to, {})[seed] = value
        return {name: float(numpy.mean(list(values.values()))) for name, values in sorted(found.items())}

    @property
    def targets(self) -> tuple[str, ...]:
        """The languages but the source."""
        return tuple(language for language in self.languages if language != self.source)

    def counted(self, what: str) -> int:
        """How many predictions are `invalid`, or were made from inputs `shortened` or with `empty_fields`."""
        return sum(getattr(pair, what) for pair in self.pairs.values())

    @property
    def pairs(self) -> dict[tuple[int, str], PredictionRecord]:
        """The records by seed and language."""
        return {(seed, name): cell.record.pair(self.task, name) for (seed, name), cell in self.cells.items()}

    def columns(self, languages: Iterable[str], seeds: Iterable[int] | None = None) -> numpy.ndarray:
        """The values [seeds, languages] of some languages, and of some seeds."""
        values = self.values[:, [self.languages.index(language) for language in languages]]
        return values if seeds is None else values[[self.seeds.index(seed) for seed in seeds]]


def conditions(results: Results) -> dict[Conditions, Results]:
    """The results, apart for each set of conditions, in a fixed order."""
    groups: dict[Conditions, list[StoredCell]] = {}
    for cell in results:
        groups.setdefault(Conditions.of(cell.record), []).append(cell)
    order = sorted(groups, key=lambda group: tuple(natural_key(value) for value in group))
    return {group: Results(tuple(groups[group])) for group in order}


def task_scores(results: Results) -> dict[str, list[TaskScores]]:
    """For each task the scores of each system on it, by label. For results of one set of conditions."""
    found: dict[tuple[str, str], dict[tuple[int, str, str], StoredCell]] = {}
    for cell in results:
        for pair in cell.record.predictions:
            cells = found.setdefault((pair.task, cell.record.system), {})
            key = cell.record.seed, pair.language, cell.record.adapted_to
            cells[key] = _newer(cells.get(key), cell)
    scores: dict[str, list[TaskScores]] = {}
    for (task, _), cells in sorted(found.items()):
        metric = _headline(task, cells)
        if kept := {key: cell for key, cell in cells.items() if _measured(cell, task, key[1], metric)}:
            scores.setdefault(task, []).append(_scores(task, metric, kept))
    repeated = {label for systems in scores.values() for label in _repeated(systems)}
    return {
        task: sorted(_told_apart(systems, repeated), key=lambda one: natural_key(one.label))
        for task, systems in scores.items()
    }


@cache
def _tell_left_out(older: str, newer: str, what: str) -> None:
    """Says it once, however many languages the cells have."""
    print(f"Left out: cell {older}, which measures the system and seed of the newer {newer} ({what}).", file=sys.stderr)


def _newer(first: StoredCell | None, second: StoredCell) -> StoredCell:
    """The cell made last, of two that are one system and seed; the other is named on stderr."""
    if first is None:
        return second
    older, newer = sorted((first, second), key=lambda cell: (cell.record.created, cell.record.id))
    _tell_left_out(older.record.id, newer.record.id, f"{newer.record.label}, seed {newer.record.seed}")
    return newer


def _scores(task: str, metric: str, found: Mapping[tuple[int, str, str], StoredCell]) -> TaskScores:
    record = next(iter(found.values())).record
    seeds, languages, dropped = complete_block({(seed, language) for seed, language, _ in found})
    models = _models(found, record.source, languages)
    scored = {
        (seed, name): numpy.mean([model.record.pair(task, name).metrics[metric] for model in several])
        for (seed, name), several in models.items()
    }
    values = [[scored[seed, name] for name in languages] for seed in seeds]
    return TaskScores(
        task=task,
        metric=metric,
        label=record.label,
        system=record.system,
        source=record.source,
        seeds=seeds,
        languages=languages,
        values=numpy.array(values, dtype=float).reshape(len(seeds), len(languages)),
        cells={key: several[0] for key, several in models.items()},
        skipped_rows=max(cell.record.skipped_rows for cell in found.values()),
        dropped=dropped,
        models={key: several for key, several in models.items() if len(several) > 1},
    )


def _headline(task: str, found: Mapping[tuple[int, str, str], StoredCell]) -> str:
    """The headline metric of the cell made last."""
    key, cell = max(found.items(), key=lambda one: (one[1].record.created, one[1].record.id))
    return cell.record.pair(task, key[1]).headline


def _measured(cell: StoredCell, task: str, language: str, metric: str) -> bool:
    """Whether a cell has a number for the metric in a language; one that has none is named on stderr."""
    record = cell.record
    has = not numpy.isnan(record.pair(task, language).metrics.get(metric, numpy.nan))
    if not has:
        _tell_without(record.id, f"{record.label}, seed {record.seed}", task, language, metric)
    return has


@cache
def _tell_without(cell: str, what: str, task: str, language: str, metric: str) -> None:
    print(
        f"Left out: {task} in {language} of cell {cell} ({what}), which has no {metric} as newer cells have; "
        "`xbench score` computes metrics again.",
        file=sys.stderr,
    )


def _models(
    found: Mapping[tuple[int, str, str], StoredCell], source: str, languages: Iterable[str]
) -> dict[tuple[int, str], tuple[StoredCell, ...]]:
    """The models behind each seed and language: the one adapted to it, else the one adapted to none.

    In the source, those that serve the target languages, once for each.
    """
    serving: dict[tuple[int, str], list[tuple[int, str, StoredCell]]] = {}
    for (seed, language, adapted_to), cell in found.items():
        order = (language, "").index(adapted_to) if adapted_to in (language, "") else 2
        serving.setdefault((seed, language), []).append((order, adapted_to, cell))
    models: dict[tuple[int, str], tuple[StoredCell, ...]]
    models = {key: (min(several, key=lambda one: one[:2])[2],) for key, several in serving.items()}
    for seed in {seed for seed, language in models if language == source}:
        targets = [models[seed, name][0] for name in languages if name != source and (seed, name) in models]
        keys = [(seed, source, model.record.adapted_to) for model in targets]
        of_targets = tuple(found[key] for key in keys if key in found)
        if of_targets:
            models[seed, source] = of_targets if len(set(keys)) > 1 else of_targets[:1]
    return models


def complete_block(measured: Iterable[tuple[int, str]]) -> tuple[tuple[int, ...], tuple[str, ...], str]:
    """(seeds, languages, what was left out in words): a block of seeds by languages without holes."""
    measured = set(measured)
    seeds = sorted({seed for seed, _ in measured})
    languages = sorted({language for _, language in measured})
    counts = Counter(seed for seed, _ in measured)
    whole = [seed for seed in seeds if counts[seed] == len(languages)]
    if whole:
        left_out = [f"seed {seed}" for seed in seeds if seed not in whole]
        return tuple(whole), tuple(languages), ", ".join(left_out)
    common = [language for language in languages if all((seed, language) in measured for seed in seeds)]
    left_out = [language for language in languages if language not in common]
    return tuple(seeds), tuple(common), ", ".join(left_out)


def _repeated(systems: Iterable[TaskScores]) -> list[str]:
    """The labels that several systems of one task have."""
    return [label for label, count in Counter(system.label for system in systems).items() if count > 1]


def _told_apart(systems: Iterable[TaskScores], labels: Collection[str]) -> list[TaskScores]:
    """Systems of these labels get the head of their system's id behind it: they differ in a setting."""
    return [replace(one, label=f"{one.label} ({one.system[:6]})") if one.label in labels else one for one in systems]

"""A system's page: how it was made, what it scored, how it learnt, how sure it is, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy

from xbench.languages import facts
from xbench.report.adapted import FOOTNOTE, MARK, adapted_note
from xbench.site.board import family, rank_text
from xbench.site.collect import OnTask, System, deviation
from xbench.site.columns import Column
from xbench.site.findings import SystemFindings
from xbench.site.overall import overall
from xbench.site.survey import Survey
from xbench.site.text import many
from xbench.site.workers import Workers
from xbench.site.writing import Writer, plain

if TYPE_CHECKING:
    from xbench.diagnosis.calibration import Calibration
    from xbench.store import CellRecord

MOST_IDS = 200
CHUNK = 12  # systems that one process draws at a time
CURVES = "Score on the dev set, times 100 (a dot at the step that was kept), and training loss, by step and seed."

CALIBRATION = (
    Column("language", "Language", is_text=True),
    Column("task", "Task", is_text=True),
    Column("confidence", "Confidence", "Mean probability given to the answer, times 100."),
    Column("accuracy", "Accuracy", "Share of right answers, times 100."),
    Column("ece", "ECE", "Mean distance of confidence and accuracy over 15 bins (Guo et al. 2017), times 100."),
    Column("by-chance", "ECE if calibrated", "What a calibrated system of the same confidences shows by chance."),
)
COST = (
    Column("cell", "Cell", "The folder of the cell in the run store.", is_text=True),
    Column("tasks", "Tasks", "What the cell was tested on.", is_text=True),
    Column("seed", "Seed", "Of the training examples, and of the start of training."),
    Column("trained", "Trained", "Parameters that were trained."),
    Column("size", "Size", "Bytes that have to be stored for the trained system."),
    Column("steps", "Steps (kept)", "Training steps, and the one whose weights were kept."),
    Column("train", "Training", "Time of all training stages, those shared with other cells included."),
    Column("predict", "Prediction", "Time of prediction on all tasks and languages."),
    Column("speed", "Tokens/s", "Tokens per second in training."),
    Column("memory", "Peak memory", "The most memory that training took."),
)

Curves = Mapping[str, Mapping[int, tuple[Any, int]]]


def system_place(system: System) -> str:
    """The page of a system."""
    return f"systems/{system.key}.html"


def begin_figures(survey: Survey, workers: Workers) -> Iterator[tuple[str, str]]:
    """Sets the processes to draw; gives the two figures of each system of the realm, in order."""
    drawn = [(_curves(system), _calibrations(system, survey)) for system in survey.realm.systems]
    parts = [drawn[start : start + CHUNK] for start in range(0, len(drawn), CHUNK)]
    return chain.from_iterable(workers.begin(draw, parts))


def write_systems(
    writer: Writer,
    survey: Survey,
    links: Mapping[str, list[tuple[str, str]]],
    examples: Mapping[tuple[str, str, str], str],
    figures: Iterator[tuple[str, str]],
) -> None:
    """Writes a page for each system, with its `figures` as they come.

    `links` has the comparisons of each, (whom with, page), by key; `examples` the page of the answers of (key, task,
    language).
    """
    for system, (curves, reliability) in zip(survey.realm.systems, figures, strict=True):
        write_system(writer, survey, system, links.get(system.key, []), examples, curves, reliability)


def write_system(
    writer: Writer,
    survey: Survey,
    system: System,
    comparisons: list[tuple[str, str]],
    examples: Mapping[tuple[str, str, str], str],
    curves: str,
    reliability: str,
) -> None:
    """Writes one system's page, with its two figures ("" for none)."""
    records = system.records
    first = records[0]
    findings = {task: survey.findings[system.key, task] for task in system.tasks}
    ranking = survey.rankings[system.group][""]
    writer.page(
        system_place(system),
        "system.html",
        system.label,
        system=system,
        group=survey.group(system.group),
        rank=rank_text(ranking, system.label),
        ranked=len(ranking.ranks),
        not_ranked=ranking.left_out.get(system.label, ""),
        overall=overall(system, findings),
        adapted=[note for part in system.tasks.values() if (note := adapted_note(part.scores))],
        mark=MARK,
        footnote=FOOTNOTE,
        settings=[(key, _setting(entry)) for key, entry in plain(first.settings).items()],
        about=_about(records),
        commands=list(dict.fromkeys(record.command for record in records if record.command)),
        tasks=[_task(part, findings[task], survey, system) for task, part in system.tasks.items()],
        curves={"svg": curves, "caption": CURVES} if curves else None,
        calibration=_calibration(_calibrations(system, survey), reliability),
        cost=[_cost(record) for record in records],
        cost_columns=COST,
        calibration_columns=CALIBRATION,
        samples=[_samples(record) for record in records if record.train_ids],
        comparisons=comparisons,
        examples=examples,
    )


def _setting(entry: Any) -> str:
    return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)


def _about(records: Sequence[CellRecord]) -> list[tuple[str, str]]:
    record = records[0]
    trained = {each.train_tasks for each in records}
    return [
        ("method", record.label),
        ("formulation", record.formulation),
        ("backbone", f"{record.model} ({record.model_hash})" if record.model_hash else record.model),
        ("data", record.data),
        ("profile", record.profile),
        ("setting", record.setting),
        ("trained on", ", ".join(record.train_tasks) if len(trained) == 1 else "each task by itself"),
        ("train size", record.shots),
        ("source language", record.source),
        ("device", ", ".join(filter(None, (record.device, record.precision)))),
        ("processes", f"{many(record.world_size, 'process', 'es')} of {many(record.threads, 'thread')}"),
        ("versions", ", ".join(f"{name} {version}" for name, version in record.versions.items())),
    ]


def _task(part: OnTask, found: SystemFindings, survey: Survey, system: System) -> dict[str, Any]:
    scores = part.scores
    ordered = sorted(scores.languages, key=lambda language: (language != scores.source, family(language), language))
    rows = []
    for language in ordered:
        seeds = [float(value) for value in scores.columns([language])[:, 0]]
        pairs = [pair for (_, name), pair in scores.pairs.items() if name == language]
        rows.append(
            {
                "language": language,
                "name": facts(language).name,
                "family": family(language),
                "is_source": language == scores.source,
                "mean": sum(seeds) / len(seeds),
                "spread": deviation(seeds),
                "seeds": seeds,
                "invalid": sum(pair.invalid for pair in pairs),
                "others": _others(pairs, scores.metric),
            }
        )
    ranking = survey.rankings[system.group][scores.task]
    return {
        "task": scores.task,
        "metric": scores.metric,
        "seeds": scores.seeds,
        "rows": rows,
        "findings": found,
        "transfer": part.transfer,
        "spread": part.spread,
        "dropped": scores.dropped,
        "skipped": scores.skipped_rows,
        "rank": rank_text(ranking, system.label),
        "ranked": len(ranking.ranks),
        "counted": {what: scores.counted(what) for what in ("invalid", "shortened", "empty_fields")},
        "columns": _columns(scores.seeds, [name for name in pairs[0].metrics if name != scores.metric]),
        "n": _span([scores.pairs[scores.seeds[0], language].n for language in ordered]),
    }


def _span(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _columns(seeds: Sequence[int], others: Sequence[str]) -> list[Column]:
    return [
        Column("language", "Language", "The link leads to the system's answers in it.", is_text=True),
        Column("family", "Family", "Indo-European languages by branch.", is_text=True),
        Column("mean", "Mean", "Mean over seeds ± standard deviation.", high_first=True),
        *(Column(f"seed-{seed}", f"Seed {seed}", high_first=True) for seed in seeds),
        *(Column(name, name, f"Mean over seeds of {name}, times 100.", high_first=True) for name in others),
        Column("invalid", "Invalid", "Answers outside the label set, counted as wrong, over all seeds."),
    ]


def _others(pairs: list[Any], headline: str) -> list[float]:
    names = [name for name in pairs[0].metrics if name != headline]
    return [sum(pair.metrics.get(name, 0.0) for pair in pairs) / len(pairs) for name in names]


def draw(systems: Sequence[tuple[Curves, Mapping[str, Calibration]]]) -> list[tuple[str, str]]:
    """Learning curves and reliability diagrams of several systems, as SVG; "" for what there is none of."""
    from xbench.report.diagnosis_figures import inline_panels
    from xbench.report.figures.curves import curve_figure
    from xbench.report.figures.reliability import reliability_figure

    one, other = partial(curve_figure, used={}), partial(reliability_figure, used={})
    return [
        (
            inline_panels((one({name: seeds}) for name, seeds in curves.items()), "curve") if curves else "",
            inline_panels((other(_pooled(task, each)) for task, each in known.items()), "reliability") if known else "",
        )
        for curves, known in systems
    ]


def _curves(system: System) -> Curves:
    tasks: dict[str, dict[int, tuple[Any, int]]] = {}
    for record in sorted(system.records, key=lambda one: one.adapted_to):
        if record.curve:
            name = " + ".join(record.train_tasks) or " + ".join(record.tasks)
            name += f", adapted to {record.adapted_to}" if record.adapted_to else ""
            tasks.setdefault(name, {})[record.seed] = (record.curve, record.best_step)
    return tasks


def _calibrations(system: System, survey: Survey) -> dict[str, Calibration]:
    found = {task: survey.findings[system.key, task].calibration for task in system.tasks}
    return {task: one for task, one in found.items() if one is not None}


def _calibration(known: Mapping[str, Calibration], svg: str) -> dict[str, Any] | None:
    """A panel a task, languages pooled, and the table of all languages."""
    if not known:
        return None
    rows = [{"task": task, **row} for task, one in known.items() for row in one.summary.to_dict("records")]
    caption = (
        "Accuracy against confidence, a panel a task, languages and the first three seeds together; bars under the "
        "diagonal: surer than right. ECE: mean over languages."
    )
    scores = {row["scores"] for row in rows}
    return {"svg": svg, "caption": caption, "rows": rows, "is_log": scores != {"probabilities"}}


def _pooled(task: str, found: Calibration) -> Calibration:
    """The calibration with a task in place of its languages: their bins added up, the mean of their ECE."""
    import pandas

    from xbench.diagnosis.calibration import Calibration

    bins = found.bins
    places, first, at = numpy.unique(bins["bin"], return_index=True, return_inverse=True)
    n, right, sure = (
        numpy.bincount(at, bins["n"] * weight, len(places)) for weight in (1, bins["accuracy"], bins["confidence"])
    )
    ends = bins.iloc[first]
    pooled = {"bin": places, "lower": ends["lower"].array, "upper": ends["upper"].array, "n": n}
    pooled |= {"confidence": sure / n, "accuracy": right / n}
    summary = {"language": task, "ece": found.summary["ece"].mean()}
    return Calibration(pandas.DataFrame([summary]), pandas.DataFrame({"language": task, **pooled}))


def _cost(record: CellRecord) -> dict[str, Any]:
    return {"record": record, "tasks": " + ".join(record.tasks), "steps": record.steps, "best": record.best_step}


def _samples(record: CellRecord) -> dict[str, Any]:
    """The ids that a cell was trained on and chosen by; the first of long lists."""
    lists = [
        (f"{kind}: {name}", list(ids)[:MOST_IDS], max(0, len(ids) - MOST_IDS))
        for kind, given in (("train", record.train_ids), ("dev", record.dev_ids))
        for name, ids in given.items()
        if isinstance(ids, list | tuple)
    ]
    return {"record": record, "lists": lists}

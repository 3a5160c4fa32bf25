"""The diagnosis of one system, or of two: from a run store to data frames."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from xbench.diagnosis.answers import Answers, judged_by, load_answers, paired
from xbench.diagnosis.calibration import Calibration, calibration
from xbench.diagnosis.confident_errors import confident_errors
from xbench.diagnosis.confusion import MOST_LABELS, confusion
from xbench.diagnosis.label_performance import label_performance
from xbench.diagnosis.pair import findings, gains_and_losses, only_one_right, pair_differences
from xbench.diagnosis.performance import all_edges, attribute_names, bucket_performance
from xbench.diagnosis.selection import Candidate, select
from xbench.diagnosis.task_examples import TaskExamples
from xbench.errors import RequestError
from xbench.metrics import METRICS, accuracy

if TYPE_CHECKING:
    import pandas

    from xbench.analysis.results import Results


@dataclass(frozen=True)
class About:
    """What a diagnosis is about, and what its reader must know; `metric` is the one that answers are judged by."""

    task: str
    kind: str
    metric: str
    systems: tuple[str, ...]
    conditions: Mapping[str, Any]
    seeds: tuple[tuple[int, ...], ...]
    languages: tuple[str, ...]
    attributes: tuple[str, ...]
    edges: str
    buckets: int
    notes: tuple[str, ...] = ()

    @property
    def has_labels(self) -> bool:
        """Whether an answer is one of a few labels."""
        return self.kind in accuracy.kinds

    @property
    def right_in_part(self) -> bool:
        """Whether answers are better or worse, and not right or wrong."""
        return not self.has_labels and not METRICS[self.metric].right_or_wrong

    @property
    def is_sample(self) -> bool:
        """Whether the numbers are of sample data."""
        return self.conditions["data"] == "sample"


@dataclass(frozen=True)
class SystemDiagnosis:
    """One system. Every frame is described where it is made: `performance`, `confusion`, `calibration`, ..."""

    about: About
    performance: pandas.DataFrame
    labels: pandas.DataFrame
    confusion: pandas.DataFrame
    calibration: Calibration
    errors: pandas.DataFrame

    def to_pandas(self) -> pandas.DataFrame:
        """The metric per language and bucket."""
        return self.performance


@dataclass(frozen=True)
class PairDiagnosis:
    """Two systems: the differences in every language and bucket, what of it is real (`findings`), table 3 (`gains`)."""

    about: About
    differences: pandas.DataFrame
    findings: pandas.DataFrame
    gains: pandas.DataFrame
    only_one_right: pandas.DataFrame
    examples: pandas.DataFrame

    def to_pandas(self) -> pandas.DataFrame:
        """The difference in every language and bucket."""
        return self.differences


Diagnosis = SystemDiagnosis | PairDiagnosis


def diagnose(
    first: str | None = None,
    second: str | None = None,
    *,
    runs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    attributes: str | Sequence[str] | None = None,
    buckets: int = 4,
    edges: str = "per-language",
    tasks_dirs: Sequence[str | Path] = (),
    basic_words: Path | None = None,
    entity_tagger: str | None = None,
    **filters: Any,
) -> Diagnosis:
    """The diagnosis of one system, or of two, from the predictions in run stores.

    Args:
        first, second: a method (`mpt`) or a variant (`mpt[alpha=1]`); with neither, the only system that there is.
        runs: one run store or several; the default one where none is given.
        attributes: names; None takes those of the task's YAML, "all" every one that its kind has.
        buckets: how many, at most.
        edges: "per-language" (each language has its own) or "shared" (the same in all).
        tasks_dirs: folders with task YAMLs of your own.
        basic_words: a file of basic words, one a line, for `t1basic`.
        entity_tagger: `module:function` that finds entities, for `t1eNum`.
        filters: those of `load_results`: task, model, data, setting, shots, language, seed.

    Raises:
        RequestError: a name says too little or nothing has it; the message lists the choices.
        StoreError: a prediction file is missing or damaged.
    """
    from xbench.analysis.results import load_results

    places = (runs,) if isinstance(runs, str | os.PathLike) else tuple(runs or ())
    results = load_results(*places, **filters)
    return diagnose_results(
        results,
        [name for name in (first, second) if name],
        attributes,
        buckets,
        edges,
        tuple(tasks_dirs),
        basic_words=basic_words,
        entity_tagger=entity_tagger,
    )


def diagnose_results(
    results: Results,
    names: Sequence[str],
    attributes: str | Sequence[str] | None = None,
    buckets: int = 4,
    edges: str = "per-language",
    tasks_dirs: Sequence[str | Path] = (),
    *,
    basic_words: Path | None = None,
    entity_tagger: str | None = None,
    workers: int = 1,
) -> Diagnosis:
    """`diagnose` of results that have been read; `workers` processes compute the attributes of many examples."""
    chosen = select(results, names)
    examples = TaskExamples.of(
        chosen[0], attributes, tasks_dirs, basic_words=basic_words, entity_tagger=entity_tagger, workers=workers
    )
    if len(chosen) == 1:
        return _one(chosen[0], examples, buckets, edges)
    return _two(chosen[0], chosen[1], examples, buckets, edges)


def _one(candidate: Candidate, examples: TaskExamples, count: int, edges: str) -> SystemDiagnosis:
    scores = candidate.scores
    answers = {
        language: load_answers(scores, language, examples.labels, confidence=True, kind=examples.kind)
        for language in scores.languages
    }
    frames = examples.attributes(scores, answers)
    performance = bucket_performance(answers, frames, all_edges(frames, count, edges))
    labels, confused = label_performance(answers), confusion(answers)
    notes = _without(examples.kind)
    if len(labels) and confused.empty:
        notes.append(f"No confusion: there are more than {MOST_LABELS} labels.")
    return SystemDiagnosis(
        about=_about([candidate], answers, frames, count, edges, examples, notes),
        performance=performance,
        labels=labels,
        confusion=confused,
        calibration=calibration(answers),
        errors=examples.with_texts(confident_errors(answers), scores),
    )


def _two(first: Candidate, second: Candidate, examples: TaskExamples, count: int, edges: str) -> PairDiagnosis:
    ours: dict[str, Answers] = {}
    theirs: dict[str, Answers] = {}
    left_out = 0
    one, other, notes = _same_seeds(first, second)
    apart = []
    for language in (name for name in one.scores.languages if name in other.scores.languages):
        pair = (load_answers(each.scores, language, examples.labels, kind=examples.kind) for each in (one, other))
        here, there, missing = paired(*pair)
        left_out += missing
        if len(here):
            ours[language], theirs[language] = here, there
        else:
            apart.append(language)
    if not ours:
        raise RequestError(
            f"{one.label} and {other.label} have no example of {one.scores.task} in common; nothing to compare."
        )
    notes += [f"Left out: {', '.join(apart)}, where the systems share no example."] if apart else []
    frames = examples.attributes(one.scores, ours)
    differences = pair_differences(ours, theirs, frames, all_edges(frames, count, edges))
    counts, listed = only_one_right(ours, theirs)
    notes += [f"{left_out} examples that only one of the systems was scored on are left out."] if left_out else []
    return PairDiagnosis(
        about=_about([one, other], ours, frames, count, edges, examples, notes),
        differences=differences,
        findings=findings(differences),
        gains=gains_and_losses(differences),
        only_one_right=counts,
        examples=examples.with_texts(listed, one.scores),
    )


def _without(kind: str) -> list[str]:
    """What answers of a kind have not, in words."""
    if kind == "tagging":
        return [
            "Shares by tag and confusion are over all tokens. No calibration: tags are predicted without probabilities."
        ]
    if kind in ("extractive-qa", "generation"):
        return ["No confusion and no calibration: answers are texts, not labels with probabilities."]
    return []


def _same_seeds(first: Candidate, second: Candidate) -> tuple[Candidate, Candidate, list[str]]:
    """Both with the seeds that both have, where there are any: seeds of one number share their few-shot samples."""
    common = tuple(seed for seed in first.scores.seeds if seed in second.scores.seeds)
    if not common:
        return first, second, ["The systems share no seed: their means over different seeds are compared."]
    notes = []
    if common != first.scores.seeds or common != second.scores.seeds:
        notes = [f"Only the seeds that both systems have are compared: {', '.join(map(str, common))}."]
    return (*(replace(one, scores=_with_seeds(one, common)) for one in (first, second)), notes)  # type: ignore[return-value]


def _with_seeds(candidate: Candidate, seeds: tuple[int, ...]) -> Any:
    scores = candidate.scores
    return replace(scores, seeds=seeds, values=scores.columns(scores.languages, seeds))


def _about(
    chosen: Sequence[Candidate],
    answers: Mapping[str, Answers],
    frames: Mapping[str, pandas.DataFrame],
    count: int,
    edges: str,
    examples: TaskExamples,
    more: Sequence[str],
) -> About:
    first = chosen[0].scores
    notes = [*examples.notes, *more]
    metric = judged_by(first.metric, examples.kind).name
    if first.metric != metric:
        notes.append(f"Buckets show {metric}: the task's metric, {first.metric}, is known of all examples only.")
    notes += [
        f"{one.label}: left out {one.scores.dropped}, which not all were run in."
        for one in chosen
        if one.scores.dropped
    ]
    notes += [
        f"{one.label}: {one.scores.skipped_rows} of the examples given were not scored."
        for one in chosen
        if one.scores.skipped_rows
    ]
    notes += [
        f"{one.label}: answers in the source are its model's for {models[0].record.adapted_to or 'other languages'}."
        for one in chosen
        for models in [one.scores.models.get((one.scores.seeds[0], one.scores.source))]
        if models
    ]
    units = {frame.attrs.get("word_unit", "word") for frame in frames.values()}
    if edges == "shared" and len(units) > 1:
        counted = ", ".join(sorted(units))
        notes.append(f"Shared edges compare unlike lengths: what is counted in these languages is {counted}.")
    empty = [
        name
        for name in attribute_names(frames)
        if all(numpy.isnan(frame[name].to_numpy(dtype=float)).all() for frame in frames.values() if name in frame)
    ]
    return About(
        task=first.task,
        kind=examples.kind,
        metric=metric,
        systems=tuple(one.label for one in chosen),
        conditions=chosen[0].conditions._asdict(),
        seeds=tuple(one.scores.seeds for one in chosen),
        languages=tuple(answers),
        attributes=tuple(name for name in attribute_names(frames) if name not in empty),
        edges=edges,
        buckets=count,
        notes=tuple(notes),
    )

"""The gap decomposition of a system as a data frame, from its predictions and the attributes of its examples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from xbench.analysis.systems import Conditions, TaskScores
from xbench.analysis.transfer import check_metric
from xbench.analysis.transfer.decomposed import ALL, Bounded, Decomposed, Sample, decompose_targets
from xbench.diagnosis.answers import Answers, load_answers
from xbench.diagnosis.buckets import assign_buckets, bucket_edges, bucket_names
from xbench.diagnosis.selection import Candidate
from xbench.diagnosis.task_examples import TaskExamples
from xbench.errors import RequestError
from xbench.report.transfer import ABOUT

if TYPE_CHECKING:
    import pandas

MEAN = "mean of targets"
WHOLE = "all"
NO_VALUE = "no value"
TERMS = ("total", "mix", "behaviour", "unmatched")
DECOMPOSITION = (
    *(*ABOUT, "attribute", "target", "bucket", "lower", "upper", "n_source", "n_target"),
    *("weight_source", "weight_target", "rate_source", "rate_target"),
    *(f"{term}{end}" for term in TERMS for end in ("", "_low", "_high")),
    *("seeds", "targets"),
)


@dataclass(frozen=True)
class SystemDecomposition:
    """One system's gap on one task, decomposed over the buckets of one attribute.

    `names` are the buckets' by code; `edges` the inner edges, on pooled values of all languages shown.
    """

    conditions: Conditions
    scores: TaskScores
    attribute: str
    names: Mapping[int, str]
    edges: numpy.ndarray
    found: Decomposed
    notes: tuple[str, ...]


def decompose_system(
    conditions: Conditions,
    scores: TaskScores,
    attribute: str,
    *,
    buckets: int = 4,
    tasks_dirs: Sequence[str | Path] = (),
    basic_words: Path | None = None,
    entity_tagger: str | None = None,
) -> SystemDecomposition:
    """Decomposes source - target for each target language over buckets of an attribute.

    Edges are those of the values of all languages together, so that a bucket is the same examples in every language.
    A target that has a model of its own is taken from what that model answers in the source. `basic_words` and
    `entity_tagger` are what the attributes t1basic and t1eNum take, as in `xbench.diagnose`.

    Raises:
        RequestError: a metric that is no mean over examples, no source or no target, an unknown attribute, or one that
            cannot be computed here.
        StoreError: a prediction file is missing or damaged.
    """
    check_metric(scores.metric)
    if scores.source not in scores.languages or not scores.targets:
        missing = "the source" if scores.targets else "a target language"
        raise RequestError(
            f"{scores.label} on {scores.task}: {missing} was not measured or is filtered out (source "
            f"{scores.source}, measured {', '.join(scores.languages)}); without it there is no gap."
        )
    answers = {language: load_answers(scores, language) for language in (scores.source, *scores.targets)}
    sources = _source_answers(scores, answers[scores.source])
    for target in scores.targets:
        _check_outcomes(scores, target, answers[target], scores.columns([target])[:, 0])
    supplies = {"basic_words": basic_words, "entity_tagger": entity_tagger}
    examples = TaskExamples.of(Candidate(conditions, scores), [attribute], tasks_dirs, **supplies)  # type: ignore[arg-type]
    frames = examples.attributes(scores, answers)
    values = {language: _values(frames, language, attribute, examples) for language in answers}
    edges = bucket_edges(numpy.concatenate(list(values.values())), buckets)
    codes = {language: assign_buckets(given, edges) for language, given in values.items()}
    of_source = {id(one): Sample(one.ids, one.values, codes[scores.source]) for one in sources.values()}
    found = decompose_targets(
        {target: of_source[id(one)] for target, one in sources.items()},
        {name: Sample(answers[name].ids, answers[name].values, codes[name]) for name in scores.targets},
    )
    names = {-1: NO_VALUE} | dict(enumerate(bucket_names(len(edges) + 1)))
    notes = [*examples.notes]
    if len(of_source) > 1:
        notes.append(f"{scores.label}: each target's gap is from what its own model scores in {scores.source}.")
    return SystemDecomposition(conditions, scores, attribute, names, edges, found, tuple(notes))


def _source_answers(scores: TaskScores, first: Answers) -> dict[str, Answers]:
    """For each target the answers in the source of the model that serves it; checked against their recorded scores."""
    found: dict[tuple[str, ...], Answers] = {}
    sources = {}
    for target in scores.targets:
        models = {seed: scores.source_model(seed, target) for seed in scores.seeds}
        cells = {seed: model for seed, model in models.items() if model is not None}
        if len(cells) < len(models):
            raise RequestError(
                f"{scores.label} on {scores.task}: the model adapted to {target} was not tested in {scores.source}; "
                "its gap has no source to be from."
            )
        key = tuple(model.record.id for model in cells.values())
        if key not in found:
            one = load_answers(scores, scores.source, cells=cells)
            _check_outcomes(scores, scores.source, one, scores.source_values(target))
            if not numpy.array_equal(one.ids, first.ids):
                raise RequestError(
                    f"{scores.label} on {scores.task}: its models were tested on different examples in "
                    f"{scores.source}; there is no one mix of examples."
                )
            found[key] = one
        sources[target] = found[key]
    return sources


def decomposition_frame(systems: Sequence[SystemDecomposition]) -> pandas.DataFrame:
    """One row a system, target and bucket, with the columns `DECOMPOSITION`.

    The bucket `all` holds the sums, the target `mean of targets` the averages. `total` is what a bucket contributes to
    the gap, and the sum of the three terms. `_low` and `_high` are 95 % intervals. A bucket holds the values above
    `lower`, up to and with `upper`; NaN: open.
    """
    import pandas

    rows = [row for one in systems for row in _rows(one)]
    return pandas.DataFrame(rows, columns=list(DECOMPOSITION))


def _check_outcomes(scores: TaskScores, language: str, one: Answers, recorded: numpy.ndarray) -> None:
    """Raises RequestError where the mean over examples is not the recorded score: there is no gap to add up to."""
    found = one.values.mean(axis=1)
    if not numpy.allclose(found, recorded, atol=1e-6):
        written, counted = (", ".join(f"{value:.4f}" for value in values) for values in (recorded, found))
        raise RequestError(
            f"{scores.label} on {scores.task} in {language}: {scores.metric} is recorded as {written}, and the "
            f"stored predictions give {counted}: there is no gap for the buckets to add up to. `xbench score` "
            "computes metrics again."
        )


def _values(
    frames: Mapping[str, pandas.DataFrame], language: str, attribute: str, examples: TaskExamples
) -> numpy.ndarray:
    frame = frames.get(language)
    if frame is None or attribute not in frame or frame[attribute].isna().all():
        why = "; ".join(examples.notes) or "no example has a value."
        raise RequestError(f"The attribute {attribute} is not to be had for {examples.task} in {language}: {why}")
    return frame[attribute].to_numpy(dtype=float)


def _rows(one: SystemDecomposition) -> list[dict[str, Any]]:
    about = {
        **one.conditions._asdict(),
        "task": one.scores.task,
        "method": one.scores.label,
        "metric": one.scores.metric,
        "attribute": one.attribute,
        "seeds": one.found.seeds,
        "targets": len(one.found.targets),
    }
    bounded = {MEAN: one.found.mean, **one.found.targets}
    return [about | {"target": target} | row for target, each in bounded.items() for row in _of_target(one, each)]


def _of_target(one: SystemDecomposition, each: Bounded) -> list[dict[str, Any]]:
    found = each.decomposition
    whole: dict[str, Any] = {
        "bucket": WHOLE,
        "n_source": sum(part.counts[0] for part in found.buckets),
        "n_target": sum(part.counts[1] for part in found.buckets),
        "weight_source": 1.0,
        "weight_target": 1.0,
        "rate_source": found.source,
        "rate_target": found.target,
        "total": found.gap,
        **{term: found.term(term) for term in TERMS[1:]},
    }
    rows: list[dict[str, Any]] = [whole | _bounds(each, ALL)]
    for part in found.buckets:
        lower, upper = _limits(one.edges, part.bucket)
        row: dict[str, Any] = {"bucket": one.names[part.bucket], "lower": lower, "upper": upper}
        for name, pair in (("n", part.counts), ("weight", part.weights), ("rate", part.rates)):
            row |= {f"{name}_source": pair[0], f"{name}_target": pair[1]}
        rows.append(row | {term: getattr(part, term) for term in TERMS} | _bounds(each, part.bucket))
    return rows


def _bounds(each: Bounded, bucket: int | None) -> dict[str, float]:
    pairs = {term: each.bounds[bucket, term] for term in TERMS}
    return {f"{term}{end}": pair[at] for term, pair in pairs.items() for at, end in enumerate(("_low", "_high"))}


def _limits(edges: numpy.ndarray, code: int) -> tuple[float, float]:
    if code < 0:
        return math.nan, math.nan
    lower = float(edges[code - 1]) if code > 0 else math.nan
    return lower, float(edges[code]) if code < len(edges) else math.nan

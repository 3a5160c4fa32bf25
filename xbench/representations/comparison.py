"""One comparison of two states of a model on the same texts: what `xbench represent` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy
import pandas

from xbench.encoding.tokens import special_tokens
from xbench.errors import RequestError, nearest
from xbench.representations.measures import Measures, labelled, measure
from xbench.representations.projection import Scores, plane, plane_boundaries
from xbench.representations.prompt_change import COLUMNS, change_by_layer, prompt_values
from xbench.representations.reading import TextModel, model_of, plain_backbone, read
from xbench.representations.states import Layer, Token
from xbench.representations.texts import Texts, choose
from xbench.runner.rebuild import RebuiltCell

LIMIT = 1000
"""Texts of each language, as many as Tu et al. take."""
PICTURED = 4
"""Languages in one picture, as many as in Tu et al.'s figure 2."""

Against = Literal["backbone", "untrained"] | RebuiltCell


@dataclass(frozen=True)
class Choices:
    """What is read. `token` None: the first token where the tokenizer has one of its own, else the mean."""

    token: Token | None = None
    layer: Layer = "last"
    limit: int | None = LIMIT
    seed: int = 0


@dataclass(frozen=True)
class Comparison:
    """Names of the two states (model, and what text it reads), what was read, and all measures.

    `before` and `after` hold vectors [examples, hidden] by language; `prompt` is empty where there is no prompt.
    """

    task: str
    token: Token
    layer: Layer
    names: tuple[str, str]
    reads: tuple[str, str]
    texts: Texts
    before: Mapping[str, numpy.ndarray]
    after: Mapping[str, numpy.ndarray]
    measures: Measures
    prompt: pandas.DataFrame


@dataclass(frozen=True)
class Plane:
    """A picture's content for one state: points [n, 2], labels and boundaries, by language."""

    points: Mapping[str, numpy.ndarray]
    labels: Mapping[str, tuple[str, ...]]
    boundaries: Mapping[str, Scores]


def compare(
    cell: RebuiltCell,
    task: str | None = None,
    languages: Sequence[str] = (),
    against: Against = "backbone",
    choices: Choices | None = None,
) -> Comparison:
    """Reads the same test examples from both models and measures what changed.

    Raises:
        RequestError: a task or language that the cell lacks, or models that share no space of states.
        StoreError: a model rebuilt now would not be the stored one.
    """
    choices = choices or Choices()
    task = task_of(cell, task)
    chosen = languages_of(cell, task, languages)
    if isinstance(against, RebuiltCell):
        _check_alike(cell, against, task, chosen)
    spec = cell.cell.tasks[task]
    texts = choose({language: cell.cell.data.test(spec, language) for language in chosen}, choices.limit)
    sides: tuple[dict[str, numpy.ndarray], dict[str, numpy.ndarray]] = ({}, {})
    last: list[TextModel] = []
    token = choices.token
    for language, examples in texts.examples.items():
        last = [_before(cell, against, task, language), model_of(cell, task, language, tuned=True)]
        token = token or ("first" if special_tokens(last[0].formulation.tokenizer).before else "mean")
        for side, model in zip(sides, last, strict=True):
            side[language] = read(model, examples, token, choices.layer, cell.accelerator.device)
    assert token is not None
    before, after = sides
    return Comparison(
        task,
        token,
        choices.layer,
        (last[0].name, last[1].name),
        (last[0].reads, last[1].reads),
        texts,
        before,
        after,
        measure(before, after, texts, cell.record.source, seed=choices.seed),
        prompt_change(cell, task, chosen[0]),
    )


def prompt_change(cell: RebuiltCell, task: str, language: str) -> pandas.DataFrame:
    """How far training moved the cell's prompt or prefix; empty where it has none."""
    stage = cell.stage(task, language)
    tuned = prompt_values(cell.tuned(stage))
    return change_by_layer(prompt_values(cell.untrained(stage)), tuned) if tuned else pandas.DataFrame(columns=COLUMNS)


def pictures(comparison: Comparison, source: str, *, seed: int = 0) -> tuple[Plane, Plane]:
    """The planes of both states, of the source and the first other languages, PICTURED in all."""
    order = sorted(comparison.after, key=lambda language: language != source)[:PICTURED]
    planes = []
    for vectors in (comparison.before, comparison.after):
        every = labelled(vectors, comparison.texts)
        shown = {language: every[language] for language in order}
        points = plane(shown, seed=seed)
        labels = {language: each.labels for language, each in shown.items()}
        planes.append(Plane(points, labels, plane_boundaries(points, shown)))
    return planes[0], planes[1]


def task_of(cell: RebuiltCell, task: str | None) -> str:
    """The task asked for, or the cell's only one. Raises RequestError with the choices."""
    present = tuple(dict.fromkeys(pair.task for pair in cell.record.predictions))
    if task is None and len(present) > 1:
        raise RequestError(f"Cell {cell.record.id} has several tasks; choose one with --task: {', '.join(present)}.")
    task = task or present[0]
    if task not in present:
        raise RequestError(f"Cell {cell.record.id} has no task '{task}'.{nearest(task, present)}")
    kind = cell.cell.tasks[task].kind
    if kind != "classification":
        raise RequestError(f"Task '{task}' is {kind}: representations of whole texts are for classification.")
    return task


def languages_of(cell: RebuiltCell, task: str, languages: Sequence[str]) -> tuple[str, ...]:
    """The languages asked for, or all that the cell has predictions in. Raises RequestError for another."""
    present = cell.cell.plan.languages[task]
    for language in languages:
        if language not in present:
            raise RequestError(
                f"Cell {cell.record.id} has no predictions for {task} in '{language}'.{nearest(language, present)}"
            )
    return tuple(language for language in present if not languages or language in languages)


def _before(cell: RebuiltCell, against: Against, task: str, language: str) -> TextModel:
    if isinstance(against, RebuiltCell):
        return model_of(against, task, language, tuned=True)
    return plain_backbone(cell, task) if against == "backbone" else model_of(cell, task, language, tuned=False)


def _check_alike(cell: RebuiltCell, other: RebuiltCell, task: str, languages: Sequence[str]) -> None:
    """Two tuned models can be compared where they began as one backbone and read the same examples."""
    mine, theirs = cell.record, other.record
    if mine.model_hash != theirs.model_hash:
        raise RequestError(
            f"Cell {mine.id} is on {mine.model} and cell {theirs.id} on {theirs.model}: their states are vectors of "
            "different spaces, and a cosine between them means nothing."
        )
    task_of(other, task)
    for language in languages_of(other, task, languages):
        if mine.pair(task, language).examples != theirs.pair(task, language).examples:
            raise RequestError(
                f"Cells {mine.id} and {theirs.id} were tested on different examples of {task} in {language}; "
                "compare cells of one data source and limit."
            )

"""All measures of one comparison of models, as data frames: pure functions of vectors, labels and ids."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
import pandas

from xbench.representations import similarity
from xbench.representations.boundaries import Labelled, alignment, boundary_table, usable
from xbench.representations.texts import Texts

Vectors = Mapping[str, numpy.ndarray]

CHANGE_COLUMNS = ("language", "n", "cosine", "low", "high")
PAIR_COLUMNS = ("state", "source", "language", "n", "pairs", "others", "difference", "low", "high", "relative")
BOUNDARY_COLUMNS = ("state", "language", "other", "n", "accuracy", "cosine")
ALIGNMENT_COLUMNS = (*("state", "languages", "own_accuracy", "other_accuracy", "loss", "own_cosine", "other_cosine"),)
STATES = ("before", "after")


@dataclass(frozen=True)
class Measures:
    """The outcome, one frame a question; a frame is empty where its question cannot be asked, `notes` say why.

    `change`: a row a language, cosine between before and after. `pairs`: a row a state and language, translations of
    the source's texts against other texts. `boundaries`: a row a state and ordered pair of languages; `alignment`:
    their means, a row a state. All cosines, accuracies and differences are fractions.
    """

    change: pandas.DataFrame
    pairs: pandas.DataFrame
    boundaries: pandas.DataFrame
    alignment: pandas.DataFrame
    notes: tuple[str, ...]


def measure(before: Vectors, after: Vectors, texts: Texts, source: str, *, seed: int = 0) -> Measures:
    """Measures vectors [examples, hidden] of each language's texts before and after; row i is the texts' example i."""
    notes: list[str] = []
    if not texts.translations:
        notes.append(f"Translations are not compared: {texts.why_not}.")
    elif source not in texts.examples:
        notes.append(f"Translations are not compared: the source language {source} is not among the languages.")
    pairs: list[tuple[object, ...]] = []
    boundaries: list[dict[Hashable, Any]] = []
    alignments: list[dict[str, Any]] = []
    for state, vectors in zip(STATES, (before, after), strict=True):
        if texts.translations and source in texts.examples:
            pairs += _pairs(state, vectors, texts, source, seed)
        table = boundary_table(labelled(vectors, texts), seed=seed)
        if len(table):
            boundaries += table.assign(state=state).to_dict("records")
            alignments.append({"state": state, **_summary(table)})
    left_out = [name for name in texts.examples if name not in usable(labelled(before, texts))]
    if left_out:
        notes.append(f"Too few texts of some label for a boundary in {', '.join(left_out)}.")
    return Measures(
        _change(before, after),
        pandas.DataFrame(pairs, columns=list(PAIR_COLUMNS)),
        pandas.DataFrame(boundaries, columns=list(BOUNDARY_COLUMNS)),
        pandas.DataFrame(alignments, columns=list(ALIGNMENT_COLUMNS)),
        tuple(notes),
    )


def labelled(vectors: Vectors, texts: Texts) -> dict[str, Labelled]:
    """Vectors with their texts' labels and ids. Where equal ids are no translations, ids are made a language's own."""
    return {
        language: Labelled(
            vectors[language],
            examples.gold,
            examples.ids if texts.translations else tuple(f"{language}/{id}" for id in examples.ids),
        )
        for language, examples in texts.examples.items()
    }


def _change(before: Vectors, after: Vectors) -> pandas.DataFrame:
    rows = []
    for language in after:
        found = similarity.change(before[language], after[language])
        rows.append((language, found.n, found.value, found.low, found.high))
    return pandas.DataFrame(rows, columns=list(CHANGE_COLUMNS))


def _pairs(state: str, vectors: Vectors, texts: Texts, source: str, seed: int) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for language in texts.examples:
        mine, theirs = texts.shared(source, language)
        if language == source or len(mine) < 2:
            continue
        found = similarity.pair_similarity(vectors[source][mine], vectors[language][theirs], seed=seed)
        gain = found.difference
        row = (state, source, language, gain.n, found.pairs, found.others, gain.value, gain.low, gain.high)
        rows.append((*row, found.relative))
    return rows


def _summary(table: pandas.DataFrame) -> dict[str, float | int]:
    found = alignment(table)
    names = ("own_accuracy", "other_accuracy", "loss", "own_cosine", "other_cosine")
    return {"languages": found.languages, **{name: getattr(found, name) for name in names}}

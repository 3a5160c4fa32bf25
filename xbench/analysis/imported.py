"""Predictions made elsewhere, joined to a task's gold by id, and the cell that they become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas

from xbench.answers import text_list
from xbench.metrics import compute
from xbench.metrics.tagging import read_tags
from xbench.store import CellRecord, PredictionRecord
from xbench.store.identity import stable_hash

SHOWN = 5
SCORE = "score_"


@dataclass(frozen=True)
class GoldExamples:
    """What one task and language asks for: ids and gold answers in order, and the hash of the examples' content."""

    language: str
    ids: tuple[str, ...]
    gold: tuple[str, ...]
    content_hash: str = ""
    skipped: int = 0


@dataclass(frozen=True)
class Alignment:
    """Predictions in the order of the gold, in the store's columns, and what did not fit.

    `outside` are the labels and tags that the task has not, each once with how often it came. An answer that is no
    label is stored as null; tags stay as they are, and are wrong. `malformed` says of an id why its answer is no list
    of tags.
    """

    language: str
    frame: pandas.DataFrame
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    duplicate: tuple[str, ...] = ()
    outside: Mapping[str, int] | None = None
    malformed: Mapping[str, str] | None = None

    def problems(self) -> list[str]:
        """What is wrong, in words: how many ids and the first few."""
        kinds = (("missing", self.missing), ("not in the task", self.extra), ("given more than once", self.duplicate))
        told = [
            f"{self.language}: {len(ids)} {'id is' if len(ids) == 1 else 'ids are'} {what} ({first_few(ids)})"
            for what, ids in kinds
            if ids
        ]
        if self.malformed:
            ids = [f"{id}: {why}" for id, why in self.malformed.items()]
            told.append(
                f"{self.language}: of {len(ids)} the prediction is no list of one tag a token ({first_few(ids)})"
            )
        return told


def align(
    predictions: pandas.DataFrame, gold: GoldExamples, labels: Sequence[str], kind: str = "classification"
) -> Alignment:
    """One language's predictions joined to its gold by id.

    `predictions` has the columns id, prediction (text or None) and any score_*; answers are left as they are where the
    task has no labels. Of an id that is given twice the first row counts.
    """
    given = predictions.drop_duplicates("id")
    known = given["id"].isin(gold.ids)
    frame = pandas.DataFrame({"index": range(len(gold.ids)), "id": list(gold.ids), "gold": list(gold.gold)})
    columns = ["id", "prediction", *(name for name in predictions if name.startswith(SCORE))]
    joined = frame.merge(given.loc[known, columns], on="id", how="inner").sort_values("index", ignore_index=True)
    read = _read_tags if kind == "tagging" else _read_labels
    answers, outside, malformed = read(joined, labels)
    joined["prediction"] = pandas.Series(answers, dtype="str")
    repeated = predictions.loc[predictions["id"].duplicated(), "id"]
    return Alignment(
        language=gold.language,
        frame=joined.astype({"index": "int64"}),
        missing=tuple(frame.loc[~frame["id"].isin(given["id"]), "id"]),
        extra=tuple(given.loc[~known, "id"]),
        duplicate=tuple(dict.fromkeys(repeated)),
        outside=outside,
        malformed=malformed,
    )


Answers = tuple[list[str | None], dict[str, int], dict[str, str]]
"""(the answers to store, what the task has not and how often, why an id's answer cannot be read)."""


def _read_labels(joined: pandas.DataFrame, labels: Sequence[str]) -> Answers:
    """Labels, or, where the task has none, texts."""
    answers = _objects(joined["prediction"])
    outside = Counter(answer for answer in answers if labels and answer is not None and answer not in labels)
    return [None if answer in outside else answer for answer in answers], dict(outside.most_common()), {}


def _read_tags(joined: pandas.DataFrame, labels: Sequence[str]) -> Answers:
    """Lists of tags, one for each tag of the gold."""
    answers, outside, malformed = _objects(joined["prediction"]), Counter[str](), {}
    for id, gold, answer in zip(joined["id"], joined["gold"], answers, strict=True):
        if answer is None:
            continue
        expected = len(text_list(gold))
        tags = read_tags(answer, expected)
        if tags is None:
            malformed[id] = _why_no_tags(answer, expected)
        else:
            outside.update(tag for tag in tags if labels and tag not in labels)
    return answers, dict(outside.most_common()), malformed


def _why_no_tags(answer: str, expected: int) -> str:
    try:
        tags = text_list(answer)
    except ValueError:
        return f"{answer[:40]!r} is no JSON list"
    return f"{len(tags)} tags of {expected} tokens" if len(tags) != expected else "a tag is no text"


def prediction_record(
    task: str, aligned: Alignment, gold: GoldExamples, metrics: Sequence[str], labels: Sequence[str]
) -> PredictionRecord:
    """The record of one language: counts, and the task's metrics. Raises DataError where nothing is left to score."""
    answers = _objects(aligned.frame["prediction"])
    return PredictionRecord(
        task=task,
        language=gold.language,
        n=len(answers),
        n_given=len(gold.ids) + gold.skipped,
        metrics=compute(metrics, aligned.frame["gold"].tolist(), answers, labels, gold.language),
        examples=gold.content_hash,
        invalid=answers.count(None),
    )


def imported_cell(
    about: Mapping[str, Any], pairs: Sequence[PredictionRecord], settings: Mapping[str, Any]
) -> CellRecord:
    """The cell of an imported system; `settings` say where it came from, beside `imported: true`.

    `about` has the fields of `CellRecord` that tell a system (method, variant, model, data, profile, setting, shots,
    source, limit) and its seed. Its id is another one where examples were left out, as with cells run here.
    """
    identity = {name: about[name] for name in SYSTEM}
    system = stable_hash({"imported": True, **identity})
    whole = all(pair.n == pair.n_given for pair in pairs)
    tasks = tuple(dict.fromkeys(pair.task for pair in pairs))
    return CellRecord(
        **about,
        id=stable_hash({"system": system, "seed": about["seed"], "whole": whole, "tasks": tasks}),
        system=system,
        tasks=tasks,
        train_tasks=tasks,
        settings={"imported": True, **settings},
        skipped_rows=sum(pair.n_given - pair.n for pair in pairs),
        predictions=tuple(pairs),
    )


SYSTEM = ("method", "variant", "model", "data", "profile", "setting", "shots", "source", "limit")


def same_predictions(first: pandas.DataFrame, second: pandas.DataFrame) -> bool:
    """Whether two prediction frames hold the same answers and scores, whatever their column order and types of null."""
    if set(first) != set(second) or len(first) != len(second):
        return False
    first, second = (frame.sort_values("index", ignore_index=True) for frame in (first, second))
    return all(_objects(first[name]) == _objects(second[name]) for name in first)


def _objects(column: pandas.Series) -> list[Any]:
    """The values, with None for every kind of null."""
    return column.astype(object).where(column.notna(), None).tolist()


def first_few(names: Sequence[str]) -> str:
    """The first few names, and how many there are more."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")

"""A run store filled with predictions of chosen accuracy, without a model: what the analysis is tested on."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy
import pandas

from xbench.metrics import compute
from xbench.store import CellRecord, PredictionRecord, RunStore, stable_hash

LABELS = ("contradiction", "entailment", "neutral")


def predictions(correct: Sequence[bool], labels: Sequence[str] = LABELS, *, prefix: str = "x") -> pandas.DataFrame:
    """A prediction table that is right exactly where `correct` says so; each wrong answer is the next label."""
    gold = [labels[index % len(labels)] for index in range(len(correct))]
    wrong = [labels[(index + 1) % len(labels)] for index in range(len(correct))]
    answer = [right if good else other for right, other, good in zip(gold, wrong, correct, strict=True)]
    table = {"index": range(len(gold)), "id": [f"{prefix}{index}" for index in range(len(gold))]}
    scores = {f"score_{label}": [float(label == given) for given in answer] for label in labels}
    return pandas.DataFrame({**table, "gold": gold, "prediction": answer, **scores}).astype({"index": "int64"})


def write_cell(
    store: RunStore | Path,
    method: str = "fine-tune",
    seed: int = 1,
    correct: Mapping[tuple[str, str], Sequence[bool]] | None = None,
    metrics: Sequence[str] = ("accuracy", "macro_f1"),
    **fields: object,
) -> CellRecord:
    """Writes one cell whose predictions are right where `correct[task, language]` says so."""
    store = store if isinstance(store, RunStore) else RunStore(store)
    correct = correct or {("xnli", "en"): [True] * 3 + [False], ("xnli", "de"): [True, False] * 2}
    tables = {pair: predictions(answers) for pair, answers in correct.items()}
    entries = [record_of(task, language, table, metrics) for (task, language), table in tables.items()]
    tasks = tuple(dict.fromkeys(task for task, _ in correct))
    identity = {
        "method": method,
        "variant": "",
        "model": "micro",
        "data": "sample",
        "profile": "demo",
        "setting": "zero-shot",
        "shots": "16",
        "source": "en",
        "train_tasks": tasks,
        "limit": None,
    }
    about = {**identity, **fields}
    system = stable_hash({name: about[name] for name in identity})
    id = stable_hash([system, seed])
    record = CellRecord(id=id, system=system, seed=seed, tasks=tasks, predictions=tuple(entries), **about)  # type: ignore[arg-type]
    return store.write_cell(record, tables)


def record_of(task: str, language: str, table: pandas.DataFrame, metrics: Sequence[str]) -> PredictionRecord:
    """The record of one pair, with its metrics."""
    answers = [None if pandas.isna(answer) else answer for answer in table["prediction"]]
    values = compute(metrics, list(table["gold"]), answers)
    return PredictionRecord(task=task, language=language, n=len(table), n_given=len(table), metrics=values)


def answers(accuracy: float, n: int, generator: numpy.random.Generator | None = None) -> list[bool]:
    """n answers: the share `accuracy` of them right, spread evenly, or drawn one by one with a generator."""
    if generator is not None:
        return [bool(right) for right in generator.random(n) < accuracy]
    so_far = [int(number * accuracy + 1e-9) for number in range(n + 1)]
    return [after > before for before, after in itertools.pairwise(so_far)]

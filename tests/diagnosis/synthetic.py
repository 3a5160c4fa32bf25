"""A run store with examples, whose systems are right or wrong where a test says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy
import pandas

from tests.store.synthetic import predictions
from xbench.store import CellRecord, PredictionRecord, RunStore, stable_hash

TASK = "xnli"
LABELS = ("entailment", "neutral", "contradiction")

Right = Callable[[str, numpy.ndarray, numpy.random.Generator], numpy.ndarray]
"""(language, premise lengths, generator) -> which examples are right."""


def coin(accuracy: float) -> Right:
    """Right with this probability, everywhere."""
    return lambda language, lengths, generator: generator.random(len(lengths)) < accuracy


def lengths_of(language: str, count: int) -> numpy.ndarray:
    """The premises' lengths, the same for every system."""
    return numpy.random.default_rng([len(language), *map(ord, language)]).integers(2, 30, count)


def write_examples(store: RunStore, language: str, count: int, task: str = TASK) -> str:
    """Examples whose premise has the length of `lengths_of`; gives their hash."""
    content = stable_hash([task, language, count])
    table = predictions([True] * count, LABELS)
    generator = numpy.random.default_rng(7)
    hypotheses = generator.integers(2, 12, count)
    fields = {
        "premise": [" ".join(["word"] * length) for length in lengths_of(language, count)],
        "hypothesis": [" ".join(["other"] * length) for length in hypotheses],
    }
    store.write_examples(content, {"id": table["id"], **fields, "gold": table["gold"]})
    return content


def write_system(
    path: Path,
    method: str,
    right: Right,
    *,
    languages: Sequence[str] = ("de", "en", "fr"),
    count: int = 400,
    seeds: Sequence[int] = (1,),
    tables: Mapping[str, pandas.DataFrame] | None = None,
    draw: int = 0,
    **fields: object,
) -> None:
    """One cell a seed; `draw` makes another draw of the same system."""
    store = RunStore(path)
    identity = {
        "method": method,
        "variant": "",
        "model": "none",
        "data": "files",
        "profile": "demo",
        "setting": "zero-shot",
        "shots": "16",
        "source": "en",
        "train_tasks": (TASK,),
        "tasks": (TASK,),
    } | fields
    task = str(identity["tasks"][0])  # type: ignore[index]
    system = stable_hash({name: identity[name] for name in identity})
    for seed in seeds:
        frames, records = {}, []
        for place, language in enumerate(languages):
            generator = numpy.random.default_rng([seed, place, draw, *map(ord, method)])
            answers = right(language, lengths_of(language, count), generator)
            table = tables[language] if tables else predictions([bool(one) for one in answers], LABELS)
            frames[task, language] = table
            accuracy = float((table["gold"] == table["prediction"]).mean())
            content = write_examples(store, language, len(table), task)
            records.append(
                PredictionRecord(task, language, len(table), len(table), {"accuracy": accuracy}, examples=content)
            )
        record = CellRecord(
            id=stable_hash([system, seed]), system=system, seed=seed, predictions=tuple(records), **identity
        )  # type: ignore[arg-type]
        store.write_cell(record, frames)

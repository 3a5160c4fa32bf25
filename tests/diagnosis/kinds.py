"""Small tasks of tags, answers and summaries as files, and run stores with systems that answer them well or badly."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy
import pandas

from xbench.answers import list_text, text_list
from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.metrics import compute
from xbench.spec.registry import load_task
from xbench.store import CellRecord, PredictionRecord, RunStore, stable_hash

LANGUAGES = ("de", "en", "zh")
KINDS = {"tagging": "names", "extractive-qa": "questions", "generation": "summaries"}
HEAD = """
name: {name}
kind: {kind}
description: A task of tests.
fields: {fields}
languages: {{de: {{}}, en: {{}}, zh: {{}}}}
files:
  train: {{path: "{name}-{{language}}-train.jsonl", languages: [en]}}
  dev: {{path: "{name}-{{language}}-train.jsonl", languages: [en]}}
  test: {{path: "{name}-{{language}}-test.jsonl"}}
columns: {columns}
"""
TASKS = {
    "tagging": HEAD.format(name="names", kind="tagging", fields="[tokens]", columns="{id: id, gold: tags}")
    + "labels: [O, B-PER, I-PER, B-LOC, I-LOC]\nmetrics: [span_f1, token_accuracy]\n",
    "extractive-qa": HEAD.format(
        name="questions", kind="extractive-qa", fields="[question, context]", columns="{id: id, gold: answers}"
    )
    + "metrics: [f1, exact_match]\n",
    "generation": HEAD.format(name="summaries", kind="generation", fields="[text]", columns="{id: id, gold: summary}")
    + "metrics: [rougeL, rouge1]\n",
}
WORDS = {
    "en": [f"word{number}" for number in range(40)],
    "de": [f"Wort{number}" for number in range(40)],
    "zh": list("的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"),
}
Quality = Callable[[int], float]
"""Length of the text in words -> the chance that a tag, or a word of an answer, is right."""


def rows(kind: str, language: str, count: int, seed: int) -> list[dict[str, object]]:
    """Rows of a kind, of texts of 3 to 20 words."""
    generator, found = numpy.random.default_rng([seed, len(kind), *map(ord, language)]), []
    for number in range(count):
        words = [str(word) for word in generator.choice(WORDS[language], generator.integers(3, 21))]
        space = "" if language == "zh" else " "
        row: dict[str, object] = {"id": f"{kind}-{seed}-{number}"}
        if kind == "tagging":
            found.append(row | {"tokens": words, "tags": _tags(generator, words)})
        elif kind == "extractive-qa":
            start = int(generator.integers(0, len(words) - 2))
            answer, before = space.join(words[start : start + 3]), space.join([*words[:start], ""])
            answers = {"text": [answer], "answer_start": [len(before)]}
            found.append(row | {"question": f"{words[0]}?", "context": space.join(words), "answers": answers})
        else:
            found.append(row | {"text": space.join(words), "summary": space.join(words[: max(2, len(words) // 2)])})
    return found


def _tags(generator: numpy.random.Generator, words: Sequence[str]) -> list[str]:
    tags = ["O"] * len(words)
    if generator.random() < 0.8:
        start, kind = int(generator.integers(0, len(words) - 1)), str(generator.choice(["PER", "LOC"]))
        tags[start : start + 2] = [f"B-{kind}", f"I-{kind}"]
    return tags


def write_task(folder: Path, kind: str, count: int = 150) -> None:
    """The task's YAML and its files."""
    folder.mkdir(parents=True, exist_ok=True)
    name = KINDS[kind]
    (folder / f"{name}.yaml").write_text(TASKS[kind].lstrip(), encoding="utf-8")
    for split, languages, seed in (("train", ["en"], 1), ("test", LANGUAGES, 2)):
        for language in languages:
            lines = [json.dumps(row) for row in rows(kind, language, count, seed)]
            (folder / f"{name}-{language}-{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_examples(folder: Path, kind: str, language: str) -> Examples:
    """The task's examples, as xbench reads them."""
    return load_examples(load_task(KINDS[kind], (str(folder),)), "test", language, "files", directories=(folder,))


test_examples.__test__ = False  # type: ignore[attr-defined]


def answered(kind: str, examples: Examples, quality: Quality, generator: numpy.random.Generator) -> list[str | None]:
    """Predictions whose parts are right with a chance that the length of the text decides; a few are no answers."""
    found: list[str | None] = []
    for place, gold in enumerate(examples.gold):
        field = examples.fields["context" if kind == "extractive-qa" else next(iter(examples.fields))][place]
        length = len(text_list(field)) if kind == "tagging" else len(field.split()) if " " in field else len(field)
        chance = quality(length)
        if generator.random() < 0.02:
            found.append(None)
        elif kind == "tagging":
            tags = text_list(gold)
            found.append(list_text([tag if generator.random() < chance else "B-PER" for tag in tags]))
        else:
            text = json.loads(gold)["text"][0] if kind == "extractive-qa" else gold
            parts = text.split() if " " in text else list(text)
            kept = [part for part in parts if generator.random() < chance]
            found.append((" " if " " in text else "").join(kept))
    return found


def write_system(
    runs: Path,
    folder: Path,
    kind: str,
    method: str,
    quality: Quality,
    seeds: Sequence[int] = (1, 2),
    **fields: object,
) -> None:
    """One cell a seed, trained on the English training rows."""
    store, spec = RunStore(runs), load_task(KINDS[kind], (str(folder),))
    identity = {
        "method": method,
        "variant": "",
        "model": "none",
        "data": "files",
        "profile": "demo",
        "shots": "full",
        "setting": "zero-shot",
        "source": "en",
        "train_tasks": (spec.name,),
        "tasks": (spec.name,),
    }
    system = stable_hash(identity)
    train = [str(row["id"]) for row in rows(kind, "en", 150, 1)]
    for seed in seeds:
        frames, records = {}, []
        for language in LANGUAGES:
            given = test_examples(folder, kind, language)
            generator = numpy.random.default_rng([seed, *map(ord, method + language)])
            found = answered(kind, given, quality, generator)
            table = {"index": range(len(given)), "id": given.ids, "gold": given.gold, "prediction": found}
            frames[spec.name, language] = pandas.DataFrame(table).astype({"index": "int64", "prediction": "str"})
            store.write_examples(given.content_hash, {"id": given.ids, **given.fields, "gold": given.gold})
            metrics = compute(spec.metrics, given.gold, found, spec.labels, language)
            size = len(given)
            records.append(PredictionRecord(spec.name, language, size, size, metrics, examples=given.content_hash))
        about = {"id": stable_hash([system, seed]), "train_ids": {f"{spec.name}/en": train}} | identity | fields
        record = CellRecord(system=system, seed=seed, predictions=tuple(records), **about)  # type: ignore[arg-type]
        store.write_cell(record, frames)

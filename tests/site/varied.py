"""A run store of several kinds of tasks, backbones, train sizes and settings, with adapted models and harmful text.

Systems are drawn by method and seed as in `tests.site.stores`; the source is `en`, also where only it was trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pandas

from tests.site.stores import EVIL, TEXTS, fill, write_cell
from xbench.answers import GoldAnswers, list_text
from xbench.metrics import compute
from xbench.store import CellRecord, PredictionRecord, RunStore, stable_hash

LANGUAGES = ("en", "de", "ar", "zh")
SEEDS = (1, 2)
MANY = 120  # examples of a language: more than a page without scripts has
KINDS = {
    "panx": ("span_f1", "token_accuracy"),
    "xquad": ("f1", "exact_match"),
    "xlsum": ("rougeL", "rouge1"),
}
VARIANT = "note=$a_b$ <script>document.title='broken'</script> \u202egnp"
MODEL = 'models/<b onmouseover=alert(1)>"quoted" \u2066$\\frac{1}$'


def fill_varied(path: Path) -> Path:
    """Four groups: A has all kinds; the others another train size, another setting, and a backbone that means harm."""
    common: dict[str, Any] = {"languages": LANGUAGES, "seeds": SEEDS, "evil": True, "n": MANY}
    fill(path, ("paws-x",), accuracy={"fine-tune": 0.6, "soft": 0.8, "mpt": 0.82}, **common)
    store = RunStore(path)
    for task in KINDS:
        for method, level in (("fine-tune", 0.5), ("soft", 0.75)):
            for seed in SEEDS:
                write_kind(store, task, method, seed, level)
    _adapted(store)
    for shots in ("full", "128"):
        fill(path, ("paws-x",), accuracy={"fine-tune": 0.7}, shots=shots, **common)
    harmful = {"variant": VARIANT, "model": MODEL, "shots": "32", "setting": "in-language"}
    fill(path, ("paws-x",), accuracy={"fine-tune": 0.7, "mpt": 0.75}, **harmful, **common)
    return path


def write_kind(store: RunStore, task: str, method: str, seed: int, level: float) -> CellRecord:
    """A cell of a task whose answers are no labels; the source is better than the targets."""
    tables, entries = {}, []
    for place, language in enumerate(LANGUAGES):
        generator = numpy.random.default_rng([seed, place, int(stable_hash([method, task])[:6], 16)])
        fields, gold, given = KIND_ROWS[task](language, level + (0.15 if language == "en" else 0.0), generator)
        ids = [f"{language}-{number}" for number in range(len(gold))]
        content = stable_hash([task, language])
        store.write_examples(content, pandas.DataFrame({"id": ids, **fields, "gold": gold}))
        table = pandas.DataFrame({"index": range(len(gold)), "id": ids, "gold": gold, "prediction": given})
        tables[task, language] = table.astype({"index": "int64"})
        values = compute(KINDS[task], gold, given, (), language)
        entries.append(PredictionRecord(task, language, len(gold), len(gold), values, examples=content))
    template = write_cell(RunStore(store.path.parent / "templates"), method, seed, "paws-x", 0.5, {})
    id = stable_hash([template.system, task, seed])
    record = replace(template, id=id, tasks=(task,), train_tasks=(task,), predictions=tuple(entries))
    return store.write_cell(replace(record, system=stable_hash([template.system, task])), tables)


Rows = tuple[dict[str, list[str]], list[str], list[str | None]]


def _tags(language: str, level: float, generator: numpy.random.Generator) -> Rows:
    tokens = [[*TEXTS[language].split(), "in", "Paris", str(number)] for number in range(40)]
    gold = [["O"] * (len(words) - 2) + ["B-LOC", "O"] for words in tokens]
    right = generator.random(40) < level
    given = [list_text(tags if ok else ["O"] * len(tags)) for tags, ok in zip(gold, right, strict=True)]
    return {"tokens": [list_text(words) for words in tokens]}, [list_text(tags) for tags in gold], list(given)


def _answers(language: str, level: float, generator: numpy.random.Generator) -> Rows:
    contexts = [f"{TEXTS[language]} in Paris {number}." for number in range(40)]
    gold = [str(GoldAnswers((f"Paris {number}",), (text.index("Paris"),))) for number, text in enumerate(contexts)]
    right = generator.random(40) < level
    given = [f"Paris {number}" if ok else f"in Paris {EVIL['quotes']}" for number, ok in enumerate(right)]
    return {"question": ["Where?"] * 40, "context": contexts}, gold, list(given)


def _summaries(language: str, level: float, generator: numpy.random.Generator) -> Rows:
    gold = [f"{TEXTS[language]} {number} {EVIL['script'] if number == 3 else 'house'}" for number in range(40)]
    right = generator.random(40) < level
    given = [text if ok else f"{text} {EVIL['directions']}" for text, ok in zip(gold, right, strict=True)]
    given[0] = EVIL["long"]
    return {"text": [f"{text} and more" for text in gold]}, gold, list(given)


KIND_ROWS: dict[str, Any] = {"panx": _tags, "xquad": _answers, "xlsum": _summaries}


def _adapted(store: RunStore) -> None:
    """A method with a model for each target language, all of which know the source as well."""
    for seed in SEEDS:
        for language in LANGUAGES[1:]:
            _adapted_cell(store, seed, language)


def _adapted_cell(store: RunStore, seed: int, language: str) -> None:
    pair: Sequence[str] = ("en", language)
    hashes = {name: stable_hash(["paws-x", name, True, MANY]) for name in pair}
    made = write_cell(
        RunStore(store.path.parent / f"adapted-{language}"), "mad-x", seed, "paws-x", 0.65, hashes, n=MANY
    )
    tables = {
        ("paws-x", name): RunStore(store.path.parent / f"adapted-{language}").predictions(made, "paws-x", name)
        for name in pair
    }
    store.write_cell(replace(made, id=stable_hash([made.id, language]), adapted_to=language), tables)

"""Run stores that sites are built from in tests: chosen answers, texts in many scripts, and texts that mean harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy
import pandas

from tests.store.synthetic import answers, predictions, record_of
from xbench.store import CellRecord, RunStore, stable_hash

LABELS = ("different", "same")
N = 60
SHOWN, HIDDEN = "paws-x", "xnli"  # tasks whose texts may, and may not, be passed on
SECRET = "a text that must not leave the store"
EVIL = {
    "script": "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">",
    "quotes": "\"double\" 'single' `back` &amp; </td></table> --> ]]> {{ 7 * 7 }}",
    "directions": "left \u202eright\u202c \u2066isolate \u200fmark",
    "long": "w" * 100_000,
}
TEXTS = {
    "en": "The dog sleeps",
    "de": "Der Hund schläft",
    "ar": "الكلب نائم",
    "zh": "狗在睡觉",
    "es": "El perro duerme",
}
ACCURACY = {"fine-tune": 0.6, "soft": 0.8, "mpt": 0.82, "prefix": 0.55}


def fill(
    path: Path,
    tasks: tuple[str, ...] = (SHOWN, HIDDEN),
    *,
    accuracy: Mapping[str, float] | None = None,
    languages: tuple[str, ...] = tuple(TEXTS),
    seeds: tuple[int, ...] = (1, 2, 3),
    evil: bool = False,
    n: int = N,
    **about: object,
) -> Path:
    """Writes a cell for each method, task and seed; the source scores 10 points above the targets."""
    store = RunStore(path)
    for task in tasks:
        hashes = {language: _examples(store, task, language, evil, n) for language in languages}
        for method, level in (accuracy or ACCURACY).items():
            for seed in seeds:
                write_cell(store, method, seed, task, level, hashes, n=n, **about)
    return path


def write_cell(
    store: RunStore,
    method: str,
    seed: int,
    task: str,
    level: float,
    hashes: Mapping[str, str],
    n: int = N,
    **about: object,
) -> CellRecord:
    """One cell whose answers are drawn by method, seed and language, so that seeds differ."""
    tables = {}
    for place, language in enumerate(hashes):
        generator = numpy.random.default_rng([seed, place, int(stable_hash([method, task])[:6], 16)])
        share = level + (0.1 if language == "en" else 0.0)
        tables[task, language] = predictions(answers(share, n, generator), LABELS, prefix=f"{language}-")
    identity = {
        "method": method,
        "variant": "",
        "model": "micro",
        "data": "sample",
        "profile": "demo",
        "setting": "zero-shot",
        "shots": "16",
        "source": "en",
        "train_tasks": (task,),
        "limit": None,
        **about,
    }
    entries = tuple(
        replace(record_of(*pair, table, ("accuracy", "macro_f1")), examples=hashes[pair[1]])
        for pair, table in tables.items()
    )
    system = stable_hash({name: str(value) for name, value in identity.items()})
    record = CellRecord(
        id=stable_hash([system, seed]),
        system=system,
        seed=seed,
        tasks=(task,),
        predictions=entries,
        trainable_parameters=1000,
        total_parameters=2000,
        stored_bytes=4000,
        train_seconds=2.0,
        curve=({"step": 10, "dev": 0.5, "loss": 1.0}, {"step": 20, "dev": 0.7, "loss": 0.2}),
        best_step=20,
        steps=20,
        train_ids={f"{task}/en": ["a", "b"]},
        dev_ids={f"{task}/en": ["c"]},
        command=f"xbench eval --methods {method} --tasks {task}",
        created="2026-01-01T00:00:00+00:00",
        **identity,  # type: ignore[arg-type]
    )
    return store.write_cell(record, tables)


def _examples(store: RunStore, task: str, language: str, evil: bool, n: int) -> str:
    fields = ("sentence1", "sentence2") if task == SHOWN else ("premise", "hypothesis")
    gold = [LABELS[place % 2] for place in range(n)]
    first = [SECRET if task == HIDDEN else f"{TEXTS[language]} {place}." for place in range(n)]
    if evil and task == SHOWN:
        first[: len(EVIL)] = EVIL.values()
    ids = [f"{language}-{place}" for place in range(n)]
    frame = pandas.DataFrame({"id": ids, fields[0]: first, fields[1]: [f"{TEXTS[language]}!"] * n, "gold": gold})
    content = stable_hash([task, language, evil, n])
    store.write_examples(content, frame)
    return content

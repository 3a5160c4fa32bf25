"""Build time, memory and page sizes of the leaderboard site of a large run store, and how fast its home page is usable.

    python benchmarks/site_scale.py [--share 1.0] [--workers 2] [--keep FOLDER]

The whole (`--share 1`) is 200 systems in ten groups, 10,000 cells (five tasks, ten seeds) and 20 million predictions
(eight languages of 250 examples): 80,000 prediction files, some GB. `--share 0.1` has a tenth of the systems.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy
import pandas
import pyarrow
import pyarrow.parquet

from xbench.spec.registry import load_task
from xbench.store import CellRecord, PredictionRecord, RunStore, stable_hash

TASKS = ("xnli", "paws-x", "marc", "marc-binary", "americasnli")
LANGUAGES = ("en", "de", "es", "fr", "ru", "tr", "sw", "zh")
SEEDS, EXAMPLES = 10, 250
GROUPS = [(model, shots) for model in ("micro-xlmr", "micro-mt5") for shots in ("16", "32", "64", "128", "256")]
METHODS = 20  # in each group


def fill(path: Path, share: float) -> tuple[int, int]:
    """Writes the store; returns its cells and predictions."""
    store = RunStore(path)
    groups = GROUPS[: max(1, round(len(GROUPS) * share))]
    contents = {(task, language): _examples(store, task, language) for task in TASKS for language in LANGUAGES}
    cells = 0
    for model, shots in groups:
        for number in range(METHODS):
            method = "fine-tune" if number == 0 else f"method-{number}"
            for task in TASKS:
                for seed in range(1, SEEDS + 1):
                    _cell(path, method, 0.5 + 0.015 * number, task, seed, model, shots, contents)
                    cells += 1
    return cells, cells * len(LANGUAGES) * EXAMPLES


def _examples(store: RunStore, task: str, language: str) -> str:
    spec = load_task(task)
    generator = numpy.random.default_rng([len(task), len(language)])
    words = [f"w{number}" for number in range(500)]
    texts = {
        name: [" ".join(generator.choice(words, int(generator.integers(3, 25)))) for _ in range(EXAMPLES)]
        for name in spec.fields
    }
    gold = [spec.labels[place % len(spec.labels)] for place in range(EXAMPLES)]
    ids = [f"test-{place}" for place in range(EXAMPLES)]
    content = stable_hash(["scale", task, language])
    store.write_examples(content, pandas.DataFrame({"id": ids, **texts, "gold": gold}))
    return content


def _cell(
    path: Path,
    method: str,
    level: float,
    task: str,
    seed: int,
    model: str,
    shots: str,
    contents: dict[tuple[str, str], str],
) -> None:
    labels = load_task(task).labels
    id = stable_hash(["scale", method, task, seed, model, shots])
    generator = numpy.random.default_rng(int(id[:8], 16))
    folder = path / "cells" / id
    (folder / "predictions" / task).mkdir(parents=True)
    pairs = []
    ids = [f"test-{place}" for place in range(EXAMPLES)]
    gold = numpy.arange(EXAMPLES) % len(labels)
    names = numpy.array(labels, dtype=object)
    for language in LANGUAGES:
        right = generator.random(EXAMPLES) < level + (0.1 if language == "en" else 0.0)
        predicted = numpy.where(right, gold, (gold + 1) % len(labels))
        scores = generator.dirichlet(numpy.ones(len(labels)), EXAMPLES)
        columns = {"index": numpy.arange(EXAMPLES), "id": ids, "gold": names[gold], "prediction": names[predicted]}
        columns |= {f"score_{label}": scores[:, place] for place, label in enumerate(labels)}
        pyarrow.parquet.write_table(pyarrow.table(columns), folder / "predictions" / task / f"{language}.parquet")
        value = {"accuracy": float(right.mean())}
        pairs.append(PredictionRecord(task, language, EXAMPLES, EXAMPLES, value, examples=contents[task, language]))
    system = stable_hash(["scale", method, task, model, shots])
    record = CellRecord(
        id=id,
        system=system,
        method=method,
        model=model,
        data="sample",
        profile="demo",
        setting="zero-shot",
        shots=shots,
        seed=seed,
        source="en",
        tasks=(task,),
        train_tasks=(task,),
        predictions=tuple(pairs),
        trainable_parameters=1000,
        total_parameters=9000,
        curve=tuple({"step": 20 * step, "dev": 0.5 + 0.05 * step, "loss": 1 / step} for step in range(1, 6)),
        train_ids={f"{task}/en": [f"train-{place}" for place in range(64)]},
        command="xbench eval --methods all --tasks all",
    )
    (folder / "cell.json").write_text(json.dumps({"schema": record.schema, **asdict(record)}))


def usable_after(index: Path) -> float | None:
    """Seconds from the start of loading the home page until its table answers; None without a browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    chromium = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if chromium is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto("about:blank")
        start = time.perf_counter()
        page.goto(index.as_uri(), wait_until="commit")
        while not page.evaluate("document.documentElement.dataset.ready === '1'"):
            page.wait_for_timeout(5)
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
        seconds = time.perf_counter() - start
        browser.close()
    return seconds


def main() -> None:
    """Fills a store, builds its site in a process of its own, and prints what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=None)
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="site-scale-"))
    try:
        runs, out = folder / "runs", folder / "site"
        if not runs.exists():
            start = time.perf_counter()
            cells, predictions = fill(runs, given.share)
            print(
                f"{cells} cells, {predictions:,} predictions written in {time.perf_counter() - start:.0f} s", flush=True
            )
        command = [sys.executable, "-m", "xbench", "leaderboard", "build", "--runs", str(runs), "--out", str(out)]
        start = time.perf_counter()
        subprocess.run(
            [*command, "--workers", str(given.workers)], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        pages = sorted(out.rglob("*.*"), key=lambda path: path.stat().st_size)
        html = [path for path in pages if path.suffix in (".html", ".js")]
        print(f"built in {seconds:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor time")
        print(f"largest process {used.ru_maxrss / 1e6:.2f} GB")
        print(f"{len(pages)} files; largest page {html[-1].relative_to(out)} {html[-1].stat().st_size / 1e6:.2f} MB")
        home = out / "index.html"
        print(f"home page {home.stat().st_size / 1e6:.2f} MB, usable after {usable_after(home)} s")
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

"""How long `xbench diagnose` takes for a pair, and how much memory, as the run store grows.

    python benchmarks/diagnose_scale.py                 one million predictions: 5 systems, 20 languages
    python benchmarks/diagnose_scale.py --rows 10000000

Writes a synthetic run store (kept with --store), then runs the command twice in processes of their own: the first
computes the attributes and caches them beside the predictions, the second reads them. Prints JSON: wall and CPU seconds
and the peak resident memory of each.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy
import pandas

from xbench.store import CellRecord, PredictionRecord, RunStore, stable_hash

LABELS = ("entailment", "neutral", "contradiction")
LANGUAGES = (  # all written with spaces
    *("en", "de", "fr", "es", "it", "pt", "nl", "ru", "pl", "cs"),
    *("bg", "uk", "tr", "ar", "hi", "ur", "id", "sw", "vi", "fi"),
)
TASK = "xnli"


def write_store(path: Path, rows: int, systems: int) -> None:
    """A store of `rows` predictions of `systems` systems in 20 languages; every second system is worse on long ones."""
    store = RunStore(path)
    each = rows // (systems * len(LANGUAGES))
    words = numpy.array([f"w{number}" for number in range(20_000)], dtype=object)
    hashes, golds, lengths = {}, {}, {}
    for place, language in enumerate(LANGUAGES):
        generator = numpy.random.default_rng(place)
        golds[language] = generator.integers(0, len(LABELS), each)
        lengths[language] = generator.poisson(18, each) + 1
        texts = {"premise": lengths[language], "hypothesis": generator.poisson(9, each) + 1}
        hashes[language] = stable_hash([language, each])
        fields = {name: _texts(words, count, generator) for name, count in texts.items()}
        names = {"id": _ids(each), **fields, "gold": numpy.array(LABELS, dtype=object)[golds[language]]}
        store.write_examples(hashes[language], names)
    for system in range(systems):
        _write_cell(store, f"method-{system}", system, hashes, golds, lengths)


def _ids(count: int) -> list[str]:
    return [f"test-{number}" for number in range(count)]


def _texts(words: numpy.ndarray, counts: numpy.ndarray, generator: numpy.random.Generator) -> list[str]:
    drawn = words[generator.zipf(1.3, counts.sum()) % len(words)]
    ends = numpy.cumsum(counts)
    return [" ".join(drawn[end - count : end]) for end, count in zip(ends, counts, strict=True)]


def _write_cell(
    store: RunStore,
    method: str,
    system: int,
    hashes: dict[str, str],
    golds: dict[str, numpy.ndarray],
    lengths: dict[str, numpy.ndarray],
) -> None:
    tables, records = {}, []
    for place, (language, gold) in enumerate(golds.items()):
        generator = numpy.random.default_rng([system, place])
        accuracy = 0.75 - 0.1 * ((system % 2 == 1) & (lengths[language] > 20))
        right = generator.random(len(gold)) < accuracy
        answer = numpy.where(right, gold, (gold + 1) % len(LABELS))
        sure = generator.uniform(0.4, 1.0, len(gold))
        scores = numpy.repeat(((1 - sure) / 2)[:, None], len(LABELS), axis=1)
        scores[numpy.arange(len(gold)), answer] = sure
        names = numpy.array(LABELS, dtype=object)
        tables[TASK, language] = pandas.DataFrame(
            {
                "index": numpy.arange(len(gold)),
                "id": _ids(len(gold)),
                "gold": names[gold],
                "prediction": names[answer],
                **{f"score_{label}": scores[:, number] for number, label in enumerate(LABELS)},
            }
        )
        metrics = {"accuracy": float(right.mean())}
        records.append(PredictionRecord(TASK, language, len(gold), len(gold), metrics, examples=hashes[language]))
    record = CellRecord(
        id=stable_hash(method),
        system=stable_hash([method]),
        method=method,
        model="micro-xlmr",  # its tokenizer counts the subwords of fertility
        data="files",
        profile="comparable",
        setting="zero-shot",
        shots="full",
        seed=1,
        source="en",
        tasks=(TASK,),
        train_tasks=(TASK,),
        predictions=tuple(records),
    )
    store.write_cell(record, tables)


def measure(arguments: Sequence[str]) -> dict[str, float]:
    """Wall seconds, CPU seconds and peak MB of `xbench` with these arguments, in a process of its own."""
    start = time.perf_counter()
    process = os.fork()
    if process == 0:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        os.execv(sys.executable, [sys.executable, "-m", "xbench", *arguments])
    _, status, used = os.wait4(process, 0)
    if status != 0:
        sys.exit(f"xbench {' '.join(arguments)} failed")
    wall = time.perf_counter() - start
    return {
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_mb": round(used.ru_maxrss / 1024),
    }


def main() -> None:
    """Writes the store, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--systems", type=int, default=5)
    parser.add_argument("--store", type=Path, help="keep the store here, and use it where it is there")
    parser.add_argument("--attributes", help="as of xbench diagnose; those of the task by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or Path(folder) / "runs"
        if not (store / "cells").is_dir():
            write_store(store, options.rows, options.systems)
        common = ["--runs", str(store), "--format", "csv"]
        common += ["--attributes", options.attributes] if options.attributes else []
        pair, one = ["diagnose", "method-0", "method-1", *common], ["diagnose", "method-0", *common]
        found = {
            "predictions": options.rows,
            "attributes": options.attributes or "the task's",
            "pair_first_time": measure(pair),
            "pair": measure(pair),
            "one_system": measure(one),
        }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

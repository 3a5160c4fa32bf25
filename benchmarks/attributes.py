"""Attributes: examples a second for each attribute and language, and what reading them from the run store takes.

python benchmarks/attributes.py [--rows 20000] [--read 1000000]

Texts are the sample data's. Every attribute is computed alone, with the division into words that it needs, after one
small call that loads dictionaries. `all` computes all attributes of a kind at once, which divides the texts once.
Rates are of CPU seconds, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import pandas

from xbench.diagnosis.attributes.cache import cached_attributes
from xbench.diagnosis.attributes.frame import attribute_frame
from xbench.diagnosis.attributes.registry import attribute_names
from xbench.grammar import generate
from xbench.store.run_store import RunStore

LANGUAGES = ("en", "ru", "ar", "zh", "ja")
PAIR, FIELDS = "classification", ("premise", "hypothesis")
TOKENIZER = "micro-xlmr"
OWN = ("t1Len", "t2Len", "t1Len/t2Len", "BLUE_t1t2")  # PolyPrompt's of pairs


def pairs(language: str, rows: int) -> pandas.DataFrame:
    """Premises and hypotheses of the sample data, repeated up to that many rows, each made different by its number."""
    made = generate("inference", language, "test", min(rows, 2000))
    frame = pandas.DataFrame(made).rename(columns={"label": "gold"})
    frame = pandas.concat([frame] * (rows // len(frame) + 1), ignore_index=True).iloc[:rows]
    for name in FIELDS:  # so that no text is divided once for many rows
        frame[name] = frame[name] + " " + frame.index.astype(str)
    return frame[["id", *FIELDS, "gold"]]


def questions(language: str, rows: int) -> pandas.DataFrame:
    """Contexts of about 110 words (eight reviews), with a question and an answer of a few words of it."""
    reviews = [row["text"] for row in generate("reviews", language, "test", 2000)]
    contexts = [
        " ".join(reviews[(row * 8 + place) % len(reviews)] for place in range(8)) + f" {row}" for row in range(rows)
    ]
    answers = [reviews[row * 8 % len(reviews)][:20] for row in range(rows)]
    return pandas.DataFrame({"question": answers, "context": contexts, "gold": answers})


def seconds(
    kind: str, examples: pandas.DataFrame, language: str, names: list[str] | None, fields: tuple[str, ...]
) -> float:
    """The CPU seconds that the attributes of these examples take."""
    start = time.process_time()
    attribute_frame(kind, examples, language, names, fields=fields, tokenizer=TOKENIZER)
    return time.process_time() - start


def measure(kind: str, examples: dict[str, pandas.DataFrame], fields: tuple[str, ...]) -> None:
    """Prints examples a second, one line an attribute and one column a language."""
    print(f"{kind:<16}" + "".join(f"{language:>10}" for language in examples))
    for name in [*attribute_names(kind, len(fields)), "all"]:
        if name == "t1eNum":  # its time is that of the user's tagger
            continue
        asked = None if name == "all" else [name]
        rates = []
        for language, frame in examples.items():
            seconds(kind, frame.iloc[:20], language, asked, fields)
            rates.append(len(frame) / seconds(kind, frame, language, asked, fields))
        print(f"{name:<16}" + "".join(f"{rate:>10,.0f}" for rate in rates))


def measure_store(rows: int) -> None:
    """Prints how long a set of examples takes at first, and read again from the store."""
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        store.write_examples("0" * 16, pairs("en", rows))
        for what in ("computed and stored", "read again"):
            start, cpu = time.perf_counter(), time.process_time()
            frame = cached_attributes(store, "0" * 16, PAIR, "en", OWN, fields=FIELDS)
            wall, cpu = time.perf_counter() - start, time.process_time() - cpu
            print(f"{len(frame):,} examples, {len(OWN)} attributes, {what}: {wall:.2f} s, {cpu:.2f} s of CPU")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GiB")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--read", type=int, default=1_000_000)
    arguments = parser.parse_args()
    measure(PAIR, {language: pairs(language, arguments.rows) for language in LANGUAGES}, FIELDS)
    print()
    contexts = {language: questions(language, arguments.rows // 10) for language in LANGUAGES}
    measure("extractive-qa", contexts, ("question", "context"))
    print()
    measure_store(arguments.read)


if __name__ == "__main__":
    main()

"""Rows of sample data by seed: the same meaning in the same place in every language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from xbench.grammar import inference, paraphrases, reviews, sentences
from xbench.grammar.lexicons import LANGUAGES, concepts, lexicon
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import SPLITS, split_of


@dataclass(frozen=True)
class Generator:
    """A kind of rows: how its meanings are drawn for a label and how they are written."""

    description: str
    labels: tuple[str, ...]
    sample: Callable[[Random, str], Any]
    row: Callable[[Any, Writer], dict[str, str]]


_GENERATORS = {
    "reviews": Generator(
        "product reviews with one to five stars (text, stars)",
        reviews.LABELS,
        lambda random, label: reviews.sample_review(random, int(label), held_out=True),
        reviews.review_row,
    ),
    "inference": Generator(
        "does the hypothesis follow from the premise (premise, hypothesis, label)",
        inference.LABELS,
        lambda random, label: inference.sample_inference(random, label, held_out=True),
        inference.inference_row,
    ),
    "paraphrases": Generator(
        "do two sentences of the same words mean the same (sentence1, sentence2, label)",
        paraphrases.LABELS,
        lambda random, label: paraphrases.sample_paraphrase(random, label, held_out=True),
        paraphrases.paraphrase_row,
    ),
    "text": Generator(
        "unlabelled sentences (text)",
        ("",),
        lambda random, label: sentences.sample_passage(random, held_out=True),
        sentences.passage_row,
    ),
}


def generators() -> dict[str, str]:
    """Names of the generators, each with one line on what it makes."""
    return {name: generator.description for name, generator in _GENERATORS.items()}


def languages() -> tuple[str, ...]:
    """Languages that every generator writes, the source first."""
    return LANGUAGES


def language_share() -> dict[str, float]:
    """Share of each seen language in the micro backbones' pretraining text; adds to one."""
    return dict(concepts()["pretraining_share"])


def generate(generator: str, language: str, split: str, count: int, seed: int = 0) -> list[dict[str, str]]:
    """`count` rows of a split, balanced over the labels, all columns text, `id` first.

    Row i says the same in every language. Fewer rows are the beginning of more rows,
    and rows of different splits never have the same meaning. ValueError for an unknown
    generator, language or split.
    """
    _check("generator", generator, tuple(_GENERATORS))
    _check("language", language, LANGUAGES)
    _check("split", split, SPLITS)
    writer = Writer(lexicon(language))
    kind = _GENERATORS[generator]
    return [
        {"id": f"{split}-{index}", **kind.row(meaning, writer)}
        for index, meaning in enumerate(_meanings(generator, split, count, seed))
    ]


@cache
def _meanings(generator: str, split: str, count: int, seed: int) -> tuple[Any, ...]:
    draw = _draw(_GENERATORS[generator], split, Random(f"{generator}-{split}-{seed}"))
    return tuple(next(draw) for _ in range(count))


def _draw(generator: Generator, split: str, random: Random) -> Iterator[Any]:
    """Meanings without repetition; each run of as many as there are labels has every label."""
    seen: set[Any] = set()
    while True:
        for label in random.sample(generator.labels, len(generator.labels)):
            meaning = generator.sample(random, label)
            while meaning in seen or split_of(meaning) != split:
                meaning = generator.sample(random, label)
            seen.add(meaning)
            yield meaning


def _check(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise ValueError(f"no {what} {name!r}; there are {', '.join(known)}")

"""Attributes of a text and its gold summary, as ExplainaBoard has them. The first field is the text."""

from __future__ import annotations

from itertools import pairwise

import numpy

from xbench.diagnosis.attributes.inputs import Inputs
from xbench.diagnosis.attributes.lengths import lengths, ratio
from xbench.diagnosis.attributes.registry import attribute

SOURCE = "ExplainaBoard, summarization"


@attribute("compression", ("generation",), "words of the text by words of the gold summary", SOURCE)
def compression(inputs: Inputs) -> numpy.ndarray:
    """Words of the first field by words of gold; NaN where gold has none."""
    return ratio(lengths(inputs, inputs.text(1)), lengths(inputs, gold_texts(inputs)))


@attribute("novelty", ("generation",), "share of the gold summary's word pairs that the text does not have", SOURCE)
def novelty(inputs: Inputs) -> numpy.ndarray:
    """Bigrams of gold, each as often as it occurs, that are not in the first field, by all bigrams of gold, in [0, 1].

    Without regard to capitals. NaN for a summary of fewer than two words.
    """
    values = numpy.full(len(inputs), numpy.nan)
    pairs = zip(inputs.words(inputs.text(1)), inputs.words(gold_texts(inputs)), strict=True)
    for row, (text, summary) in enumerate(pairs):
        present, grams = set(bigrams(text)), bigrams(summary)
        if grams:
            values[row] = sum(gram not in present for gram in grams) / len(grams)
    return values


def bigrams(words: list[str]) -> list[tuple[str, str]]:
    """Every two words that follow one another, in small letters."""
    small = [word.casefold() for word in words]
    return list(pairwise(small))


def gold_texts(inputs: Inputs) -> list[str]:
    """The gold answers as texts; missing ones are empty."""
    return [value if isinstance(value, str) else "" for value in inputs.gold]

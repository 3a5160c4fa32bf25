"""Subword fertility: into how many pieces a backbone's tokenizer divides a word on average."""

from __future__ import annotations

import numpy

from xbench.diagnosis.attributes.inputs import Inputs, Unavailable
from xbench.diagnosis.attributes.lengths import ratio
from xbench.diagnosis.attributes.registry import KINDS, attribute
from xbench.diagnosis.attributes.tokenizer_files import subword_counter, tokenizer_file


@attribute(
    "fertility",
    KINDS,
    "subwords of the backbone's tokenizer by words, over all fields",
    "subwords of an average word, known as fertility; defined here",
    needs=("tokenizer",),
)
def fertility(inputs: Inputs) -> numpy.ndarray:
    """Subwords by words and punctuation marks of all fields, without special tokens; NaN where there is no word.

    Lists of tokens are joined by spaces before they are divided into subwords, and count as the words they are.
    """
    name = inputs.supplies.tokenizer
    if name is None:
        raise Unavailable("no tokenizer was named")
    file = tokenizer_file(name)
    if file is None:
        raise Unavailable(
            f"the tokenizer of '{name}' is not on this machine (a folder with its files, or a hub id in the "
            "local cache)",
            absent=False,
        )
    count = subword_counter(file)
    pieces, words = numpy.zeros(len(inputs)), numpy.zeros(len(inputs))
    for field in inputs.fields:
        if inputs.kind == "tagging" and field == "tokens":
            tokens = inputs.lists(field)
            texts, counts = [" ".join(entry) for entry in tokens], [len(entry) for entry in tokens]
        else:
            texts = inputs.text(field)
            counts = inputs.word_counts(texts, punctuation=True)
        words += counts
        pieces += count(texts)
    return ratio(pieces, words)

"""The share of words that training data do not have (out of vocabulary)."""

from __future__ import annotations

import numpy

from xbench.diagnosis.attributes.inputs import Inputs, Unavailable, as_list
from xbench.diagnosis.attributes.registry import attribute
from xbench.diagnosis.attributes.tagging import mean, sentences
from xbench.diagnosis.attributes.words import words


@attribute(
    "OOV",
    ("tagging", "generation"),
    "share of tokens (of the first text's words) that the training data do not have",
    "ExplainaBoard (there the number, not the share)",
    needs=("training",),
)
def out_of_vocabulary(inputs: Inputs) -> numpy.ndarray:
    """Tokens that are not in the training data by tokens, in [0, 1], capitals told apart; NaN where there are none."""
    if inputs.supplies.training is None:
        raise Unavailable("no training examples were given, against which it is defined")
    known = inputs.supplies.once("vocabulary", lambda: vocabulary(inputs))
    texts = sentences(inputs) if inputs.kind == "tagging" else inputs.words(inputs.text(1))
    return numpy.array([mean([token not in known for token in tokens]) for tokens in texts], dtype=float)


def vocabulary(inputs: Inputs) -> frozenset[str]:
    """The tokens, or the words of the first field, of the training data."""
    frame = inputs.supplies.training
    assert frame is not None
    if inputs.kind == "tagging":
        lists = (as_list(value, f"'tokens' of training example {row}") for row, value in enumerate(frame["tokens"]))
        return frozenset(token for tokens in lists for token in tokens)
    name = next(iter(inputs.fields))
    return frozenset(word for text in frame[name] if isinstance(text, str) for word in words(text, inputs.language))

"""Attributes of tagged sentences, as ExplainaBoard has them; those of its entities are averaged over a sentence.

Examples have a field `tokens`, a list of tokens, and a list of as many tags as gold.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from xbench.diagnosis.attributes.inputs import Inputs, Unavailable, as_list
from xbench.diagnosis.attributes.registry import attribute
from xbench.diagnosis.attributes.tags import Consistency, Span, marks_entities, single_spans, spans
from xbench.errors import DataError

SOURCE = "ExplainaBoard, sequence labelling"


@attribute("sLen", ("tagging",), "tokens in the sentence", SOURCE)
def sentence_length(inputs: Inputs) -> numpy.ndarray:
    """The number of tokens that are tagged."""
    return numpy.array([len(tokens) for tokens in sentences(inputs)], dtype=float)


@attribute("eLen", ("tagging",), "mean tokens of the sentence's entities", SOURCE)
def entity_length(inputs: Inputs) -> numpy.ndarray:
    """Mean length of the gold entities; NaN for a sentence without any."""
    return numpy.array([mean([span.end - span.start for span in found]) for found in entities(inputs)], dtype=float)


@attribute("eDen", ("tagging",), "share of tokens in entities", SOURCE)
def entity_density(inputs: Inputs) -> numpy.ndarray:
    """Tokens in gold entities by tokens, in [0, 1]; NaN for an empty sentence."""
    pairs = zip(entities(inputs), sentences(inputs), strict=True)
    return numpy.array(
        [
            sum(span.end - span.start for span in found) / len(tokens) if tokens else numpy.nan
            for found, tokens in pairs
        ],
        dtype=float,
    )


@attribute(
    "eCon", ("tagging",), "mean label consistency of the entities with training data", SOURCE, needs=("training",)
)
def label_consistency(inputs: Inputs) -> numpy.ndarray:
    """Mean over gold entities of the share of their occurrences in the training data that have the same label.

    0 for entities that the training data do not have; NaN for a sentence without any. Where tags mark no entities
    (parts of speech), every token is looked up.
    """
    consistency = inputs.supplies.once("consistency", lambda: _consistency(inputs))
    find = inputs.supplies.once("spans", lambda: spans if marks_entities(_tag_set(inputs)) else single_spans)
    return numpy.array(
        [
            mean([consistency(tokens, span) for span in find(tags)])
            for tokens, tags in zip(sentences(inputs), inputs.lists("gold"), strict=True)
        ],
        dtype=float,
    )


def sentences(inputs: Inputs) -> list[list[str]]:
    """The tokens of each example.

    Raises:
        Unavailable: the task has no field `tokens`.
        DataError: a sentence has another number of tags than of tokens.
    """
    if "tokens" not in inputs.fields:
        raise Unavailable(f"the task has no field named 'tokens', only {', '.join(inputs.fields)}")
    tokens = inputs.lists("tokens")
    for row, (sentence, tags) in enumerate(zip(tokens, inputs.lists("gold"), strict=True), inputs.first_row):
        if len(sentence) != len(tags):
            raise DataError(f"Example {row} has {len(sentence)} tokens and {len(tags)} tags; expected one tag a token.")
    return tokens


def entities(inputs: Inputs) -> list[list[Span]]:
    """The gold entities of each sentence. Raises Unavailable where the tags mark none."""
    sentences(inputs)
    tags = inputs.lists("gold")
    if not marks_entities({tag for sentence in tags for tag in sentence}):
        raise Unavailable("the gold tags mark no entities (B-, I- and O)")
    return [spans(sentence) for sentence in tags]


def mean(values: Sequence[float]) -> float:
    """The mean; NaN of nothing."""
    return sum(values) / len(values) if values else numpy.nan


def _training(inputs: Inputs) -> tuple[list[list[str]], list[list[str]]]:
    frame = inputs.supplies.training
    if frame is None:
        raise Unavailable("no training examples were given, against which it is defined")
    return (
        [as_list(value, f"'tokens' of training example {row}") for row, value in enumerate(frame["tokens"])],
        [as_list(value, f"'gold' of training example {row}") for row, value in enumerate(frame["gold"])],
    )


def _tag_set(inputs: Inputs) -> set[str]:
    return {tag for sentence in _training(inputs)[1] for tag in sentence}


def _consistency(inputs: Inputs) -> Consistency:
    tokens, tags = _training(inputs)
    find = spans if marks_entities({tag for sentence in tags for tag in sentence}) else single_spans
    return Consistency(tokens, [find(sentence) for sentence in tags])

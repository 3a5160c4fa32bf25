"""Lengths in words (PolyPrompt, section 5.2.1: the function Len)."""

from __future__ import annotations

import json
from typing import Any

import numpy

from xbench.diagnosis.attributes.inputs import Inputs, Unavailable
from xbench.diagnosis.attributes.registry import attribute

SOURCE = "Fu et al. 2022, section 5.2.1"
TEXT_KINDS = ("classification", "multiple-choice", "generation")


def lengths(inputs: Inputs, texts: list[str]) -> numpy.ndarray:
    """The number of words of each text, as floats."""
    return numpy.array(inputs.word_counts(texts), dtype=float)


def ratio(above: numpy.ndarray, below: numpy.ndarray) -> numpy.ndarray:
    """above / below; NaN where below is zero."""
    return numpy.divide(above, below, out=numpy.full(len(above), numpy.nan), where=below != 0)


@attribute("t1Len", TEXT_KINDS, "words in the first text", SOURCE)
def first_length(inputs: Inputs) -> numpy.ndarray:
    """Words in the first field."""
    return lengths(inputs, inputs.text(1))


@attribute("t2Len", TEXT_KINDS, "words in the second text", SOURCE, fields=2)
def second_length(inputs: Inputs) -> numpy.ndarray:
    """Words in the second field."""
    return lengths(inputs, inputs.text(2))


@attribute("t1Len/t2Len", TEXT_KINDS, "words in the first text by words in the second", SOURCE, fields=2)
def length_ratio(inputs: Inputs) -> numpy.ndarray:
    """Words in the first field by those in the second; NaN where the second has none."""
    return ratio(first_length(inputs), second_length(inputs))


@attribute("cLen", ("extractive-qa",), "words in the context", SOURCE)
def context_length(inputs: Inputs) -> numpy.ndarray:
    """Words in the field `context`."""
    return lengths(inputs, named(inputs, "context"))


@attribute("qLen", ("extractive-qa",), "words in the question", SOURCE)
def question_length(inputs: Inputs) -> numpy.ndarray:
    """Words in the field `question`."""
    return lengths(inputs, named(inputs, "question"))


@attribute("aLen", ("extractive-qa",), "words in the first gold answer", SOURCE)
def answer_length(inputs: Inputs) -> numpy.ndarray:
    """Words in the first gold answer; NaN where a question has none."""
    answers = first_answers(inputs)
    values = lengths(inputs, [answer or "" for answer in answers])
    values[[answer is None for answer in answers]] = numpy.nan
    return values


def named(inputs: Inputs, field: str) -> list[str]:
    """The texts of a field of that name. Raises Unavailable where the task has none."""
    if field not in inputs.fields:
        raise Unavailable(f"the task has no field named '{field}', only {', '.join(inputs.fields)}")
    return inputs.text(field)


def first_answers(inputs: Inputs) -> list[str | None]:
    """The first gold answer of each question, None where it has no answer."""
    return [first_answer(value) for value in inputs.gold]


def first_answer(gold: Any) -> str | None:
    """Of a text, a list of texts, SQuAD's {text: [...]}, or JSON of either, the first text."""
    if isinstance(gold, str) and gold[:1] in ("[", "{"):
        try:
            gold = json.loads(gold)
        except ValueError:
            return gold  # an answer that begins with a bracket
    if isinstance(gold, dict):
        gold = gold.get("text")
    if hasattr(gold, "tolist"):
        gold = gold.tolist()
    if isinstance(gold, list | tuple):
        gold = gold[0] if gold else None
    return gold if isinstance(gold, str) and gold else None

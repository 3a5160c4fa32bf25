"""The share of words that belong to entities (PolyPrompt, section 5.2.1: t1eNum), where a tagger is supplied."""

from __future__ import annotations

from collections.abc import Iterable

import numpy

from xbench.diagnosis.attributes.inputs import Inputs, Unavailable
from xbench.diagnosis.attributes.lengths import SOURCE, TEXT_KINDS, lengths, ratio
from xbench.diagnosis.attributes.registry import attribute, import_function
from xbench.errors import RequestError


@attribute("t1eNum", TEXT_KINDS, "share of words in entities of the first text", SOURCE, needs=("entity_tagger",))
def entity_share(inputs: Inputs) -> numpy.ndarray:
    """Words in entities by words of the first field, in [0, 1]; NaN where it has no word.

    The tagger is called as `tagger(texts, language)` and gives a list of (start, end) character offsets for each text.
    """
    place = inputs.supplies.entity_tagger
    if place is None:
        raise Unavailable("no entity tagger was named (module:function), and the paper does not say which it used")
    tagger = inputs.supplies.once("tagger", lambda: import_function(place, "entity tagger"))
    texts = inputs.text(1)
    found = list(tagger(texts, inputs.language))
    if len(found) != len(texts):
        raise RequestError(f"The entity tagger '{place}' gave {len(found)} results for {len(texts)} texts.")
    inside = [
        sum(inputs.word_counts([text[start:end] for start, end in joined(spans)]))
        for text, spans in zip(texts, found, strict=True)
    ]
    return ratio(numpy.array(inside, dtype=float), lengths(inputs, texts))


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that overlap as one, so that no word counts twice."""
    result: list[tuple[int, int]] = []
    for start, end in sorted((int(start), int(end)) for start, end in spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result

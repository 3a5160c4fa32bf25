"""How alike two texts of an example are (PolyPrompt, section 5.2.1: the function BLUE, by which it means BLEU).

The first text is the reference and the second one the hypothesis, as in ExplainaBoard, which PolyPrompt extends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from xbench.diagnosis.attributes.bleu import sentence_bleu
from xbench.diagnosis.attributes.inputs import Inputs
from xbench.diagnosis.attributes.lengths import SOURCE, first_answers, named
from xbench.diagnosis.attributes.registry import attribute


@attribute(
    "BLUE_t1t2",
    ("classification", "multiple-choice"),
    "BLEU of the two texts, in [0, 1] (the paper writes BLUE)",
    SOURCE,
    fields=2,
)
def pair_bleu(inputs: Inputs) -> numpy.ndarray:
    """BLEU of the second field against the first; NaN where either has no words."""
    return bleu(inputs, inputs.text(1), inputs.text(2))


@attribute("BLUE_AC", ("extractive-qa",), "BLEU of answer and context, in [0, 1] (the paper writes BLUE)", SOURCE)
def answer_context_bleu(inputs: Inputs) -> numpy.ndarray:
    """BLEU of the context against the first gold answer; NaN where either has no words.

    The context is the hypothesis. It is the longer one, so that the brevity penalty, which would make all values of
    the other direction vanish, has no effect.
    """
    return bleu(inputs, [answer or "" for answer in first_answers(inputs)], named(inputs, "context"))


def bleu(inputs: Inputs, references: Sequence[str], hypotheses: Sequence[str]) -> numpy.ndarray:
    """Sentence BLEU of each pair of texts over our words, without punctuation."""
    pairs = zip(inputs.words(references), inputs.words(hypotheses), strict=True)
    return numpy.array(
        [sentence_bleu(second, first) if first and second else numpy.nan for first, second in pairs], dtype=float
    )

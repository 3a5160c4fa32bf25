"""ROUGE of generated texts (Lin 2004), by Google's rouge-score package over words of any language.

The package's own words are runs of a-z and 0-9: nothing is left of a text in another script. Here they are those of
`xbench.metrics.words`, without stemming, so that one rule serves all languages. XL-Sum (Hasan et al. 2021) reports
ROUGE with a segmenter or stemmer for each language that has one: its numbers are of the same kind, and not the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy

from xbench.metrics.metric import Metric, Predictions
from xbench.metrics.words import words

KINDS = ("generation",)


class Tokenizer:
    """Our words in the form that rouge-score takes."""

    def tokenize(self, text: str) -> list[str]:
        """The words of a text."""
        return words(text)


@cache
def _scorer(name: str) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer([name], tokenizer=Tokenizer())


def _rouge(name: str) -> Callable[[Predictions], numpy.ndarray]:
    def values(given: Predictions) -> numpy.ndarray:
        scorer = _scorer(name)
        pairs = zip(given.gold, given.prediction, strict=True)
        return numpy.array([0.0 if text is None else scorer.score(gold, text)[name].fmeasure for gold, text in pairs])

    return values


rouge1 = Metric.mean("rouge1", KINDS, "ROUGE-1: F1 of words.", _rouge("rouge1"))
rouge2 = Metric.mean("rouge2", KINDS, "ROUGE-2: F1 of pairs of words that follow one another.", _rouge("rouge2"))
rougeL = Metric.mean(  # noqa: N816 - its name everywhere
    "rougeL", KINDS, "ROUGE-L: F1 of the longest common subsequence of words.", _rouge("rougeL")
)

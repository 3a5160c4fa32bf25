"""BLEU of one sentence (Papineni et al. 2002) over words that are already divided."""

from __future__ import annotations

import math
from collections.abc import Sequence

ORDERS = 4


def sentence_bleu(hypothesis: Sequence[str], reference: Sequence[str]) -> float:
    """BLEU in [0, 1] of a hypothesis against one reference; 0 where either is empty or no word is shared.

    The same number as sacrebleu's sentence BLEU over these words (up to 4-grams; only orders that the hypothesis is
    long enough for; exponential smoothing, as NIST's script has it: the k-th order without a match counts 1 / 2^k of a
    match), by 100. It is written out here because it is called for millions of pairs.
    """
    length = len(hypothesis)
    matches = _matches(hypothesis, reference, 1)
    if matches == 0:
        return 0.0
    total, smoothing = math.log(matches / length), 1.0
    orders = min(ORDERS, length)
    for order in range(2, orders + 1):
        # A shared n-gram holds two shared ones of the order below.
        matches = _matches(hypothesis, reference, order) if matches > 1 else 0
        if matches == 0:
            smoothing *= 2
        total += math.log((matches or 1 / smoothing) / (length - order + 1))
    brevity = min(0.0, 1 - len(reference) / length)
    return math.exp(brevity + total / orders)


def _matches(hypothesis: Sequence[str], reference: Sequence[str], order: int) -> int:
    """How many n-grams of the hypothesis are in the reference, each as often as it is there."""
    left: dict[object, int] = {}
    for gram in _grams(reference, order):
        left[gram] = left.get(gram, 0) + 1
    matches = 0
    for gram in _grams(hypothesis, order):
        count = left.get(gram, 0)
        if count:
            left[gram] = count - 1
            matches += 1
    return matches


def _grams(words: Sequence[str], order: int) -> Sequence[object]:
    return words if order == 1 else list(zip(*(words[start:] for start in range(order)), strict=False))

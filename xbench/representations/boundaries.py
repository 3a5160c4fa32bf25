"""How well the boundaries between labels agree across languages, measured in the original space.

A logistic regression for each language, fitted on half of the examples and used on the other half. Translations are
always in the same half: a classifier never meets the translation of what it was fitted on. Everything is done in both
directions, and over several splits, and averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy
import pandas

from xbench.errors import RequestError

ATTEMPTS = 100
REPEATS = 3
PENALTY = 10.0
LEAST = 4
"""Examples of every label that a language needs, two in each half."""


@dataclass(frozen=True)
class Labelled:
    """A language's texts: vectors [n, hidden], labels and ids of n."""

    vectors: numpy.ndarray
    labels: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Alignment:
    """How well the boundaries agree; means over languages (own) and over ordered pairs of two languages (other).

    `own_accuracy`, `other_accuracy`: share of texts that a language's own classifier, or another language's, labels
    right. `own_cosine`, `other_cosine`: cosine between the weights of classifiers fitted on different texts, of one
    language or of two. `own` is the most that `other` can be expected to reach. NaN where there is only one language.
    """

    own_accuracy: float
    other_accuracy: float
    own_cosine: float
    other_cosine: float
    languages: int

    @property
    def loss(self) -> float:
        """What is lost by using another language's boundary: own_accuracy - other_accuracy."""
        return self.own_accuracy - self.other_accuracy


def boundary_table(
    languages: Mapping[str, Labelled], *, seed: int = 0, repeats: int = REPEATS, penalty: float = PENALTY
) -> pandas.DataFrame:
    """One row for every ordered pair of languages: language (fitted on), other (used on), accuracy, cosine, n.

    Vectors are standardized together (mean and deviation over all texts of all languages), so that all classifiers
    share one space and no dimension counts for its scale. Weights are compared there; `cosine` is symmetric. `penalty`
    is the strength of the ridge (scikit-learn's 1 / C). Languages that lack examples of a label (LEAST) are left out.
    """
    from threadpoolctl import threadpool_limits

    kept = {name: each for name, each in languages.items() if name in usable(languages)}
    if not kept:
        return pandas.DataFrame(columns=["language", "other", "accuracy", "cosine", "n"])
    names, scaled = list(kept), _standardized(kept)
    accuracy = numpy.zeros((len(names), len(names)))
    cosine = numpy.zeros_like(accuracy)
    with threadpool_limits(limits=1):  # one order of summing, hence the same bits
        for repeat in range(repeats):
            one_accuracy, one_cosine = _one_split(kept, scaled, seed + repeat, 1 / penalty)
            accuracy += one_accuracy / repeats
            cosine += one_cosine / repeats
    rows = [
        (language, other, accuracy[i, j], cosine[i, j], len(kept[other].labels))
        for i, language in enumerate(names)
        for j, other in enumerate(names)
    ]
    return pandas.DataFrame(rows, columns=["language", "other", "accuracy", "cosine", "n"])


def alignment(table: pandas.DataFrame) -> Alignment:
    """The means of a boundary table."""
    own = table["language"] == table["other"]
    one, two = table[own], table[~own]
    return Alignment(
        float(one["accuracy"].mean()),
        float(two["accuracy"].mean()),
        float(one["cosine"].mean()),
        float(two["cosine"].mean()),
        len(one),
    )


def usable(languages: Mapping[str, Labelled]) -> tuple[str, ...]:
    """The languages with enough examples of every label that any language has."""
    every = {label for each in languages.values() for label in each.labels}
    return tuple(
        name
        for name, each in languages.items()
        if len(every) > 1 and all(each.labels.count(label) >= LEAST for label in every)
    )


def halves(languages: Mapping[str, Labelled], seed: int) -> dict[str, numpy.ndarray]:
    """For each language, which of its texts are in the first half [n]; equal ids are in the same half everywhere.

    Drawn within labels, so that both halves have as many of each (one more or less).
    """
    generator = numpy.random.default_rng(seed)
    half: dict[str, bool] = {}
    for each in languages.values():
        for label in sorted(set(each.labels)):
            ids = sorted({id for id, own in zip(each.ids, each.labels, strict=True) if own == label})
            fresh = [id for id in ids if id not in half]
            generator.shuffle(fresh)
            firsts = sum(half[id] for id in ids if id in half)
            wanted = len(ids) // 2 - firsts  # what the shared ones leave to do
            half |= {id: place < wanted for place, id in enumerate(fresh)}
    return {name: numpy.array([half[id] for id in each.ids]) for name, each in languages.items()}


def _whole_halves(languages: Mapping[str, Labelled], seed: int) -> dict[str, numpy.ndarray]:
    """Halves that have every label in every language; drawn again where few texts shared in part give none."""
    for attempt in range(ATTEMPTS):
        found = halves(languages, seed + attempt * 7919)
        if all(_all_labels(languages[name], half) for name, half in found.items()):
            return found
    raise RequestError(
        f"{', '.join(languages)}: no split of the texts has every label in both halves of every language; "
        "ask for fewer languages with --languages."
    )


def _all_labels(each: Labelled, half: numpy.ndarray) -> bool:
    labels = numpy.array(each.labels)
    return set(labels[half]) == set(labels[~half]) == set(each.labels)


def _standardized(languages: Mapping[str, Labelled]) -> dict[str, numpy.ndarray]:
    pooled = numpy.concatenate([numpy.asarray(each.vectors, dtype=numpy.float64) for each in languages.values()])
    mean, deviation = pooled.mean(0), pooled.std(0)
    deviation[deviation == 0] = 1.0
    return {name: (numpy.asarray(each.vectors, numpy.float64) - mean) / deviation for name, each in languages.items()}


def _one_split(
    languages: Mapping[str, Labelled], scaled: Mapping[str, numpy.ndarray], seed: int, strength: float
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Accuracies and cosines [languages, languages] of one split, both directions averaged."""
    from sklearn.linear_model import LogisticRegression

    names, inside = list(languages), _whole_halves(languages, seed)
    labels = {name: numpy.array(each.labels) for name, each in languages.items()}
    fitted = {}
    for name in names:
        for side in (True, False):
            rows = inside[name] == side
            classifier = LogisticRegression(C=strength, max_iter=2000)
            fitted[name, side] = classifier.fit(scaled[name][rows], labels[name][rows])
    accuracy = numpy.zeros((len(names), len(names)))
    cosine = numpy.zeros_like(accuracy)
    for i, one in enumerate(names):
        for j, two in enumerate(names):
            for side in (True, False):
                rows = inside[two] != side
                right = fitted[one, side].predict(scaled[two][rows]) == labels[two][rows]
                accuracy[i, j] += right.mean() / 2
                cosine[i, j] += _cosine(fitted[one, side].coef_, fitted[two, not side].coef_) / 2
    return accuracy, cosine


def _cosine(first: numpy.ndarray, second: numpy.ndarray) -> float:
    """Between weights [labels, hidden] as one long vector each; 0 where either is all zeros."""
    size = float(numpy.linalg.norm(first) * numpy.linalg.norm(second))
    return float((first * second).sum()) / size if size else 0.0

"""A picture's plane: t-SNE of several languages' texts, and each language's boundaries in it (Tu et al., figure 2).

The plane shows and proves nothing: t-SNE keeps neighbourhoods and neither distances nor directions, and lines fitted
in it say how it came out. What is concluded is concluded from `boundaries.py`, in the original space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy

from xbench.representations.boundaries import Labelled

PERPLEXITY = 30.0

Scores = Callable[[numpy.ndarray], numpy.ndarray]
"""Takes points [n, 2], gives a score for each label [n, labels]; the largest decides."""


def plane(languages: Mapping[str, Labelled], *, seed: int = 0) -> dict[str, numpy.ndarray]:
    """Every language's texts as points [n, 2] of one t-SNE over all; the same points for the same seed.

    Starts from the first two principal components; perplexity 30, or a third of the texts where these are few.

    Raises ValueError for fewer than 4 texts in all.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    vectors = numpy.concatenate([numpy.asarray(each.vectors, dtype=numpy.float32) for each in languages.values()])
    if len(vectors) < 4:
        raise ValueError(f"{len(vectors)} texts are too few for a t-SNE")
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    with threadpool_limits(limits=1):  # one order of summing, hence the same bits
        points = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(vectors)
    ends = numpy.cumsum([len(each.ids) for each in languages.values()])
    return dict(zip(languages, numpy.split(points, ends[:-1]), strict=True))


def plane_boundaries(points: Mapping[str, numpy.ndarray], languages: Mapping[str, Labelled]) -> dict[str, Scores]:
    """Each language's logistic regression on its points; a language with texts of one label only has none.

    Scores have one column for each label of all languages, in sorted order; a label that a language lacks never wins.
    """
    from sklearn.linear_model import LogisticRegression

    every = sorted({label for each in languages.values() for label in each.labels})
    found: dict[str, Scores] = {}
    for name, each in languages.items():
        if len(set(each.labels)) > 1:
            scale = float(numpy.abs(points[name]).max()) or 1.0  # else the ridge would depend on the plane's size
            classifier = LogisticRegression(max_iter=2000).fit(points[name] / scale * 10, numpy.array(each.labels))
            found[name] = _scores(classifier, scale / 10, every)
    return found


def _scores(classifier: object, scale: float, every: list[str]) -> Scores:
    def scores(points: numpy.ndarray) -> numpy.ndarray:
        own = classifier.predict_log_proba(points / scale)  # type: ignore[attr-defined]
        full = numpy.full((len(points), len(every)), -numpy.inf)
        full[:, [every.index(label) for label in classifier.classes_]] = own  # type: ignore[attr-defined]
        return full

    return scores

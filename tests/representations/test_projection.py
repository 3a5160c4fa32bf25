"""The plane of a picture: the same points for the same seed, and boundaries between its points."""

from __future__ import annotations

import numpy
import pytest

from tests.representations.test_boundaries import clouds
from xbench.representations.boundaries import Labelled
from xbench.representations.projection import plane, plane_boundaries


def test_the_plane_is_the_same_for_the_same_seed() -> None:
    given = {"en": clouds(seed=1), "de": clouds(seed=2, count=20)}
    first, second = plane(given, seed=3), plane(given, seed=3)
    assert {name: points.shape for name, points in first.items()} == {"en": (90, 2), "de": (60, 2)}
    for name in given:
        assert numpy.array_equal(first[name], second[name])


def test_few_texts_make_a_plane_and_fewer_are_refused() -> None:
    few = Labelled(numpy.eye(5), ("a", "b", "a", "b", "a"), tuple("12345"))
    assert plane({"en": few})["en"].shape == (5, 2)
    with pytest.raises(ValueError, match="too few"):
        plane({"en": Labelled(numpy.eye(3), ("a", "b", "a"), tuple("123"))})


def test_boundaries_separate_the_points_they_were_fitted_to() -> None:
    given = {"en": clouds(noise=0.1)}
    points = {"en": given["en"].vectors[:, :2] * 50}
    scores = plane_boundaries(points, given)["en"](points["en"])
    assert scores.shape == (90, 3)
    best = [("a", "b", "c")[place] for place in scores.argmax(1)]
    assert tuple(best) == given["en"].labels
    numpy.testing.assert_allclose(numpy.exp(scores).sum(1), 1)


def test_the_size_of_the_plane_does_not_matter() -> None:
    given = {"en": clouds(noise=0.6)}
    small, large = {"en": given["en"].vectors[:, :2]}, {"en": given["en"].vectors[:, :2] * 1000}
    one = plane_boundaries(small, given)["en"](small["en"])
    two = plane_boundaries(large, given)["en"](large["en"])
    numpy.testing.assert_allclose(one, two, atol=1e-6)


def test_a_label_that_a_language_lacks_never_wins_and_one_label_has_no_boundary() -> None:
    whole = clouds(noise=0.1)
    kept = [place for place, label in enumerate(whole.labels) if label != "b"]
    two = Labelled(whole.vectors[kept], tuple(whole.labels[i] for i in kept), tuple(whole.ids[i] for i in kept))
    only = Labelled(numpy.ones((4, 6)), ("a",) * 4, tuple("1234"))
    given = {"en": whole, "de": two, "fr": only}
    points = {name: each.vectors[:, :2] for name, each in given.items()}
    found = plane_boundaries(points, given)
    assert set(found) == {"en", "de"}
    scores = found["de"](points["de"])
    assert scores.shape[1] == 3
    assert (scores[:, 1] == -numpy.inf).all()

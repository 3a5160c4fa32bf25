"""Boundaries between labels on clouds whose boundaries are known."""

from __future__ import annotations

import numpy
import pytest

from xbench.representations.boundaries import Labelled, alignment, boundary_table, halves, usable

LABELS = ("a", "b", "c")


def clouds(turn: float = 0.0, noise: float = 0.3, count: int = 30, seed: int = 0, shift: float = 0.0) -> Labelled:
    """Three labels as clouds 120 degrees apart, turned as a whole, in a plane among four more dimensions."""
    generator = numpy.random.default_rng(seed)
    labels = tuple(LABELS[place % 3] for place in range(count * 3))
    angles = numpy.array([LABELS.index(label) * 2 * numpy.pi / 3 + turn for label in labels])
    vectors = generator.normal(scale=noise, size=(len(labels), 6))
    vectors[:, 0] += numpy.cos(angles) + shift
    vectors[:, 1] += numpy.sin(angles)
    return Labelled(vectors, labels, tuple(f"test-{place}" for place in range(len(labels))))


def test_languages_alike_are_aligned() -> None:
    table = boundary_table({"en": clouds(seed=1), "de": clouds(seed=2)}, repeats=1)
    found = alignment(table)
    assert found.own_accuracy > 0.95 and found.other_accuracy > 0.95
    assert found.own_cosine > 0.9 and found.other_cosine > 0.9
    assert found.languages == 2
    assert list(table.columns) == ["language", "other", "accuracy", "cosine", "n"]
    assert len(table) == 4 and set(table["n"]) == {90}


def test_a_turned_language_is_as_separable_and_not_aligned() -> None:
    """Turned by 120 degrees every label stands where another did: all wrong, and a cosine of cos(120) = -0.5."""
    table = boundary_table({"en": clouds(noise=0.1), "de": clouds(2 * numpy.pi / 3, noise=0.1)}, repeats=1)
    found = alignment(table)
    assert found.own_accuracy == 1.0
    assert found.other_accuracy == 0.0
    assert found.loss == 1.0
    assert found.own_cosine > 0.95
    assert found.other_cosine == pytest.approx(-0.5, abs=0.05)


def test_a_shifted_boundary_shows_in_accuracy_and_not_in_direction() -> None:
    found = alignment(boundary_table({"en": clouds(noise=0.1), "de": clouds(noise=0.1, shift=4.0)}, repeats=1))
    assert found.other_cosine > 0.9
    assert found.loss > 0.3


def test_noise_is_at_chance_within_a_language_too() -> None:
    """Own cosine is measured on different texts: classifiers fitted to noise do not agree with themselves."""
    generator = numpy.random.default_rng(0)
    noise = {
        name: Labelled(generator.normal(size=(120, 20)), clouds(count=40).labels, clouds(count=40).ids)
        for name in ("en", "de", "fr")
    }
    found = alignment(boundary_table(noise))
    assert abs(found.own_cosine) < 0.15 and abs(found.other_cosine) < 0.15
    assert found.own_accuracy == pytest.approx(1 / 3, abs=0.1)


def test_the_table_is_what_scikit_learn_gives_on_the_halves() -> None:
    from sklearn.linear_model import LogisticRegression

    given = {"en": clouds(seed=1, noise=0.8), "de": clouds(0.5, seed=2, noise=0.8)}
    pooled = numpy.concatenate([each.vectors for each in given.values()])
    scaled = {name: (each.vectors - pooled.mean(0)) / pooled.std(0) for name, each in given.items()}
    first = halves(given, 9)
    accuracies, cosines = [], []
    for side in (True, False):
        here, there = first["en"] == side, first["de"] != side
        en = LogisticRegression(C=0.1, max_iter=2000).fit(scaled["en"][here], numpy.array(given["en"].labels)[here])
        de = LogisticRegression(C=0.1, max_iter=2000).fit(scaled["de"][there], numpy.array(given["de"].labels)[there])
        accuracies.append(en.score(scaled["de"][there], numpy.array(given["de"].labels)[there]))
        one, two = en.coef_.ravel(), de.coef_.ravel()
        cosines.append(one @ two / numpy.linalg.norm(one) / numpy.linalg.norm(two))
    table = boundary_table(given, seed=9, repeats=1, penalty=10.0).set_index(["language", "other"])
    assert table.loc[("en", "de"), "accuracy"] == pytest.approx(numpy.mean(accuracies), abs=1e-12)
    assert table.loc[("en", "de"), "cosine"] == pytest.approx(numpy.mean(cosines), abs=1e-9)
    assert table.loc[("de", "en"), "cosine"] == pytest.approx(numpy.mean(cosines), abs=1e-9)


def test_translations_are_in_one_half_and_halves_have_all_labels() -> None:
    one = clouds()
    order = numpy.random.default_rng(0).permutation(len(one.ids))
    two = Labelled(one.vectors[order], tuple(one.labels[i] for i in order), tuple(one.ids[i] for i in order))
    found = halves({"en": one, "de": two}, seed=1)
    half = dict(zip(one.ids, found["en"], strict=True))
    assert [half[id] for id in two.ids] == found["de"].tolist()
    for label in LABELS:
        own = numpy.array(one.labels) == label
        assert found["en"][own].sum() == 15
    assert not numpy.array_equal(found["en"], halves({"en": one}, seed=2)["en"])


def test_the_order_of_the_texts_decides_nothing() -> None:
    one, two = clouds(seed=1, noise=0.8), clouds(0.3, seed=2, noise=0.8)
    order = numpy.random.default_rng(0).permutation(len(one.ids))
    moved = Labelled(one.vectors[order], tuple(one.labels[i] for i in order), tuple(one.ids[i] for i in order))
    first = boundary_table({"en": one, "de": two}, repeats=1)
    second = boundary_table({"en": moved, "de": two}, repeats=1)
    assert first["accuracy"].tolist() == second["accuracy"].tolist()
    assert first["cosine"].tolist() == pytest.approx(second["cosine"].tolist(), abs=1e-4)


def test_two_calls_give_the_same_numbers() -> None:
    given = {"en": clouds(seed=1, noise=0.8), "de": clouds(0.3, seed=2, noise=0.8)}
    assert boundary_table(given, seed=3).equals(boundary_table(given, seed=3))


def test_a_language_with_too_few_texts_of_a_label_is_left_out() -> None:
    few = clouds(count=3)
    assert usable({"en": clouds(), "de": few}) == ("en",)
    table = boundary_table({"en": clouds(), "de": few}, repeats=1)
    assert set(table["language"]) == {"en"}
    assert numpy.isnan(alignment(table).other_accuracy)
    one_label = Labelled(numpy.ones((9, 2)), ("a",) * 9, tuple("123456789"))
    assert boundary_table({"en": one_label}).empty


def test_a_dimension_without_spread_is_no_division_by_zero() -> None:
    given = clouds()
    vectors = numpy.column_stack([given.vectors, numpy.full(len(given.ids), 7.0)])
    table = boundary_table({"en": Labelled(vectors, given.labels, given.ids)}, repeats=1)
    assert numpy.isfinite(table["cosine"]).all()


def test_few_texts_that_are_shared_in_part_still_split() -> None:
    """German has four texts a label, all among the English ones: some splits put all four of a label in one half."""
    whole = clouds()
    few = Labelled(whole.vectors[:12], whole.labels[:12], whole.ids[:12])
    for seed in range(20):
        table = boundary_table({"en": whole, "de": few}, seed=seed, repeats=1)
        assert len(table) == 4

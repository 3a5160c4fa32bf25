"""Frames of measures from hand-made vectors."""

from __future__ import annotations

import numpy
import pytest

from tests.representations.test_boundaries import clouds
from tests.representations.test_texts import of
from xbench.representations.boundaries import Labelled
from xbench.representations.measures import labelled, measure
from xbench.representations.similarity import change, pair_similarity
from xbench.representations.texts import Texts


def given(translations: bool = True) -> tuple[dict[str, Labelled], Texts]:
    """Two languages of 90 texts with three labels."""
    made = {"de": clouds(0.2, seed=2), "en": clouds(seed=1)}
    examples = {name: of(name, each.ids, each.labels) for name, each in made.items()}
    return made, Texts(examples, translations, "" if translations else "no ids are shared by two languages")


def test_every_frame_has_what_its_function_gives() -> None:
    made, texts = given()
    before = {name: each.vectors for name, each in made.items()}
    after = {name: each.vectors + 1 for name, each in made.items()}
    found = measure(before, after, texts, "en", seed=5)
    german = found.change.set_index("language").loc["de"]
    assert german["cosine"] == change(before["de"], after["de"]).value
    assert german["low"] == change(before["de"], after["de"]).low
    assert list(found.pairs["state"]) == ["before", "after"]
    pair = found.pairs.set_index("state").loc["after"]
    expected = pair_similarity(after["en"], after["de"], seed=5)
    assert (pair["source"], pair["language"], pair["n"]) == ("en", "de", 90)
    assert (pair["pairs"], pair["others"]) == (expected.pairs, expected.others)
    assert pair["relative"] == expected.relative
    assert len(found.boundaries) == 8
    own = found.boundaries.query("language == other and state == 'after'")
    summary = found.alignment.set_index("state").loc["after"]
    assert summary["own_accuracy"] == pytest.approx(own["accuracy"].mean())
    assert summary["loss"] == pytest.approx(summary["own_accuracy"] - summary["other_accuracy"])
    assert found.notes == ()


def test_no_translations_leave_the_rest_and_say_why() -> None:
    made, texts = given(translations=False)
    vectors = {name: each.vectors for name, each in made.items()}
    found = measure(vectors, vectors, texts, "en")
    assert found.pairs.empty
    assert len(found.boundaries) == 8
    assert "no ids are shared" in found.notes[0]
    ids = labelled(vectors, texts)
    assert not set(ids["en"].ids) & set(ids["de"].ids)


def test_a_source_that_was_not_asked_for_is_said() -> None:
    made, texts = given()
    vectors = {name: each.vectors for name, each in made.items()}
    found = measure(vectors, vectors, texts, "fr")
    assert found.pairs.empty
    assert "source language fr" in found.notes[0]


def test_too_few_texts_are_said() -> None:
    texts = Texts({"en": of("en", "1234", "aabb"), "de": of("de", "1234", "aabb")}, True)
    vectors = dict.fromkeys(("en", "de"), numpy.random.default_rng(0).normal(size=(4, 3)))
    found = measure(vectors, vectors, texts, "en")
    assert found.boundaries.empty and found.alignment.empty
    assert "Too few texts" in found.notes[0]
    assert list(found.change["cosine"]) == pytest.approx([1, 1])

"""Whole comparisons of small trained cells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy
import pytest
import torch

from tests.representations.cells import rebuilt
from xbench.errors import RequestError
from xbench.parts.encoder import base_model
from xbench.representations.comparison import Choices, compare, pictures


def test_against_the_backbone(runs: Path) -> None:
    cell = rebuilt(runs, "fine-tune")
    found = compare(cell, languages=("en", "de"), choices=Choices(limit=40))
    assert (found.token, found.names[0]) == ("first", "micro-xlmr, not tuned")
    assert found.texts.translations
    assert {name: vectors.shape for name, vectors in found.after.items()} == {"de": (40, 128), "en": (40, 128)}
    cosines = found.measures.change["cosine"]
    assert ((cosines > 0.3) & (cosines < 0.99999)).all()
    assert found.prompt.empty
    assert len(found.measures.pairs) == 2
    assert len(found.measures.alignment) == 2


def test_before_is_the_state_that_transformers_gives(runs: Path) -> None:
    """The backbone on the tokenizer's own encoding, without anything of ours in between."""
    cell = rebuilt(runs, "soft")
    found = compare(cell, languages=("de",), choices=Choices(limit=5))
    backbone = cell.cell.backbone
    texts = list(found.texts.examples["de"].fields["text"])
    with torch.inference_mode():
        output = base_model(backbone.model)(**backbone.tokenizer(texts, padding=True, return_tensors="pt"))
    numpy.testing.assert_allclose(found.before["de"], output.last_hidden_state[:, 0].numpy(), atol=1e-5)


def test_the_same_cell_on_both_sides_has_not_changed(runs: Path) -> None:
    found = compare(rebuilt(runs, "soft"), against=rebuilt(runs, "soft"), choices=Choices("mask", limit=10))
    assert found.measures.change["cosine"].tolist() == pytest.approx([1, 1])
    before, after = (found.measures.pairs.query("state == @state") for state in ("before", "after"))
    assert before["pairs"].tolist() == after["pairs"].tolist()


def test_against_the_untrained_model_only_training_is_left(runs: Path) -> None:
    """Of a prefix in the top layer alone, the states below it are those of the untrained model."""
    cell = rebuilt(runs, "prefix")
    below = compare(cell, against="untrained", choices=Choices(layer=3, limit=10))
    top = compare(cell, against="untrained", choices=Choices(limit=10))
    assert below.measures.change["cosine"].tolist() == pytest.approx([1, 1])
    assert (top.measures.change["cosine"] < 0.999999).all()
    trained = top.prompt.groupby("layer")["trained"].all()
    assert trained.tolist() == [False, False, False, True]
    assert (top.prompt.query("layer == 4")["change"] > 0).all()
    assert (top.prompt.query("layer < 4")["change"] == 0).all()


def test_a_soft_prompts_change_is_its_own(runs: Path) -> None:
    found = compare(rebuilt(runs, "soft"), languages=("en",), choices=Choices(limit=4))
    (row,) = found.prompt.to_dict("records")
    assert (row["layer"], row["part"], row["trained"], row["values"]) == (0, "prompt", True, 4 * 128)
    assert 0 < row["change"] < row["initial"]


def test_two_runs_give_the_same_numbers_and_pictures(runs: Path) -> None:
    first, second = (compare(rebuilt(runs, "fine-tune"), choices=Choices(limit=30, seed=4)) for _ in range(2))
    assert first.measures.change.equals(second.measures.change)
    assert first.measures.boundaries.equals(second.measures.boundaries)
    one, two = pictures(first, "en", seed=4), pictures(second, "en", seed=4)
    assert list(one[0].points) == ["en", "de"]
    for name in ("en", "de"):
        assert numpy.array_equal(one[1].points[name], two[1].points[name])


def test_a_task_or_language_that_the_cell_lacks_is_named(runs: Path) -> None:
    cell = rebuilt(runs, "fine-tune")
    with pytest.raises(RequestError, match=r"no task 'marcs'\. Did you mean 'marc'"):
        compare(cell, "marcs")
    with pytest.raises(RequestError, match=r"no predictions for marc in 'fr'\. Choose from: de, en"):
        compare(cell, languages=("en", "fr"))


def test_cells_of_other_backbones_or_texts_are_refused(runs: Path) -> None:
    cell, other = rebuilt(runs, "fine-tune"), rebuilt(runs, "soft")
    other.record = replace(other.record, model="other", model_hash="other")
    with pytest.raises(RequestError, match="different spaces"):
        compare(cell, against=other)
    pairs = tuple(replace(pair, examples="else") for pair in other.record.predictions)
    other.record = replace(cell.record, predictions=pairs)
    with pytest.raises(RequestError, match="different examples of marc"):
        compare(cell, against=other)

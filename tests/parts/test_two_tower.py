"""UniPrompt's towers against the whole masked language model with hand-made attention masks."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.conftest import GetBackbone
from tests.reference import two_towers
from tests.tiny import LAYERS, Built
from xbench.encoding.label_words import LabelWords
from xbench.errors import BackboneError
from xbench.parts.two_tower import TwoTowerEncoder

KINDS = ("xlmr", "bert")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", range(LAYERS + 1))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_before_training_it_is_the_masked_language_model(
    backbone: GetBackbone, kind: str, split: int, language: str
) -> None:
    built = Built("uniprompt", backbone(kind), split=split, label_words="discrete")
    batch = built.batch(language)
    expected = two_towers(built.backbone, batch, split).scores
    model: Any = built.model().double()

    state = model.transformation(model.encoder_state(batch))
    torch.testing.assert_close(model.output(state), expected, atol=1e-10, rtol=0)
    words = batch.context["label_words"]
    assert isinstance(words, LabelWords)
    torch.testing.assert_close(model(batch), expected[:, words.ids[:, 0, 0]], atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_without_towers_it_is_the_model_as_it_comes(backbone: GetBackbone, kind: str) -> None:
    """p = 0 needs no hooks: a plain forward with positions that restart."""
    built = Built("uniprompt", backbone(kind), split=0, label_words="discrete")
    batch = built.batch()
    template = batch.context["template_ids"]
    assert isinstance(template, Tensor)
    count, length = batch["input_ids"].shape
    first = 2 if kind == "xlmr" else 0
    positions = torch.cat([torch.arange(len(template)), torch.arange(length)]) + first
    logits = (
        built.backbone.fresh()
        .double()(
            input_ids=torch.cat([template.expand(count, -1), batch["input_ids"]], 1),
            attention_mask=torch.cat([torch.ones(count, len(template)).long(), batch["attention_mask"]], 1),
            position_ids=positions.expand(count, -1),
        )
        .logits
    )
    model: Any = built.model().double()
    found = model.output(model.transformation(model.encoder_state(batch)))
    torch.testing.assert_close(found, logits[:, batch.context["template_mask_position"]], atol=1e-10, rtol=0)  # type: ignore[call-overload]


def test_the_split_matters(backbone: GetBackbone) -> None:
    """The references of different p differ, so that the test above tells them apart."""
    batch = Built("uniprompt", backbone("xlmr"), label_words="discrete").batch()
    scores = [two_towers(backbone("xlmr"), batch, split).scores for split in range(LAYERS + 1)]
    for one in range(LAYERS + 1):
        for other in range(one):
            assert (scores[one] - scores[other]).abs().max() > 1e-3


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("split", range(LAYERS + 1))
def test_towers_double_the_bottom_layers_and_add_nothing_at_inference(backbone: GetBackbone, split: int) -> None:
    base = backbone("xlmr").fresh().base_model
    whole, layer = count(base), count(base.encoder.layer[0])
    towers = TwoTowerEncoder(base, split)
    assert count(towers) == whole + split * layer
    towers.fix_template(torch.tensor([0, 5, 6, 2]))
    assert count(towers) == whole


def test_towers_start_alike_and_part_in_training(backbone: GetBackbone) -> None:
    towers = TwoTowerEncoder(backbone("xlmr").fresh().base_model, 2)
    assert towers.template_tower is not None
    for one, other in zip(towers.template_tower.parameters(), towers.context_tower.parameters(), strict=True):
        assert torch.equal(one, other) and one is not other
        other.data.add_(1.0)
        assert not torch.equal(one, other)


def test_a_split_beyond_the_layers_is_refused(backbone: GetBackbone) -> None:
    base = backbone("xlmr").fresh().base_model
    with pytest.raises(BackboneError, match=rf"splits the encoder at layer {LAYERS + 1}; .* has {LAYERS} layers"):
        TwoTowerEncoder(base, LAYERS + 1)

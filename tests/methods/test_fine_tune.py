"""Fine-tuning: the first token's state, a linear layer, and everything trains."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.conftest import GetBackbone
from tests.tiny import Built, task
from tests.tiny_kinds import kind_task


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@pytest.mark.parametrize("name", ["marc", "xnli"])
def test_scores_are_a_linear_layer_on_the_models_first_state(backbone: GetBackbone, kind: str, name: str) -> None:
    built = Built("fine-tune", backbone(kind, "encoder"), task(name))
    batch = built.batch()
    model: Any = built.model().double()
    whole = built.backbone.fresh().double()
    inputs = {key: batch[key] for key in built.backbone.tokenizer.model_input_names}
    first = whole(**inputs).last_hidden_state[:, 0]  # positions are the model's own
    expected = first @ model.head.linear.weight.T + model.head.linear.bias
    torch.testing.assert_close(model(batch), expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_tags_are_scored_by_a_linear_layer_on_every_state(backbone: GetBackbone, kind: str) -> None:
    built = Built("fine-tune", backbone(kind, "encoder"), kind_task("tagging"))
    batch = built.batch()
    model: Any = built.model().double()
    whole = built.backbone.fresh().double()
    inputs = {key: batch[key] for key in built.backbone.tokenizer.model_input_names}
    expected = whole(**inputs).last_hidden_state @ model.head.linear.weight.T + model.head.linear.bias
    real = batch["attention_mask"].bool()
    torch.testing.assert_close(model(batch)[real], expected[real], atol=1e-10, rtol=0)
    # The mean loss is transformers' own for token classification: over the tokens that have a tag.
    mean = torch.nn.functional.cross_entropy(expected.flatten(0, 1), batch["label"].flatten(), ignore_index=-100)
    loss = built.method.loss(model, batch).detach()
    assert float(loss) / batch.count == pytest.approx(float(mean.detach()), rel=1e-6)


def test_everything_trains(backbone: GetBackbone) -> None:
    built = Built("fine-tune", backbone("xlmr", "encoder"))
    model = built.model()
    built.method.loss(model, built.batch()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), name


def test_the_head_starts_as_the_backbones_weights_do(backbone: GetBackbone) -> None:
    model: Any = Built("fine-tune", backbone("xlmr", "encoder"), dropout=0.25).model()
    assert float(model.head.linear.weight.detach().std()) == pytest.approx(0.15, rel=0.2)
    assert not model.head.linear.bias.any()
    assert model.head.dropout.p == 0.25

"""Prefix tuning leaves the backbone as it is; the prefix itself is tested with its part."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from transformers import AutoModel

from tests.conftest import GetBackbone
from tests.tiny import Built, examples
from tests.tiny_kinds import kind_task
from xbench.backbone.load import load_backbone
from xbench.encoding.rows import Stream
from xbench.errors import BackboneError
from xbench.method.budget import Budget
from xbench.parts.classifier import TokenHead
from xbench.runner.checkpoint import trained_tensors
from xbench.runner.training import train


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_the_backbone_keeps_its_bits(backbone: GetBackbone, kind: str) -> None:
    built = Built("prefix", backbone(kind, "encoder"), length=3)
    model: Any = built.model()
    start = {name: value.clone() for name, value in model.state_dict().items()}
    formulation = built.formulation
    rows = formulation.encode(examples(formulation.task)).rows
    stream = Stream("train", rows, lambda chosen: formulation.batch(chosen, "en"))
    budget = Budget(steps=5, batch_size=4, learning_rate=0.05, weight_decay=0.1)
    report = train(model, built.method.loss, [stream], budget, seed=0, accelerator=Accelerator(cpu=True), evaluate=None)
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, start[name])}
    assert moved == {"prefix.top", "head.linear.weight", "head.linear.bias"}
    assert report.trained_parameters == 4 * 2 * 3 * 32 + 5 * 32 + 5
    for name, parameter in built.backbone.model.named_parameters():  # nor the copy that the process keeps
        assert torch.equal(parameter, start[f"encoder.model.{name}"])
        assert parameter.requires_grad


def test_of_the_top_layers_only_those_move(backbone: GetBackbone) -> None:
    built = Built("prefix", backbone("xlmr", "encoder"), length=3, top_layers=2)
    model: Any = built.model()
    bottom, top = model.prefix.bottom.clone(), model.prefix.top.detach().clone()
    assert bottom.shape[0] == 2 and top.shape[0] == 2
    optimizer = torch.optim.SGD([each for each in model.parameters() if each.requires_grad], lr=1.0)
    built.method.loss(model, built.batch()).backward()
    optimizer.step()
    assert torch.equal(model.prefix.bottom, bottom)
    assert (model.prefix.top != top).any(dim=-1).all()


def test_the_prefix_is_drawn_wide_and_dropped_out_in_training(backbone: GetBackbone) -> None:
    built = Built("prefix", backbone("xlmr", "encoder"), length=40, dropout=0.5)
    model: Any = built.model()
    assert float(model.prefix.top.detach().std()) == pytest.approx(1.0, abs=0.05)
    keys, _ = model.prefix(1)
    assert (keys != 0).all()
    keys, _ = model.prefix.train()(1)
    assert float((keys == 0).double().mean()) == pytest.approx(0.5, abs=0.05)
    keys, values = model.prefix(2)  # each example and side for itself
    masks = [(each[:, row] == 0).double() for each in (keys, values) for row in (0, 1)]
    assert all(abs(float((one * other).mean()) - 0.25) < 0.05 for one, other in combinations(masks, 2))


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_as_released_the_linear_layer_reads_the_frozen_pooler(backbone: GetBackbone, tmp_path: Path, kind: str) -> None:
    """The scores of transformers' own pooled output under the same prefix."""
    torch.manual_seed(0)
    whole = AutoModel.from_pretrained(backbone(kind).name)
    whole.save_pretrained(tmp_path)
    backbone(kind).tokenizer.save_pretrained(tmp_path)
    built = Built("prefix[pooled=true]", load_backbone(str(tmp_path), "encoder"), length=3)
    model, batch = built.model(), built.batch()
    with torch.no_grad():
        states = model.encoder(batch, prefix=model.prefix(len(batch)))  # type: ignore[operator]
        expected = model.head.linear(whole.pooler(states))  # type: ignore[operator, union-attr]
        assert torch.equal(model(batch), expected)
    rows = built.formulation.encode(examples(built.formulation.task)).rows
    stream = Stream("train", rows, lambda chosen: built.formulation.batch(chosen, "en"))
    start = {name: value.clone() for name, value in model.state_dict().items()}
    budget = Budget(steps=2, batch_size=4, learning_rate=0.05)
    train(model, built.method.loss, [stream], budget, seed=0, accelerator=Accelerator(cpu=True), evaluate=None)
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, start[name])}
    assert moved == {"prefix.top", "head.linear.weight", "head.linear.bias"}
    assert set(trained_tensors(model)) - {"prefix.bottom"} == moved  # what is stored has no pooler
    tags = Built("prefix[pooled=true]", load_backbone(str(tmp_path), "encoder"), kind_task("tagging"), length=3)
    assert type(tags.model().head) is TokenHead  # a pooler is of the text


def test_a_pooler_that_was_never_trained_is_refused(backbone: GetBackbone) -> None:
    with pytest.raises(BackboneError, match="has no pretrained pooler"):
        Built("prefix[pooled=true]", backbone("xlmr", "encoder")).model()


@pytest.mark.parametrize("kind", ["tagging", "extractive-qa"])
def test_no_score_belongs_to_the_prefix(backbone: GetBackbone, kind: str) -> None:
    """Positions are those of the text: a prefix of another length neither adds nor shifts any."""
    shapes = set()
    for length in (1, 5):
        built = Built("prefix", backbone("xlmr", "encoder"), kind_task(kind), length=length, stride=20)
        batch = built.batch(which=[0, 1, 2])
        scores = built.method.predict(built.model(), batch)
        positions = scores.shape[1] if kind == "tagging" else scores.shape[2]
        assert positions == batch["input_ids"].shape[1]
        shapes.add(tuple(scores.shape))
    assert len(shapes) == 1

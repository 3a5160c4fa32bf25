"""Prefix tuning leaves the backbone as it is; the prefix itself is tested with its part."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from accelerate import Accelerator

from tests.conftest import GetBackbone
from tests.tiny import Built, examples
from tests.tiny_kinds import kind_task
from xbench.encoding.rows import Stream
from xbench.method.budget import Budget
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

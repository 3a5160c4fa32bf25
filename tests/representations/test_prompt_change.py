"""Change of a prompt's values by layer."""

from __future__ import annotations

import numpy
import pytest
import torch
from torch import nn
from transformers import XLMRobertaConfig

from xbench.parts.deep_prefix import DeepPrefix
from xbench.parts.soft_prompt import SoftPrompt
from xbench.representations.prompt_change import COLUMNS, change_by_layer, prompt_values


def test_change_by_hand() -> None:
    initial = {(2, "key"): numpy.array([[1.0, -1.0]]), (0, "prompt"): numpy.array([[2.0], [2.0]])}
    tuned = {(2, "key"): numpy.array([[1.5, -2.0]]), (0, "prompt"): numpy.array([[2.0], [2.0]])}
    table = change_by_layer(initial, tuned)
    assert list(table.columns) == list(COLUMNS)
    assert table.to_dict("records") == [
        {"layer": 0, "part": "prompt", "values": 2, "change": 0, "initial": 2, "relative": 0, "trained": False},
        {"layer": 2, "part": "key", "values": 2, "change": 0.75, "initial": 1, "relative": 0.75, "trained": True},
    ]


def test_values_that_were_zero_have_no_relative_change() -> None:
    table = change_by_layer({(1, "key"): numpy.zeros((1, 2))}, {(1, "key"): numpy.ones((1, 2))})
    assert table["change"].item() == 1
    assert numpy.isnan(table["relative"].item())


def test_a_prefix_has_keys_and_values_in_every_layer_trained_or_not() -> None:
    config = XLMRobertaConfig(hidden_size=8, num_hidden_layers=3, num_attention_heads=2)
    prefix = DeepPrefix(config, length=5, trained_layers=1, dropout=0.5, deviation=1.0)
    found = prompt_values(nn.ModuleDict({"prefix": prefix}))
    assert sorted(found) == [(layer, part) for layer in (1, 2, 3) for part in ("key", "value")]
    assert found[1, "value"] == pytest.approx(prefix.bottom[0, 1].numpy())
    assert found[3, "key"] == pytest.approx(prefix.top[0, 0].detach().numpy())


@pytest.mark.parametrize("form", ["none", "lstm-mlp"])
def test_a_soft_prompt_is_what_the_model_reads(form: str) -> None:
    torch.manual_seed(0)
    prompt = SoftPrompt(4, 8, form, 0.1)  # type: ignore[arg-type]
    found = prompt_values(nn.Sequential(prompt))
    assert list(found) == [(0, "prompt")]
    assert found[0, "prompt"] == pytest.approx(prompt().detach().numpy())


def test_a_model_without_a_prompt_has_no_values() -> None:
    assert prompt_values(nn.Linear(2, 2)) == {}

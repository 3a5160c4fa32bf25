"""Prefix keys and values: peft's numbers, the right positions, and the paper's number of parameters."""

from __future__ import annotations

import warnings

import pytest
import torch
from peft import PrefixTuningConfig, TaskType, get_peft_model
from torch import Tensor
from transformers import PreTrainedModel, XLMRobertaConfig

from tests.conftest import GetBackbone
from tests.tiny import LAYERS, Built, batch_of, examples
from xbench.errors import BackboneError
from xbench.parts.deep_prefix import DeepPrefix
from xbench.parts.encoder import Encoder

LENGTH = 5


def peft_states(model: PreTrainedModel, values: Tensor, inputs: dict[str, Tensor]) -> Tensor:
    """States under peft's prefix tuning with the same keys and values [layers, 2, length, hidden]."""
    config = PrefixTuningConfig(task_type=TaskType.FEATURE_EXTRACTION, num_virtual_tokens=values.shape[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrapped = get_peft_model(model, config).eval()
    layers, _, length, hidden = values.shape
    # peft's table has a row for each position, with a layer's keys, then its values, layer after layer.
    table = values.permute(2, 0, 1, 3).reshape(length, layers * 2 * hidden)
    encoder = wrapped.prompt_encoder["default"]
    assert encoder.embedding.weight.shape == table.shape
    encoder.embedding.weight.data = table.to(encoder.embedding.weight.dtype)
    return wrapped(**inputs).last_hidden_state


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_states_equal_pefts(backbone: GetBackbone, kind: str) -> None:
    built = Built("prefix", backbone(kind, "encoder"), length=LENGTH, dropout=0)
    batch = built.batch()
    torch.manual_seed(1)
    prefix = DeepPrefix(built.backbone.model.config, LENGTH, None, 0.0, 1.0).double()
    encoder = Encoder(built.backbone.fresh().double())
    ours = encoder(batch, prefix=prefix(len(batch)))
    place = torch.arange(batch["input_ids"].shape[1]) + encoder.first_position  # peft itself shifts them
    theirs = peft_states(
        built.backbone.fresh().double(),
        prefix.top.detach(),
        {
            "inputs_embeds": encoder.embed(batch),
            "attention_mask": batch["attention_mask"],
            "position_ids": place.expand(len(batch), -1),
        },
    )
    real = batch["attention_mask"].bool()
    torch.testing.assert_close(ours[real], theirs[real], atol=1e-10, rtol=0)
    without = encoder(batch)
    assert (ours - without).abs().max() > 0.1


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_states_equal_attention_written_out(backbone: GetBackbone, kind: str) -> None:
    """Every layer by hand: queries of the text over keys and values of prefix and text; positions begin after it."""
    built = Built("prefix", backbone(kind, "encoder"), length=LENGTH, dropout=0)
    batch = built.batch()
    model = built.backbone.fresh().double()
    prefix = DeepPrefix(model.config, LENGTH, None, 0.0, 1.0).double()
    found = Encoder(model)(batch, prefix=prefix(len(batch)))

    start = (2 if kind == "xlmr" else 0) + LENGTH
    place = (torch.arange(batch["input_ids"].shape[1]) + start).expand(batch["input_ids"].shape)
    kinds = batch["token_type_ids"] if kind == "bert" else torch.zeros_like(place)
    states = model.embeddings(input_ids=batch["input_ids"], position_ids=place, token_type_ids=kinds)
    heads = model.config.num_attention_heads
    count, length, hidden = states.shape
    visible = torch.cat([torch.ones(count, LENGTH), batch["attention_mask"]], 1).bool()  # [batch, prefix + length]

    def split(tensor: Tensor) -> Tensor:
        return tensor.view(count, -1, heads, hidden // heads).transpose(1, 2)  # [batch, heads, length, head size]

    for number, layer in enumerate(model.encoder.layer):
        attention = layer.attention.self
        keys, values = (
            split(torch.cat([prefix.top[number, side].expand(count, -1, -1), projection(states)], 1))
            for side, projection in ((0, attention.key), (1, attention.value))
        )
        weights = split(attention.query(states)) @ keys.transpose(-1, -2) / (hidden // heads) ** 0.5
        weights = weights.masked_fill(~visible[:, None, None], float("-inf")).softmax(-1)
        context = (weights @ values).transpose(1, 2).reshape(count, length, hidden)
        attended = layer.attention.output(context, states)
        states = layer.output(layer.intermediate(attended), attended)
    real = batch["attention_mask"].bool()
    torch.testing.assert_close(found[real], states[real], atol=1e-10, rtol=0)


def test_the_papers_number_of_parameters() -> None:
    """XLM-R-large, length 32: 24 layers * 2 * 1024 * 32 = 1,572,864."""
    large = XLMRobertaConfig(num_hidden_layers=24, hidden_size=1024, num_attention_heads=16)
    with torch.device("meta"):
        prefix = DeepPrefix(large, 32, None, 0.1, 1.0)
    assert sum(parameter.numel() for parameter in prefix.parameters()) == 24 * 2 * 1024 * 32 == 1_572_864
    keys, values = prefix(3)
    assert keys.shape == values.shape == (24, 3, 16, 32, 64)


def test_top_layers_train_and_the_others_stay(backbone: GetBackbone) -> None:
    config = backbone("xlmr", "encoder").model.config
    prefix = DeepPrefix(config, LENGTH, 1, 0.0, 1.0)
    assert {name for name, each in prefix.named_parameters() if each.requires_grad} == {"top"}
    assert prefix.top.shape == (1, 2, LENGTH, 32) and prefix.bottom.shape == (LAYERS - 1, 2, LENGTH, 32)
    keys, _ = prefix(2)
    heads = keys[:, 1].transpose(1, 2).reshape(LAYERS, LENGTH, 32)
    assert torch.equal(heads[-1], prefix.top[0, 0]) and torch.equal(heads[0], prefix.bottom[0, 0])


def test_more_layers_than_there_are_is_refused(backbone: GetBackbone) -> None:
    with pytest.raises(BackboneError, match=f"prefixes of 5 layers are to be tuned; the backbone has {LAYERS} layers"):
        DeepPrefix(backbone("xlmr", "encoder").model.config, LENGTH, 5, 0.0, 1.0)


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_text_and_prefix_fill_the_positions_and_no_more(backbone: GetBackbone, kind: str) -> None:
    built = Built("prefix", backbone(kind, "encoder"), length=LENGTH, max_length=1000)
    assert built.backbone.max_length == 160
    formulation = built.formulation
    assert formulation.options.max_length == 160 - LENGTH
    long = examples(formulation.task)
    long = type(long)(**{**vars(long), "fields": {"text": ("good " * 400,) * len(long)}})
    batch = batch_of(formulation, long)
    assert batch["input_ids"].shape[1] == 160 - LENGTH
    assert built.model()(batch).isfinite().all()  # the last position is the table's last


def test_a_prefix_is_not_longer_after_a_second_forward(backbone: GetBackbone) -> None:
    built = Built("prefix", backbone("xlmr", "encoder"), length=LENGTH)
    model, batch = built.model(), built.batch()
    assert torch.equal(model(batch), model(batch))

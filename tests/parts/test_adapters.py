"""Adapters: the layer written out, an exact inverse, sizes as published, and no change where they add nothing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from transformers import XLMRobertaConfig

from tests.conftest import GetBackbone
from tests.tiny import LAYERS, Built
from xbench.errors import BackboneError
from xbench.parts.adapters import Adapter, InvertibleAdapter, put_adapters_in
from xbench.parts.encoder import Encoder

LARGE = XLMRobertaConfig(num_hidden_layers=24, hidden_size=1024, num_attention_heads=16)


def size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_inverse_is_exact() -> None:
    torch.manual_seed(0)
    adapter = InvertibleAdapter(32, 0.5).double()
    states = torch.randn(3, 7, 32, dtype=torch.float64)
    changed = adapter(states)
    assert (changed - states).abs().max() > 0.1
    torch.testing.assert_close(adapter.inverse(changed), states, atol=1e-12, rtol=0)
    torch.testing.assert_close(adapter(adapter.inverse(states)), states, atol=1e-12, rtol=0)


def test_the_numbers_of_parameters_on_xlm_r_large() -> None:
    """24 * 1,050,112 + 525,824 = 25,728,512, 102.9 MB; Chen and Chen (2024, table 3) print 27M and 103 MB."""
    with torch.device("meta"):
        language = Adapter(LARGE, 2, 0.02, invertible=True)
        task = Adapter(LARGE, 16, 0.02)
        without_last = Adapter(LARGE, 2, 0.02, invertible=True, leave_out_last=True)
        narrow = Adapter(LARGE, 16, 0.02, invertible=True)
    assert [size(layer) for layer in language.layers] == [2 * 1024 * 512 + 512 + 1024] * 24 == [1_050_112] * 24
    assert language.invertible is not None and size(language.invertible) == 525_824
    assert size(language) == 25_728_512 and round(size(language) * 4 / 1e6, 1) == 102.9
    assert narrow.invertible is not None and size(narrow.invertible) == 525_824  # whatever the layers' reduction
    assert size(task) == 24 * (2 * 1024 * 64 + 64 + 1024) and task.invertible is None
    assert size(without_last) == size(language) - 1_050_112


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_a_stack_written_out(backbone: GetBackbone, kind: str) -> None:
    built = Built("fine-tune", backbone(kind))
    batch = built.batch()
    config = built.backbone.model.config
    torch.manual_seed(1)
    language, task = Adapter(config, 2, 0.3, invertible=True).double(), Adapter(config, 4, 0.3).double()
    model = built.backbone.fresh().base_model.double()
    plain = built.backbone.fresh().base_model.double()
    put_adapters_in(model, [language, task])
    found = Encoder(model)(batch)

    start = 2 if kind == "xlmr" else 0
    place = (torch.arange(batch["input_ids"].shape[1]) + start).expand(batch["input_ids"].shape)
    kinds = batch["token_type_ids"] if kind == "bert" else torch.zeros_like(place)
    assert language.invertible is not None
    states = language.invertible(
        plain.embeddings(input_ids=batch["input_ids"], position_ids=place, token_type_ids=kinds)
    )
    bias = (1.0 - batch["attention_mask"][:, None, None].double()) * torch.finfo(torch.float64).min
    for number, layer in enumerate(plain.encoder.layer):
        attended = layer.attention(states, bias)[0]
        hidden = layer.output.dense(layer.intermediate(attended))
        norm = layer.output.LayerNorm
        for adapter in (language, task):
            each = adapter.layers[number]
            hidden = hidden + each.up(each.down(norm(hidden + attended)).relu())
        states = norm(hidden + attended)
    real = batch["attention_mask"].bool()
    torch.testing.assert_close(found[real], states[real], atol=1e-9, rtol=0)


def test_adapters_that_give_nothing_change_nothing(backbone: GetBackbone) -> None:
    built = Built("fine-tune", backbone("xlmr"))
    batch = built.batch()
    model = built.backbone.fresh().base_model
    expected = Encoder(built.backbone.fresh().base_model)(batch)
    adapter = Adapter(model.config, 2, 0.0, invertible=True)
    put_adapters_in(model, [adapter])
    assert torch.equal(Encoder(model)(batch), expected)


def test_the_last_layer_can_go_without(backbone: GetBackbone) -> None:
    built = Built("fine-tune", backbone("xlmr"))
    model = built.backbone.fresh().base_model
    adapter = Adapter(model.config, 2, 0.3, leave_out_last=True)
    put_adapters_in(model, [adapter])
    assert len(adapter.layers) == LAYERS - 1
    called: list[Tensor] = []
    for layer in adapter.layers:
        layer.register_forward_hook(lambda _, __, output: called.append(output))
    Encoder(model)(built.batch())
    assert len(called) == LAYERS - 1


def test_layers_of_another_shape_are_refused(backbone: GetBackbone) -> None:
    model = backbone("mt5").fresh()
    with pytest.raises(BackboneError, match="no layers that adapters fit"):
        put_adapters_in(model, [])

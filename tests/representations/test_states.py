"""States of layers against transformers' own, and vectors of texts from states."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.conftest import GetBackbone
from tests.tiny import LAYERS, Built
from xbench.encoding.rows import Batch
from xbench.errors import RequestError
from xbench.parts.encoder import Encoder, base_model
from xbench.representations.states import Layer, Token, states, text_vectors


def batch_of(**tensors: Tensor) -> Batch:
    """A batch of these tensors."""
    count = len(next(iter(tensors.values())))
    return Batch(tuple(range(count)), tensors, count, 0)


def test_vectors_by_hand() -> None:
    given = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]], [[0.0, 1.0], [2.0, 3.0], [4.0, 8.0]]])
    batch = batch_of(attention_mask=torch.tensor([[1, 1, 0], [1, 1, 1]]), mask_position=torch.tensor([1, 2]))
    assert text_vectors(given, batch, "first").tolist() == [[1, 2], [0, 1]]
    assert text_vectors(given, batch, "mean").tolist() == [[2, 3], [2, 4]]
    assert text_vectors(given, batch, "mask").tolist() == [[3, 4], [4, 8]]


def test_a_text_without_a_mask_is_told() -> None:
    with pytest.raises(RequestError, match="untrained"):
        text_vectors(torch.zeros(1, 2, 2), batch_of(attention_mask=torch.ones(1, 2)), "mask")


@pytest.mark.parametrize("layer", [1, 3, "last"])
def test_states_are_those_of_transformers(backbone: GetBackbone, layer: Layer) -> None:
    built = Built("fine-tune", backbone("xlmr", "encoder"))
    model, batch = built.model(), built.batch()
    found = states(model, model, batch, layer)
    plain = base_model(backbone("xlmr", "encoder").model)
    with torch.inference_mode():
        output = plain(batch["input_ids"], attention_mask=batch["attention_mask"], output_hidden_states=True)
    wanted = output.hidden_states[LAYERS if layer == "last" else layer]
    real = batch["attention_mask"].bool()
    torch.testing.assert_close(found[real], wanted[real], atol=1e-5, rtol=1e-4)


def test_encoder_states_of_an_encoder_decoder_without_generating(backbone: GetBackbone) -> None:
    built = Built("polyprompt", backbone("mt5"))
    model, batch = built.model(), built.batch()
    found = states(model, lambda each: built.method.predict(model, each), batch)
    encoder = backbone("mt5").model.get_encoder()
    with torch.inference_mode():
        wanted = encoder(batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    real = batch["attention_mask"].bool()
    torch.testing.assert_close(found[real], wanted[real], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", ["uniprompt", "soft", "mpt", "prefix"])
@pytest.mark.parametrize("layer", [1, LAYERS, "last"])
def test_states_have_a_place_for_every_token_of_the_batch(backbone: GetBackbone, method: str, layer: Layer) -> None:
    built = Built(method, backbone("xlmr", "encoder" if method == "prefix" else "masked-lm"))
    model, batch = built.model(), built.batch()
    with torch.inference_mode():
        found = states(model, lambda each: built.method.predict(model, each), batch, layer)
        last = states(model, lambda each: built.method.predict(model, each), batch, "last")
    assert found.shape == (len(batch), batch["input_ids"].shape[1], 32)
    assert torch.equal(found, last) == (layer != 1)


@pytest.mark.parametrize("token", ["first", "mean"])
def test_padding_changes_no_vector(backbone: GetBackbone, token: Token) -> None:
    built = Built("soft", backbone("xlmr"))
    model = built.model()

    def vectors(which: list[int]) -> Tensor:
        batch = built.batch(which=which)
        return text_vectors(states(model, model, batch), batch, token)

    together = vectors([0, 1, 2, 3])
    alone = torch.cat([vectors([index]) for index in range(4)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_nothing_is_left_behind_in_the_model(backbone: GetBackbone) -> None:
    built = Built("fine-tune", backbone("xlmr", "encoder"))
    model, batch = built.model(), built.batch()
    before = model(batch)
    states(model, model, batch, 2)
    assert torch.equal(model(batch), before)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_layer_too_many_is_told(backbone: GetBackbone) -> None:
    encoder = Encoder(base_model(backbone("xlmr", "encoder").model))
    with pytest.raises(RequestError, match=f"layers 1 to {LAYERS}"):
        states(encoder, encoder, batch_of(attention_mask=torch.ones(1, 2)), LAYERS + 1)


def test_a_model_without_an_encoder_is_told() -> None:
    with pytest.raises(RequestError, match="no transformers model"):
        states(torch.nn.Linear(2, 2), lambda batch: None, batch_of(attention_mask=torch.ones(1, 2)))

"""The states of any layer of any method's encoder, and one vector for each text from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from xbench.encoding.rows import Batch
from xbench.errors import RequestError
from xbench.parts.encoder_decoder import EncoderDecoder
from xbench.parts.two_tower import TwoTowerEncoder

Token = Literal["first", "mean", "mask"]
Layer = int | Literal["last"]


class _Captured(Exception):  # noqa: N818  # no error: it ends a forward pass early
    """The states are there; what comes after them need not be computed."""


def states(model: nn.Module, run: Callable[[Batch], object], batch: Batch, layer: Layer = "last") -> Tensor:
    """The states [batch, length, hidden] of a batch's own tokens while `run(batch)` puts it through the model.

    `layer` is a number from 1, the layer nearest to the embeddings, or `last`: what the encoder gives, after its last
    norm where it has one. States that come before the batch's tokens, such as those of UniPrompt's template, are left
    out.

    Raises:
        RequestError: the model has no encoder that is known here, or not so many layers.
    """
    found: list[Tensor] = []

    def capture(module: nn.Module, inputs: object, output: Any) -> None:
        found.append(_tensor(output))
        raise _Captured

    handle = layer_module(model, layer).register_forward_hook(capture)
    try:
        run(batch)
    except _Captured:
        pass
    finally:
        handle.remove()
    if not found:
        raise RequestError(f"{type(model).__name__} predicts without its encoder; there are no states to read.")
    return found[0][:, -batch["attention_mask"].shape[1] :]


def text_vectors(states: Tensor, batch: Batch, token: Token) -> Tensor:
    """One vector for each text of a batch [batch, hidden] from its states [batch, length, hidden].

    `first`: the first token's state, which is `<s>` for XLM-R (Tu et al. 2022, section 5). `mean`: the mean over the
    tokens that are no padding, special tokens and template included. `mask`: the state where a cloze method decides.

    Raises:
        RequestError: the texts have no mask.
    """
    if token == "first":
        return states[:, 0]
    if token == "mask":
        if "mask_position" not in batch.tensors:
            raise RequestError(
                "--token mask: one of the two models reads no mask among its text's tokens. Compare a cloze method's "
                "cell with --against untrained or with another cloze cell, or use --token first or mean."
            )
        return states[torch.arange(len(states), device=states.device), batch["mask_position"]]
    weights = batch["attention_mask"].unsqueeze(-1).to(states.dtype)  # [batch, length, 1]
    return (states * weights).sum(1) / weights.sum(1)


def layer_module(model: nn.Module, layer: Layer) -> nn.Module:
    """The module whose output is that layer's states."""
    encoder = _encoder(model)
    if layer == "last":
        return encoder
    layers = _layers(encoder)
    if not 1 <= layer <= len(layers):
        raise RequestError(f"--layer {layer}: {type(model).__name__} has layers 1 to {len(layers)}; or say last.")
    return layers[layer - 1]


def _encoder(model: nn.Module) -> nn.Module:
    """The outermost encoder within a method's model."""
    for module in model.modules():
        if isinstance(module, TwoTowerEncoder):
            return module
        if isinstance(module, EncoderDecoder):
            return module.model.get_encoder()
        if isinstance(module, PreTrainedModel):
            return module.get_encoder() if module.config.is_encoder_decoder else module.base_model
    raise RequestError(
        f"{type(model).__name__} holds no transformers model and no encoder of xbench.parts; "
        "representations cannot be read from it."
    )


def _layers(encoder: nn.Module) -> list[nn.Module]:
    if isinstance(encoder, TwoTowerEncoder):
        return [*encoder.context_tower, *encoder.fusion_tower]
    config = getattr(encoder, "config", None)
    count = getattr(config, "num_hidden_layers", None)
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return list(module)
    raise RequestError(f"The layers of {type(encoder).__name__} are not found; use --layer last.")


def _tensor(output: Any) -> Tensor:
    if isinstance(output, Tensor):
        return output
    states = getattr(output, "last_hidden_state", None)
    found = output[0] if states is None else states
    assert isinstance(found, torch.Tensor)
    return found

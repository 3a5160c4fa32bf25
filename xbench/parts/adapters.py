"""Bottleneck and invertible adapters in a frozen encoder (Pfeiffer et al. 2020, MAD-X, sections 4.1 to 4.3).

One adapter sits behind each layer's feed-forward network, before the layer's last norm (the Pfeiffer configuration).
With h the network's output, r the residual around it and N the layer's own norm, a stack of adapters a_1, a_2, … makes
h <- h + a_i(N(h + r)) of h in turn, and the layer gives N(h + r). Without adapters that is the layer as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from xbench.errors import BackboneError

INVERTIBLE_REDUCTION = 2
"""Half a state over the bottleneck of an invertible adapter's two functions."""


class Bottleneck(nn.Module):
    """Down to size / reduction, ReLU, and up again; weights from N(0, `deviation`), biases zero. No residual."""

    def __init__(self, size: int, reduction: int, deviation: float) -> None:
        super().__init__()
        self.down = nn.Linear(size, size // reduction)
        self.up = nn.Linear(size // reduction, size)
        for linear in (self.down, self.up):
            nn.init.normal_(linear.weight, std=deviation)
            nn.init.zeros_(linear.bias)

    def forward(self, states: Tensor) -> Tensor:
        """Takes and gives [..., size]."""
        return self.up(torch.relu(self.down(states)))


class InvertibleAdapter(nn.Module):
    """Additive coupling of the two halves of a state (NICE, Dinh et al. 2015), with an exact inverse.

    [x1, x2] -> [x1 + F(x2), x2 + G(x1 + F(x2))], F and G being bottlenecks on half the size.
    """

    def __init__(self, size: int, deviation: float) -> None:
        super().__init__()
        self.first = Bottleneck(size // 2, INVERTIBLE_REDUCTION, deviation)
        self.second = Bottleneck(size // 2, INVERTIBLE_REDUCTION, deviation)

    def forward(self, states: Tensor) -> Tensor:
        """Takes and gives [..., size]."""
        one, other = states.chunk(2, dim=-1)
        one = one + self.first(other)
        return torch.cat([one, other + self.second(one)], dim=-1)

    def inverse(self, states: Tensor) -> Tensor:
        """What `forward` made these of [..., size]."""
        one, other = states.chunk(2, dim=-1)
        other = other - self.second(one)
        return torch.cat([one - self.first(other), other], dim=-1)


class Adapter(nn.Module):
    """One bottleneck for each layer; of a language also an invertible adapter behind the embeddings."""

    def __init__(
        self,
        config: PretrainedConfig,
        reduction: int,
        deviation: float,
        *,
        invertible: bool = False,
        leave_out_last: bool = False,
    ) -> None:
        super().__init__()
        size, layers = config.hidden_size, config.num_hidden_layers - leave_out_last
        self.layers = nn.ModuleList(Bottleneck(size, reduction, deviation) for _ in range(layers))
        self.invertible = InvertibleAdapter(size, deviation) if invertible else None


class AdaptedOutput(nn.Module):
    """A layer's output, with adapters between its feed-forward network and its last norm.

    The adapters belong to the model around, under one name each, and are only called from here.
    """

    def __init__(self, output: Any, adapters: Sequence[nn.Module]) -> None:
        super().__init__()
        self.dense, self.dropout, self.LayerNorm = output.dense, output.dropout, output.LayerNorm
        self._adapters = tuple(adapters)

    def forward(self, hidden_states: Tensor, input_tensor: Tensor) -> Tensor:
        """Takes [batch, length, intermediate] and the residual [batch, length, hidden]; gives the latter's shape."""
        states = self.dropout(self.dense(hidden_states))
        for adapter in self._adapters:
            states = states + adapter(self.LayerNorm(states + input_tensor))
        return self.LayerNorm(states + input_tensor)


def put_adapters_in(model: PreTrainedModel, adapters: Sequence[Adapter]) -> None:
    """Puts a stack of adapters, the first one innermost, into the encoder below a head.

    Raises:
        BackboneError: its layers have another shape than BERT's and XLM-R's.
    """
    layers = getattr(getattr(model, "encoder", None), "layer", None)
    output = getattr(layers[0], "output", None) if layers else None
    if layers is None or not all(hasattr(output, name) for name in ("dense", "dropout", "LayerNorm")):
        raise BackboneError(f"{type(model).__name__} has no layers that adapters fit; use an XLM-R, RoBERTa or BERT.")
    for number, layer in enumerate(layers):
        stack = [adapter.layers[number] for adapter in adapters if number < len(adapter.layers)]
        layer.output = AdaptedOutput(layer.output, stack)
    for adapter in adapters:
        if adapter.invertible is not None:
            model.get_submodule("embeddings").register_forward_hook(partial(_apply, adapter.invertible))


def _apply(adapter: nn.Module, module: nn.Module, inputs: object, states: Tensor) -> Tensor:
    """A forward hook: what comes out of the module goes through the adapter."""
    return adapter(states)

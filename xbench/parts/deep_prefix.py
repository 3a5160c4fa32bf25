"""Trained keys and values in front of every layer of a frozen encoder (Tu et al. 2022, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig

from xbench.errors import BackboneError


class DeepPrefix(nn.Module):
    """Keys and values [layers, 2, prefix length, hidden]; 2 * layers * length * hidden parameters.

    Only the prefixes of `trained_layers` layers train, the top ones or those at the `bottom`; the others keep their
    first values, since attention needs prefixes of one length in all layers. The first values that do not train are
    saved with those that do, unless they are another stage's (`keep_frozen` False). Raises BackboneError where the
    backbone has fewer layers.
    """

    def __init__(
        self,
        config: PretrainedConfig,
        length: int,
        trained_layers: int | None,
        dropout: float,
        deviation: float,
        *,
        side: Literal["top", "bottom"] = "top",
        keep_frozen: bool = True,
    ) -> None:
        super().__init__()
        layers, size = config.num_hidden_layers, config.hidden_size
        trained = layers if trained_layers is None else trained_layers
        if trained > layers:
            raise BackboneError(f"The prefixes of {trained} layers are to be tuned; the backbone has {layers} layers.")
        self.heads = config.num_attention_heads
        self.bottom: Tensor
        self.top: Tensor
        for name, count in (("bottom", layers - trained), ("top", trained)):
            trains = name == "top"
            if side == "bottom":
                count, trains = layers - count, not trains
            values = torch.randn(count, 2, length, size) * deviation
            if trains:
                self.register_parameter(name, nn.Parameter(values))
            else:
                self.register_buffer(name, values, persistent=keep_frozen)
        self.dropout = nn.Dropout(dropout)

    @property
    def length(self) -> int:
        """Number of prefix positions."""
        return self.top.shape[2]

    def split(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The values of another prefix of as many layers, by the names that they have in this one."""
        both = torch.cat([tensors["bottom"], tensors["top"]])  # [layers, 2, prefix length, hidden]
        return {"bottom": both[: len(self.bottom)], "top": both[len(self.bottom) :]}

    def forward(self, batch: int) -> tuple[Tensor, Tensor]:
        """Keys and values, each [layers, batch, heads, prefix length, head size].

        In training every example drops values of its own, as in P-tuning v2.
        """
        both = torch.cat([self.bottom, self.top])  # [layers, 2, prefix length, hidden]
        layers, _, length, size = both.shape
        heads = both.view(layers, 2, length, self.heads, size // self.heads).transpose(2, 3)
        keys, values = (self.dropout(heads[:, side].unsqueeze(1).expand(-1, batch, -1, -1, -1)) for side in (0, 1))
        return keys, values

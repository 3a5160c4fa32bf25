"""Trained keys and values in front of every layer of a frozen encoder (Tu et al. 2022, section 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig


class DeepPrefix(nn.Module):
    """Keys and values [layers, 2, prefix length, hidden]; 2 * layers * length * hidden parameters.

    Only the top `top_layers` layers' prefixes train; those below keep their first values, since attention needs
    prefixes of one length in all layers.
    """

    def __init__(
        self, config: PretrainedConfig, length: int, top_layers: int | None, dropout: float, deviation: float
    ) -> None:
        super().__init__()
        layers, size = config.num_hidden_layers, config.hidden_size
        trained = layers if top_layers is None else min(top_layers, layers)
        self.heads = config.num_attention_heads
        self.bottom: Tensor
        self.register_buffer("bottom", torch.randn(layers - trained, 2, length, size) * deviation)
        self.top = nn.Parameter(torch.randn(trained, 2, length, size) * deviation)
        self.dropout = nn.Dropout(dropout)

    @property
    def length(self) -> int:
        """Number of prefix positions."""
        return self.top.shape[2]

    def forward(self, batch: int) -> tuple[Tensor, Tensor]:
        """Keys and values, each [layers, batch, heads, prefix length, head size]."""
        both = self.dropout(torch.cat([self.bottom, self.top]))  # [layers, 2, prefix length, hidden]
        layers, _, length, size = both.shape
        heads = both.view(layers, 2, length, self.heads, size // self.heads).transpose(2, 3)
        keys, values = (heads[:, side].unsqueeze(1).expand(-1, batch, -1, -1, -1) for side in (0, 1))
        return keys, values

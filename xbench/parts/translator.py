"""MPT's prompt translator (Qiu et al. 2024, equation 4), and the architectures that its figure 4 compares it with.

The paper gives the size of the two-layer perceptron alone. The LSTM has states of the prompt's size and reads it from
the first vector on; the transformer has the backbone's number of heads, a perceptron of the same inner size 2d, and
norms before its sublayers, so that it starts near the identity. Neither has dropout.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Architecture = Literal["linear", "lstm", "transformer"]


class PromptTranslator(nn.Module):
    """A two-layer perceptron d -> 2d -> d with ReLU, applied to each prompt vector; one for all target languages."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.up = nn.Linear(size, 2 * size)
        self.down = nn.Linear(2 * size, size)

    def forward(self, prompt: Tensor) -> Tensor:
        """Takes and gives [prompt length, hidden]."""
        return self.down(torch.relu(self.up(prompt)))


class LSTMTranslator(nn.Module):
    """An LSTM over the prompt's vectors; (8d + 8) d parameters a layer."""

    def __init__(self, size: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(size, size, num_layers=layers, batch_first=True)

    def forward(self, prompt: Tensor) -> Tensor:
        """Takes and gives [prompt length, hidden]."""
        states, _ = self.lstm(prompt.unsqueeze(0))  # [1, prompt length, hidden]
        return states.squeeze(0)


class TransformerTranslator(nn.Module):
    """A transformer over the prompt's vectors; (8d + 11) d parameters a layer."""

    def __init__(self, size: int, layers: int, heads: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(size, heads, 2 * size, dropout=0.0, batch_first=True, norm_first=True)
            for _ in range(layers)
        )

    def forward(self, prompt: Tensor) -> Tensor:
        """Takes and gives [prompt length, hidden]."""
        states = prompt.unsqueeze(0)  # [1, prompt length, hidden]
        for layer in self.layers:
            states = layer(states)
        return states.squeeze(0)


def prompt_translator(architecture: Architecture, layers: int, size: int, heads: int) -> nn.Module:
    """A translator of prompt vectors [prompt length, hidden] with one or two layers."""
    if architecture == "lstm":
        return LSTMTranslator(size, layers)
    if architecture == "transformer":
        return TransformerTranslator(size, layers, heads)
    return PromptTranslator(size) if layers == 2 else nn.Linear(size, size)

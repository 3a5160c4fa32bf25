"""Trained vectors that stand in for template tokens."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Reparameterization = Literal["none", "lstm-mlp"]


class SoftPrompt(nn.Module):
    """A prompt of `length` vectors, optionally put through an LSTM and an MLP (P-tuning; MPT, section III-A).

    The reparameterization is a bidirectional LSTM of one layer and a two-layer perceptron with ReLU, as Zhao and
    Schütze (2021) have it. Vectors are drawn from N(0, `deviation`).
    """

    def __init__(self, length: int, size: int, reparameterize: Reparameterization, deviation: float) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(length, size) * deviation)  # [prompt length, hidden]
        self.lstm: nn.LSTM | None = None
        if reparameterize == "lstm-mlp":
            self.lstm = nn.LSTM(size, size, bidirectional=True, batch_first=True)
            self.perceptron = nn.Sequential(nn.Linear(2 * size, size), nn.ReLU(), nn.Linear(size, size))

    def forward(self) -> Tensor:
        """The prompt's vectors [prompt length, hidden]."""
        if self.lstm is None:
            return self.vectors
        states, _ = self.lstm(self.vectors.unsqueeze(0))  # [1, prompt length, 2 * hidden]
        return self.perceptron(states).squeeze(0)

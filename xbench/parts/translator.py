"""MPT's prompt translator (Qiu et al. 2024, equation 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PromptTranslator(nn.Module):
    """A two-layer perceptron d -> 2d -> d with ReLU, applied to each prompt vector; one for all target languages."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.up = nn.Linear(size, 2 * size)
        self.down = nn.Linear(2 * size, size)

    def forward(self, prompt: Tensor) -> Tensor:
        """Takes and gives [prompt length, hidden]."""
        return self.down(torch.relu(self.up(prompt)))

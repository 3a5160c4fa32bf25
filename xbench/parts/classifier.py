"""A linear layer on the first token's state."""

from __future__ import annotations

from torch import Tensor, nn


class LinearHead(nn.Module):
    """Dropout and a linear layer on the first token's state; weights from N(0, `deviation`), bias zero."""

    def __init__(self, size: int, labels: int, dropout: float, deviation: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(size, labels)
        nn.init.normal_(self.linear.weight, std=deviation)
        nn.init.zeros_(self.linear.bias)

    def forward(self, states: Tensor) -> Tensor:
        """Takes [batch, length, hidden], gives scores [batch, labels]."""
        return self.linear(self.dropout(states[:, 0]))

"""Linear layers on an encoder's states: scores for the text, for its tokens, or for the boundaries of a span."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from xbench.encoding.formulation import Outputs


class TokenHead(nn.Module):
    """Dropout and a linear layer on every state; weights from N(0, `deviation`), bias zero."""

    def __init__(self, size: int, outputs: int, dropout: float, deviation: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(size, outputs)
        nn.init.normal_(self.linear.weight, std=deviation)
        nn.init.zeros_(self.linear.bias)

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """Takes [batch, length, hidden], gives scores [batch, length, outputs]."""
        return self.linear(self.dropout(states))


class LinearHead(TokenHead):
    """The same on the first token's state alone."""

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """Takes [batch, length, hidden], gives scores [batch, outputs]."""
        return super().forward(states[:, 0])


class PooledHead(LinearHead):
    """The same on the output of a pretrained layer above that state, which stays as it is."""

    def __init__(self, pooler: nn.Module, size: int, outputs: int, dropout: float, deviation: float) -> None:
        super().__init__(size, outputs, dropout, deviation)
        self.pooler = pooler.requires_grad_(False)

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """Takes [batch, length, hidden], gives scores [batch, outputs]."""
        return TokenHead.forward(self, self.pooler(states))


class SpanHead(TokenHead):
    """The same on every state, each output being a boundary that has to choose among the positions."""

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """Takes [batch, length, hidden] and the attention mask [batch, length], gives [batch, outputs, length].

        Padding has a score of -inf, so that it takes no part in the choice.
        """
        scores = super().forward(states).float().transpose(1, 2)  # [batch, outputs, length]
        return scores if mask is None else scores.masked_fill(mask.unsqueeze(1) == 0, -torch.inf)


HEADS: dict[str, type[TokenHead]] = {"text": LinearHead, "token": TokenHead, "span": SpanHead}


def make_head(
    outputs: Outputs, size: int, dropout: float, deviation: float, pooler: nn.Module | None = None
) -> TokenHead:
    """The head that a formulation needs on states of `size` values, or on the pooler's."""
    if pooler is not None:
        return PooledHead(pooler, size, outputs.size, dropout, deviation)
    return HEADS[outputs.of](size, outputs.size, dropout, deviation)

"""Masked language modelling on unlabelled text, the head computed at the hidden tokens alone."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from xbench.encoding.formulation import IGNORED
from xbench.encoding.rows import Batch
from xbench.parts.masked_language_model import MaskedLanguageModel


def hidden_token_loss(
    model: MaskedLanguageModel, states: Tensor, batch: Batch, before_output: Callable[[Tensor], Tensor] | None = None
) -> Tensor:
    """Cross-entropy of the hidden tokens over the vocabulary, summed. Takes the last states [batch, length, hidden].

    `before_output` is applied to the head's states right before its output matrix.
    """
    hidden = batch["target_ids"] != IGNORED  # [batch, length]
    state = model.transformation(states[hidden])  # [hidden tokens, hidden]
    if before_output is not None:
        state = before_output(state)
    scores = model.vocabulary_scores(state).float()  # [hidden tokens, vocabulary]
    return nn.functional.cross_entropy(scores, batch["target_ids"][hidden], reduction="sum")

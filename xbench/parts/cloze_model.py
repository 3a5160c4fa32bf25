"""A masked language model that fills a template's mask, with no prompt of its own."""

from __future__ import annotations

from torch import Tensor, nn

from xbench.encoding.rows import Batch
from xbench.parts.masked_language_model import MaskedLanguageModel, words_of


class ClozeModel(nn.Module):
    """Scores of the labels by their words at the mask of a discrete template."""

    def __init__(self, language_model: MaskedLanguageModel) -> None:
        super().__init__()
        self.language_model = language_model

    def mask_state(self, batch: Batch) -> Tensor:
        """h^m, the input of the output matrix at the mask [batch, hidden]."""
        states = self.language_model.encoder(batch)  # [batch, length, hidden]
        return self.language_model.state_at(states, batch["mask_position"])

    def forward(self, batch: Batch) -> Tensor:
        """Scores [batch, labels]."""
        return self.language_model.label_scores(self.mask_state(batch), words_of(batch))

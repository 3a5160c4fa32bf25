"""Trained vectors that stand in for template tokens."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from xbench.encoding.rows import Batch
from xbench.parts.masked_language_model import MaskedLanguageModel, words_of

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


class SoftPromptModel(nn.Module):
    """A masked language model with a soft prompt among its input embeddings."""

    def __init__(self, language_model: MaskedLanguageModel, prompt: SoftPrompt) -> None:
        super().__init__()
        self.language_model, self.prompt = language_model, prompt

    def prompt_vectors(self, batch: Batch) -> Tensor:
        """The prompt for this batch's language [prompt length, hidden]; the same one for all."""
        return self.prompt()

    def mask_state(self, batch: Batch, prompt: Tensor) -> Tensor:
        """h^m, the input of the output matrix at the mask [batch, hidden]."""
        encoder = self.language_model.encoder
        states = encoder(batch, embeddings=encoder.embed(batch, prompt))  # [batch, length, hidden]
        return self.language_model.state_at(states, batch["mask_position"])

    def forward(self, batch: Batch) -> Tensor:
        """Scores of the labels by their words alone [batch, labels]."""
        return self.language_model.label_scores(self.mask_state(batch, self.prompt_vectors(batch)), words_of(batch))

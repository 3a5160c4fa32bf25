"""Fine-tuning: a linear layer on the first token, everything tuned.

The baseline of all five papers ("vanilla finetune" in Huang et al. 2022, section 3.3; FT in Qiu et al. 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import Formulation
from xbench.encoding.linear import Linear
from xbench.encoding.rows import Batch
from xbench.method.base import Method, Settings, cross_entropy_sum, initial_deviation
from xbench.method.budget import Budget
from xbench.method.stages import Fit, Predict
from xbench.parts.classifier import LinearHead
from xbench.parts.encoder import Encoder
from xbench.spec.task import TaskSpec


class FineTuneSettings(Settings):
    """Values of Huang et al. 2022, section 3.2."""

    dropout: float = Field(0.1, ge=0, lt=1, description="dropout before the linear layer")
    training: Budget = Budget(steps=1000, evaluate_every=100, batch_size=8, learning_rate=1e-5)


class LinearClassifier(nn.Module):
    """An encoder and a linear head."""

    def __init__(self, encoder: Encoder, head: LinearHead) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, batch: Batch) -> Tensor:
        """Scores [batch, labels]."""
        return self.head(self.encoder(batch))


class FineTune(Method[FineTuneSettings]):
    """The whole encoder and a linear layer."""

    settings_type = FineTuneSettings
    formulations = {"classification": Linear}
    profiles = {
        "demo": {"training": {"learning_rate": 5e-4}},
        "comparable": {"training": {"learning_rate": 1e-5}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On XNLI, the values of Qiu et al. 2024, section IV-B."""
        if task.name != "xnli":
            return {}
        training = Budget(epochs=50, batch_size=24, learning_rate=4e-5)
        return {"max_length": 256, "training": training.model_dump()}

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """Encoder and head, all of it trained."""
        (formulation,) = formulations.values()
        encoder = Encoder(backbone.fresh())
        labels = len(formulation.task.labels)
        return LinearClassifier(
            encoder, LinearHead(encoder.hidden_size, labels, self.settings.dropout, initial_deviation(backbone))
        )

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy."""
        return cross_entropy_sum(model(batch), batch)

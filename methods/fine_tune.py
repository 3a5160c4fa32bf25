"""Fine-tuning: a linear layer on the encoder's states, everything tuned.

The baseline of all five papers ("vanilla finetune" in Huang et al. 2022, section 3.3; FT in Qiu et al. 2024). The layer
reads the first token's state for classification, every token's for tagging and extractive question answering.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Batch
from xbench.method.base import cross_entropy_sum
from xbench.method.budget import Budget
from xbench.method.heads import HeadMethod, HeadSettings
from xbench.method.stages import Fit, Predict
from xbench.method.variants import Variant
from xbench.parts.classifier import TokenHead
from xbench.parts.encoder import Encoder
from xbench.spec.task import TaskSpec

TAGGING = Budget(epochs=5, batch_size=32, learning_rate=3e-5).model_dump()
ANSWERING = Budget(epochs=2, batch_size=8, learning_rate=3e-5).model_dump()
LARGE = "FacebookAI/xlm-roberta-large"
UNSEEN: Mapping[str, Any] = {
    "model": LARGE,
    "max_length": 128,
    "training": Budget(epochs=10, batch_size=32, learning_rate=1e-6).model_dump(),
}
"""Values of Chen and Chen 2024, section 4.3; text length and epochs are those of what it compares."""


class FineTuneSettings(HeadSettings):
    """Values of Huang et al. 2022, section 3.2."""

    training: Budget = Budget(steps=1000, evaluate_every=100, batch_size=8, learning_rate=1e-5)


class LinearModel(nn.Module):
    """An encoder and a linear head."""

    def __init__(self, encoder: Encoder, head: TokenHead) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, batch: Batch) -> Tensor:
        """Scores as the formulation's head gives them."""
        return self.head(self.encoder(batch), batch["attention_mask"])


class FineTune(HeadMethod[FineTuneSettings]):
    """The whole encoder and a linear layer."""

    settings_type = FineTuneSettings
    variants = (
        Variant("Vanilla Finetune", "fine-tune", "Huang et al. 2022, table 2"),
        Variant("FT", "fine-tune", "Qiu et al. 2024, table I; Tu et al. 2022, tables 1 to 8"),
        Variant("Fine-tuning", "fine-tune", "Chen and Chen 2024, tables 1 and 2; the recipe sets XNLI's values"),
    )
    profiles = {
        "demo": {"training": {"learning_rate": 5e-4}},
        "comparable": {"training": {"learning_rate": 1e-5}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On XNLI the values of Qiu et al. 2024, section IV-B; on tagging and question answering those of the released
        code of Tu et al. 2022, whose batch sizes for fine-tuning are taken to be those of their prompt tuning; on
        AmericasNLI and MasakhaNEWS those of Chen and Chen 2024."""
        of_kind: dict[str, dict[str, Any]] = {
            "tagging": {"model": LARGE, "max_length": 128, "training": TAGGING},
            "extractive-qa": {"model": LARGE, "max_length": 384, "training": ANSWERING},
        }
        of_task: dict[str, dict[str, Any]] = {
            "xnli": {
                "max_length": 256,
                "training": Budget(epochs=50, batch_size=24, learning_rate=4e-5).model_dump(),
            },
            "tydiqa": {"training": {**ANSWERING, "epochs": 30}},
            "americasnli": dict(UNSEEN),
            "masakhanews": dict(UNSEEN),
        }
        return {**of_kind.get(task.kind, {}), **of_task.get(task.name, {})}

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """Encoder and head, all of it trained."""
        encoder = Encoder(backbone.fresh())
        return LinearModel(encoder, self.head(encoder, backbone, formulations))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy."""
        return cross_entropy_sum(model(batch), batch)

"""Prefix tuning: trained keys and values in front of every layer of a frozen backbone (Tu et al. 2022).

The prefix is one table of 2 * layers * hidden values for each of its positions, as in P-tuning v2, with dropout on
it and a linear layer as the task head: on the first token's state for classification, on every token's for tagging and
extractive question answering. The paper's code draws the table from N(0, 1). For classification its linear layer reads
the frozen pooler, where this one reads the state itself unless `pooled` is set, and XNLI and UD-POS have batches of 16
there (32 in appendix A.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import EncodingOptions, Formulation
from xbench.encoding.rows import Batch
from xbench.method.base import cross_entropy_sum, freeze
from xbench.method.budget import Budget
from xbench.method.heads import HeadMethod, HeadSettings
from xbench.method.stages import Fit, Predict
from xbench.method.variants import Variant
from xbench.parts.classifier import TokenHead
from xbench.parts.deep_prefix import DeepPrefix
from xbench.parts.encoder import Encoder
from xbench.spec.task import TaskSpec


class PrefixSettings(HeadSettings):
    """Values of Tu et al. 2022, section 3.2 and appendix A.1; the learning rate is the released code's for PAWS-X."""

    model: str = Field("FacebookAI/xlm-roberta-large", description="the paper's backbone")
    length: int = Field(16, gt=0, description="prefix positions in front of every layer")
    top_layers: int | None = Field(None, gt=0, description="tune the prefixes of the top K layers only; None: all")
    deviation: float = Field(1.0, gt=0, description="the prefix is drawn from N(0, this)")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout on the prefix and before the linear layer")
    pooled: bool = Field(
        False, description="as released: a text's linear layer reads the backbone's pooler, frozen as well"
    )
    max_length: int = Field(128, gt=8, description="tokens of an input; the prefix comes on top")
    training: Budget = Budget(epochs=30, batch_size=32, optimizer="adam", learning_rate=5e-3)


class PrefixModel(nn.Module):
    """A frozen encoder under a trained prefix and a linear head."""

    def __init__(self, encoder: Encoder, prefix: DeepPrefix, head: TokenHead) -> None:
        super().__init__()
        # The frozen encoder keeps its own dropout in training, as in the released code.
        self.encoder, self.prefix, self.head = encoder, prefix, head

    def forward(self, batch: Batch) -> Tensor:
        """Scores as the formulation's head gives them."""
        return self.head(self.encoder(batch, prefix=self.prefix(len(batch))), batch["attention_mask"])


class Prefix(HeadMethod[PrefixSettings]):
    """Deep prefix tuning of a frozen encoder."""

    revision = 2
    settings_type = PrefixSettings
    variants = (
        Variant("PT", "prefix", "tables 1 to 8"),
        Variant("Prompt-tuning", "prefix", "Chen and Chen 2024, tables 1 and 2; the recipe sets XNLI's values"),
        Variant("XNLI as released", "prefix[pooled=true,training.batch_size=16]", "released code"),
        Variant("other classification as released", "prefix[pooled=true]", "released code"),
        Variant("tagging as released", "prefix[training.batch_size=16]", "released code; UD-POS"),
        Variant("top K layers", "prefix[top_layers=2]", "the prefixes of the top K layers alone train"),
    )
    profiles = {
        "demo": {"length": 8, "training": {"steps": 100, "learning_rate": 2e-2}},
        "comparable": {"training": {"learning_rate": 5e-3}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """Question answering has batches of 8 (appendix A.1), 384 tokens and more dropout (released code), XNLI a
        prefix of 32 (appendix A.1); the learning rates of XNLI and tagging are the released code's. On AmericasNLI and
        MasakhaNEWS, the values of Chen and Chen 2024, section 4.3, with the epochs of their own prompts."""
        budget = Budget(epochs=30, batch_size=32, optimizer="adam", learning_rate=5e-3).model_dump()
        of_kind: dict[str, dict[str, Any]] = {
            "tagging": {"training": {**budget, "learning_rate": 1e-2}},
            "extractive-qa": {"max_length": 384, "dropout": 0.2, "training": {**budget, "batch_size": 8}},
        }
        unseen = {"length": 32, "training": {**budget, "epochs": 10, "learning_rate": 1e-3}}
        of_task: dict[str, dict[str, Any]] = {
            "xnli": {"length": 32, "training": {**budget, "learning_rate": 1e-3}},
            "americasnli": unseen,
            "masakhanews": unseen,
        }
        return {**of_kind.get(task.kind, {}), **of_task.get(task.name, {})}

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """Text and prefix together fit the backbone's positions."""
        options = super().encoding_options(backbone)
        room = backbone.max_length - self.settings.length
        return replace(options, max_length=min(self.settings.max_length, room))

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """A frozen encoder; prefix and head train."""
        model = backbone.fresh()
        freeze(model)
        settings = self.settings
        prefix = DeepPrefix(model.config, settings.length, settings.top_layers, settings.dropout, settings.deviation)
        encoder = Encoder(model)
        return PrefixModel(encoder, prefix, self.head(encoder, backbone, formulations, pooled=settings.pooled))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy."""
        return cross_entropy_sum(model(batch), batch)

"""MLM, then fine-tuning: everything tuned on the target language's text, then with a linear layer on the task.

The baseline 'with adaptation' of Chen and Chen 2024, section 4.3, after Ebrahimi et al. 2022. The paper prints a
learning rate of 5e-3 for the text, which is the default here as printed; `language_training.learning_rate=2e-5` is more
usual when everything is tuned. It gives the number of steps for its own prompts alone: it serves here as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import Formulation
from xbench.encoding.linear import Linear
from xbench.encoding.rows import Batch
from xbench.method.base import cross_entropy_sum, initial_deviation
from xbench.method.budget import Budget
from xbench.method.per_language import LANGUAGE, TEXT, PerLanguageMethod, PerLanguageSettings
from xbench.method.stages import Fit, Predict, Request, Stage
from xbench.method.variants import Variant
from xbench.parts.classifier import LinearHead
from xbench.parts.masked_language_model import MaskedLanguageModel
from xbench.parts.masked_text import hidden_token_loss


class MLMFineTuneSettings(PerLanguageSettings):
    """Values of section 4.3."""

    dropout: float = Field(0.1, ge=0, lt=1, description="dropout before the linear layer")
    max_length: int = Field(128, gt=8, description="tokens of an input, special tokens included")
    training: Budget = Budget(epochs=10, batch_size=32, learning_rate=1e-6)


class AdaptedClassifier(nn.Module):
    """A masked language model, and on a task a linear head in place of its own."""

    def __init__(self, language_model: MaskedLanguageModel, head: LinearHead | None) -> None:
        super().__init__()
        self.encoder = language_model.encoder
        self.language_model = language_model if head is None else None
        self.head = head

    def forward(self, batch: Batch) -> Tensor:
        """Scores [batch, labels]."""
        assert self.head is not None
        return self.head(self.encoder(batch))


class MLMFineTune(PerLanguageMethod[MLMFineTuneSettings]):
    """Continued pretraining on the target language, then fine-tuning."""

    settings_type = MLMFineTuneSettings
    variants = (
        Variant("Fine-tuning with adaptation", "mlm-fine-tune", "Chen and Chen 2024, tables 2 and 3"),
        Variant("25 % of the text", "mlm-fine-tune[text_share=0.25]", "Chen and Chen 2024, figure 3"),
    )
    formulations = {"classification": Linear}
    profiles = {
        "demo": {
            "adapt": "unseen",
            "language_seed": 1,
            "language_training": {"steps": 100, "batch_size": 16, "learning_rate": 1e-3},
            "training": {"learning_rate": 5e-4},
        },
        "comparable": {
            "language_training": {"steps": 2000, "learning_rate": 2e-5},
            "training": {"learning_rate": 1e-5},
        },
    }

    def stages(self, request: Request) -> list[Stage]:
        """A stage on the target's text where there is a target, one on the task, then the predictions."""
        parents = []
        if request.target is not None:
            parents.append(self.language_stage(self.text(request.target), (), request.seed))
        tune = self.task_stage(request, parents)
        return [*parents, tune, *request.predictions([tune])]

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """The language model, or its encoder and a head; all of it trains."""
        assert isinstance(stage, Fit)
        language_model = MaskedLanguageModel(backbone.fresh())
        if stage.name == LANGUAGE:
            return AdaptedClassifier(language_model, None)
        (formulation,) = formulations.values()
        labels, deviation = len(formulation.task.labels), initial_deviation(backbone)
        head = LinearHead(language_model.encoder.hidden_size, labels, self.settings.dropout, deviation)
        return AdaptedClassifier(language_model, head)

    def inherited(self, model: nn.Module, parent: Fit, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The encoder, without the language model's head."""
        return {name: value for name, value in tensors.items() if name.startswith("encoder.")}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy of the hidden tokens, or of the labels."""
        assert isinstance(model, AdaptedClassifier)
        if batch.stream != TEXT:
            return cross_entropy_sum(model(batch), batch)
        assert model.language_model is not None
        return hidden_token_loss(model.language_model, model.encoder(batch), batch)

"""MAD-X: adapters of languages trained on their text, one of the task on the source's, and languages swapped at test.

Pfeiffer et al. 2020 as Chen and Chen 2024 (section 4.3) compare with it. A language's adapter has a bottleneck behind
each layer's feed-forward network (the Pfeiffer configuration, reduction 2) and an invertible adapter (reduction 2,
whatever that of the bottlenecks) behind the embeddings, whose inverse stands before the language model's output matrix.
The task's (reduction 16) is trained on top of the source language's, which stays as it is, with a linear layer on the
first token; at test the target language's takes its place. The backbone is frozen throughout. The paper takes the
source's adapter from a hub; here it is trained like the others, on all of the source's text. `leave_out_last` is the
later MAD-X 2.0, without adapters in the last layer (a departure, so off).
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import Formulation
from xbench.encoding.linear import Linear
from xbench.encoding.rows import Batch
from xbench.method.base import cross_entropy_sum, freeze, initial_deviation
from xbench.method.budget import Budget
from xbench.method.per_language import LANGUAGE, TEXT, PerLanguageMethod, PerLanguageSettings
from xbench.method.stages import Fit, Predict, Request, Stage, TextData
from xbench.method.variants import Variant
from xbench.parts.adapters import Adapter, put_adapters_in
from xbench.parts.classifier import LinearHead
from xbench.parts.masked_language_model import MaskedLanguageModel
from xbench.parts.masked_text import hidden_token_loss


class MadXSettings(PerLanguageSettings):
    """Values of Chen and Chen 2024, section 4.3; steps of the language adapters as for their prompts."""

    language_reduction: int = Field(2, gt=0, description="hidden size over bottleneck of a language's layers' adapters")
    task_reduction: int = Field(16, gt=0, description="hidden size over bottleneck of the task's adapter")
    leave_out_last: bool = Field(False, description="no adapter in the last layer (MAD-X 2.0)")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout before the linear layer")
    max_length: int = Field(128, gt=8, description="tokens of an input, special tokens included")
    language_training: Budget = Field(
        Budget(steps=100_000, batch_size=32, learning_rate=1e-4, select="last"), description="of the language adapters"
    )
    training: Budget = Budget(epochs=10, batch_size=32, learning_rate=1e-4)


class AdapterModel(nn.Module):
    """A frozen language model with a language's adapter, and on a task with the task's on top and a linear head."""

    def __init__(
        self, language_model: MaskedLanguageModel, language: Adapter, task: Adapter | None, head: LinearHead | None
    ) -> None:
        super().__init__()
        self.language_model, self.language, self.task, self.head = language_model, language, task, head
        put_adapters_in(language_model.encoder.model, [adapter for adapter in (language, task) if adapter is not None])

    def forward(self, batch: Batch) -> Tensor:
        """Scores [batch, labels]."""
        assert self.head is not None
        return self.head(self.language_model.encoder(batch))


class MadX(PerLanguageMethod[MadXSettings]):
    """Language adapters, and a task adapter stacked on them."""

    settings_type = MadXSettings
    variants = (
        Variant("MAD-X", "mad-x", "Chen and Chen 2024, tables 2 and 3"),
        Variant("25 % of the text", "mad-x[text_share=0.25]", "Chen and Chen 2024, figure 3"),
        Variant("MAD-X 2.0", "mad-x[leave_out_last=true]", "no adapter in the last layer"),
    )
    formulations = {"classification": Linear}
    profiles = {
        "demo": {
            "adapt": "unseen",
            "language_seed": 1,
            "language_training": {"steps": 100, "batch_size": 16, "learning_rate": 2e-3},
            "training": {"learning_rate": 1e-2},
        },
        "comparable": {"language_training": {"steps": 2000}, "training": {"learning_rate": 1e-4}},
    }

    def stages(self, request: Request) -> list[Stage]:
        """An adapter for the source and one for the target, the task's on the former, and predictions with either."""
        source = self._language(self.text(request.source, whole=True), request.seed)
        alone = request.target in (None, request.source)
        target = source if alone else self._language(self.text(str(request.target)), request.seed)
        tune = self.task_stage(request, [source])
        predictions = [
            Predict(task, language, (source if language == request.source else target, tune))
            for task in request.tasks
            for language in request.languages[task]
        ]
        return [source, *([] if alone else [target]), tune, *predictions]

    def _language(self, text: TextData, seed: int) -> Fit:
        return self.language_stage(text, ("language_reduction", "leave_out_last"), seed)

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """A frozen language model; the language's adapter trains, or the task's and the head."""
        assert isinstance(stage, Fit)
        settings, deviation = self.settings, initial_deviation(backbone)
        model = backbone.fresh()
        freeze(model)
        last = settings.leave_out_last
        language = Adapter(model.config, settings.language_reduction, deviation, invertible=True, leave_out_last=last)
        language_model = MaskedLanguageModel(model)
        if stage.name == LANGUAGE:
            return AdapterModel(language_model, language, None, None)
        freeze(language)
        (formulation,) = formulations.values()
        task = Adapter(model.config, settings.task_reduction, deviation, leave_out_last=last)
        head = LinearHead(model.config.hidden_size, len(formulation.task.labels), settings.dropout, deviation)
        return AdapterModel(language_model, language, task, head)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy of the hidden tokens, or of the labels."""
        assert isinstance(model, AdapterModel)
        if batch.stream != TEXT:
            return cross_entropy_sum(model(batch), batch)
        assert model.language.invertible is not None
        states = model.language_model.encoder(batch)  # [batch, length, hidden]
        return hidden_token_loss(model.language_model, states, batch, model.language.invertible.inverse)

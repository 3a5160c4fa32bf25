"""Unseen-language prompts: a deep prefix tuned on text of source and target, then on the task in its top layers.

Chen and Chen 2024. Stage 1 (section 3.1) tunes the prefix of all layers by masked language modelling on as much text of
the source as there is of the target language. Stage 2 (section 3.2) goes on from it with a template and a verbalizer
on the source task, tuning the prefix of the top K layers alone; its loss is over the vocabulary (equations 1 and 2).
Appendix A gives a template and label words for inference alone; other tasks have those of the task file.
Everything else is frozen. The prefix is P-tuning v2's, keys and values, as the printed 1.57M parameters say.
The paper leaves open the optimizer, the schedule, lengths in tokens, how the prefix is first drawn, and its dropout:
these are AdamW with linear decay, 128 tokens, and what `prefix` has. Its released code could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.cloze import Cloze
from xbench.encoding.formulation import EncodingOptions, Formulation
from xbench.encoding.rows import Batch
from xbench.method.base import freeze
from xbench.method.budget import Budget
from xbench.method.per_language import LANGUAGE, TEXT, PerLanguageMethod, PerLanguageSettings
from xbench.method.stages import Fit, Predict, Request, Stage
from xbench.method.variants import Variant
from xbench.parts.deep_prefix import DeepPrefix
from xbench.parts.masked_language_model import MaskedLanguageModel, label_word_loss, words_of
from xbench.parts.masked_text import hidden_token_loss
from xbench.spec.task import TaskSpec


class UnseenPromptSettings(PerLanguageSettings):
    """Values of section 4.2."""

    length: int = Field(32, gt=0, description="prefix positions in front of every layer")
    layers: int | None = Field(
        None, gt=0, description="K, layers whose prefix is tuned on the task; None: three quarters of them (18 of 24)"
    )
    side: Literal["top", "bottom"] = Field("top", description="which K layers: those at the top, or at the bottom")
    deviation: float = Field(1.0, gt=0, description="the prefix is drawn from N(0, this)")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout on the prefix")
    label_space: Literal["label-words", "vocabulary"] = Field(
        "vocabulary", description="what the loss normalises over; predictions compare label words either way"
    )
    max_length: int = Field(128, gt=8, description="tokens of an input; the prefix comes on top")
    training: Budget = Budget(epochs=10, batch_size=32, learning_rate=1e-3)


class PrefixedLanguageModel(nn.Module):
    """A frozen masked language model under a trained prefix."""

    def __init__(self, language_model: MaskedLanguageModel, prefix: DeepPrefix) -> None:
        super().__init__()
        self.language_model, self.prefix = language_model, prefix

    def states(self, batch: Batch) -> Tensor:
        """The last layer's states [batch, length, hidden]."""
        return self.language_model.encoder(batch, prefix=self.prefix(len(batch)))

    def mask_state(self, batch: Batch) -> Tensor:
        """h^m, the input of the output matrix at the mask [batch, hidden]."""
        return self.language_model.state_at(self.states(batch), batch["mask_position"])

    def forward(self, batch: Batch) -> Tensor:
        """Scores of the labels by their words alone [batch, labels]."""
        return self.language_model.label_scores(self.mask_state(batch), words_of(batch))


class UnseenPrompt(PerLanguageMethod[UnseenPromptSettings]):
    """A deep prefix adapted to a language, then to a task."""

    revision = 2
    settings_type = UnseenPromptSettings
    variants = (
        Variant("Ours", "unseen-prompt", "tables 2 and 3"),
        Variant("25 % of the text", "unseen-prompt[text_share=0.25]", "figure 3"),
        Variant("Top 6", "unseen-prompt[layers=6]", "figure 6; any K"),
        Variant("Bottom 6", "unseen-prompt[layers=6,side=bottom]", "figure 6; any K"),
        Variant("without stage 1", "unseen-prompt[adapt=none]", "the prefix goes straight to the task"),
    )
    formulations = {"classification": Cloze}
    profiles = {
        "demo": {
            "adapt": "unseen",
            "language_seed": 1,
            "length": 8,
            "layers": 3,
            "language_training": {"steps": 100, "batch_size": 16, "learning_rate": 1e-2},
            "training": {"steps": 100, "learning_rate": 2e-2},
        },
        "comparable": {"language_training": {"steps": 2000}, "training": {"learning_rate": 1e-3}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On inference, the template and the label words of appendix A."""
        return {"template": "chen"} if "chen" in task.templates else {}

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """Text and prefix together fit the backbone's positions."""
        options = super().encoding_options(backbone)
        return replace(options, max_length=min(self.settings.max_length, backbone.max_length - self.settings.length))

    def stages(self, request: Request) -> list[Stage]:
        """A stage on text where there is a target, one on the task, then the predictions."""
        parents = []
        if request.target is not None:
            text = self.text(request.source, request.target, reserved=self.settings.length)
            parents.append(self.language_stage(text, ("length", "deviation", "dropout"), request.seed))
        tune = self.task_stage(request, parents)
        return [*parents, tune, *request.predictions([*parents, tune])]

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """A frozen language model; the prefix trains, on a task in K layers alone."""
        assert isinstance(stage, Fit)
        settings = self.settings
        model = backbone.fresh()
        freeze(model)
        layers = settings.layers or round(0.75 * model.config.num_hidden_layers)
        prefix = DeepPrefix(
            model.config,
            settings.length,
            None if stage.name == LANGUAGE else layers,
            settings.dropout,
            settings.deviation,
            side=settings.side,
            keep_frozen=not stage.parents,
        )
        return PrefixedLanguageModel(MaskedLanguageModel(model), prefix)

    def inherited(self, model: nn.Module, parent: Fit, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The prefix of stage 1, divided as stage 2 divides its own."""
        assert isinstance(model, PrefixedLanguageModel)
        values = model.prefix.split({name.removeprefix("prefix."): value for name, value in tensors.items()})
        return {f"prefix.{name}": value for name, value in values.items()}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy: of hidden tokens in stage 1, of the gold label words at the mask in stage 2."""
        assert isinstance(model, PrefixedLanguageModel)
        if batch.stream == TEXT:
            return hidden_token_loss(model.language_model, model.states(batch), batch)
        return label_word_loss(model.language_model, model.mask_state(batch), batch, self.settings.label_space)

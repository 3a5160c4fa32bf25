"""What methods on an encoder-decoder share: tasks as text in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeVar

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import EncodingOptions, Formulation
from xbench.encoding.rows import Batch
from xbench.encoding.text2text import Text2Text
from xbench.method.base import Method, Settings
from xbench.method.budget import Budget
from xbench.method.stages import Fit, Predict
from xbench.method.template_choice import TemplateSet, choose_template
from xbench.parts.encoder_decoder import EncoderDecoder
from xbench.spec.task import TaskSpec


class Text2TextSettings(Settings):
    """Values of Fu et al. 2022, section 4.5."""

    model: str = Field("google/mt5-base", description="the paper's backbone")
    templates: TemplateSet = Field(
        "unified",
        description="unified: each task's default template; diversified-k: the k-th draw of one of its others",
    )
    prompts: Literal["cross-lingual", "in-lingual"] = Field(
        "cross-lingual", description="templates in the source language, or translated into each example's"
    )
    target_length: int = Field(64, gt=1, description="most tokens of an answer")
    training: Budget = Budget(epochs=20, batch_size=18, learning_rate=1e-4, evaluate_every=1000)


Text2TextSettingsType = TypeVar("Text2TextSettingsType", bound=Text2TextSettings)


class Text2TextMethod(Method[Text2TextSettingsType]):
    """An encoder-decoder tuned to write the answer."""

    formulations = dict.fromkeys(
        ("classification", "tagging", "extractive-qa", "generation", "multiple-choice"), Text2Text
    )

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """Limits of input and answer."""
        return replace(super().encoding_options(backbone), target_length=self.settings.target_length)

    def formulation(self, task: TaskSpec, backbone: Backbone, source: str) -> Formulation:
        """The task in the template that the settings choose for it, where they name none."""
        options, settings = self.encoding_options(backbone), self.settings
        if settings.template is None:
            name, own_language = choose_template(task, settings.templates, settings.prompts == "in-lingual")
            language: Literal["source", "target"] = "target" if own_language else options.template_language
            options = replace(options, template=name, template_language=language)
        return self.formulations[task.kind](task, backbone.tokenizer, options, source)

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """The encoder-decoder, all of it trained."""
        return EncoderDecoder(backbone.fresh())

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Minus the log-likelihood of the answers, summed over their tokens (Fu et al. 2022, equation 3)."""
        assert isinstance(model, EncoderDecoder)
        return model.answer_loss(batch)

    def predict(self, model: nn.Module, batch: Batch) -> Tensor:
        """Greedily generated answers [batch, answer length]."""
        assert isinstance(model, EncoderDecoder)
        return model.generate(batch)

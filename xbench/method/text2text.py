"""What methods on an encoder-decoder share: tasks as text in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
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
        description="unified: each task's default template; diversified-k: the k-th draw of one of its five",
    )
    prompts: Literal["cross-lingual", "in-lingual"] = Field(
        "cross-lingual",
        description="templates in the source language, or translated into each example's where they are translated",
    )
    target_length: int = Field(64, gt=1, description="most tokens of an answer")
    decoding: Literal["exact", "nearest"] = Field(
        "exact", description="text that is no label's answer: none, or as released the nearest label"
    )
    training: Budget = Budget(epochs=20, batch_size=18, learning_rate=1e-4, evaluate_every=1000)

    @model_validator(mode="after")
    def _one_choice_of_template(self) -> Text2TextSettings:
        """A template's name decides its text; the other settings choose among the task's."""
        if self.template is not None and (self.templates, self.prompts) != ("unified", "cross-lingual"):
            raise PydanticCustomError(
                "template", "a named template leaves nothing to choose; leave out templates and prompts, or the name."
            )
        return self


RELEASED = "training.batch_size=180,training.epochs=18"
"""What the released code of Fu et al. 2022 trains with: 18 rows on each of two devices, five times in a step."""

DEMO = {"target_length": 48, "training": {"steps": 100, "evaluate_every": 50, "learning_rate": 1e-3}}
"""The demo's settings of an encoder-decoder."""


Text2TextSettingsType = TypeVar("Text2TextSettingsType", bound=Text2TextSettings)


class Text2TextMethod(Method[Text2TextSettingsType]):
    """An encoder-decoder tuned to write the answer."""

    formulations = dict.fromkeys(
        ("classification", "tagging", "extractive-qa", "generation", "multiple-choice"), Text2Text
    )

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """Limits of input and answer."""
        settings = self.settings
        options = super().encoding_options(backbone)
        return replace(options, target_length=settings.target_length, decoding=settings.decoding)

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

"""What methods with a soft prompt share: its settings, its place in the template, and making it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, TypeVar

from pydantic import Field, field_validator

from xbench.backbone.load import Backbone
from xbench.encoding.cloze import SoftCloze
from xbench.encoding.formulation import EncodingOptions
from xbench.method.base import Method, Settings, initial_deviation
from xbench.method.budget import Budget
from xbench.parts.masked_language_model import MaskedLanguageModel
from xbench.parts.soft_prompt import Reparameterization, SoftPrompt


class SoftPromptSettings(Settings):
    """Values of Qiu et al. 2024, section IV-B, for MPT and for the soft prompt it is compared with."""

    length: int = Field(4, gt=0, description="number of soft prompt vectors")
    position: Literal["prefix", "midfix", "suffix", "endfix"] | None = Field(
        None, description="where they stand (MPT, equation 9); None: where the task's soft template has them"
    )
    reparameterize: Reparameterization = Field(
        "lstm-mlp", description="the prompt goes through an LSTM and an MLP, or not"
    )
    deviation: float | None = Field(None, gt=0, description="vectors from N(0, this); None: as the backbone's weights")
    label_space: Literal["label-words", "vocabulary"] = Field(
        "label-words", description="what the loss normalises over; predictions compare label words either way"
    )
    max_length: int = Field(256, gt=8, description="tokens of an input, special tokens and prompt included")
    training: Budget = Budget(epochs=50, batch_size=24, learning_rate=4e-5)

    @field_validator("reparameterize", mode="before")
    @classmethod
    def _none_is_a_choice(cls, value: Any) -> Any:
        """On the command line `none` means no value, except here."""
        return "none" if value is None else value


SoftPromptSettingsType = TypeVar("SoftPromptSettingsType", bound=SoftPromptSettings)


class SoftPromptMethod(Method[SoftPromptSettingsType]):
    """A method whose cloze template has slots for a soft prompt."""

    formulations = {"classification": SoftCloze}

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """The template with its soft slots placed and sized."""
        options = super().encoding_options(backbone)
        return replace(options, soft_length=self.settings.length, soft_position=self.settings.position)

    def new_prompt(self, language_model: MaskedLanguageModel, backbone: Backbone) -> SoftPrompt:
        """A prompt as the settings describe it."""
        settings = self.settings
        deviation = initial_deviation(backbone) if settings.deviation is None else settings.deviation
        return SoftPrompt(settings.length, language_model.encoder.hidden_size, settings.reparameterize, deviation)

"""Soft prompt: trained vectors in place of template words, label words of the source language.

Zhao and Schütze (2021) as Huang et al. 2022 (section 3.3) and Qiu et al. 2024 (section III-A, SP in section IV-C)
compare with it. Everything is tuned, as in their code, unless `tune` says `prompt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, field_validator
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.cloze import SoftCloze
from xbench.encoding.formulation import EncodingOptions, Formulation
from xbench.encoding.label_words import LabelWords
from xbench.encoding.rows import Batch
from xbench.method.base import Method, Settings, freeze, initial_deviation
from xbench.method.budget import Budget
from xbench.method.stages import Fit, Predict
from xbench.parts.masked_language_model import MaskedLanguageModel, label_probabilities_over_vocabulary
from xbench.parts.soft_prompt import Reparameterization, SoftPrompt
from xbench.spec.task import TaskSpec


class SoftSettings(Settings):
    """Values of Qiu et al. 2024, section IV-B."""

    length: int = Field(4, gt=0, description="number of soft prompt vectors")
    position: Literal["prefix", "midfix", "suffix", "endfix"] | None = Field(
        None, description="where they stand (MPT, equation 9); None: where the task's soft template has them"
    )
    reparameterize: Reparameterization = Field(
        "lstm-mlp", description="the prompt goes through an LSTM and an MLP, or not"
    )
    deviation: float | None = Field(None, gt=0, description="vectors from N(0, this); None: as the backbone's weights")
    tune: Literal["all", "prompt"] = Field("all", description="which weights train: everything, or the prompt alone")
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


class Soft(Method[SoftSettings]):
    """A soft prompt in the input of a masked language model."""

    settings_type = SoftSettings
    formulations = {"classification": SoftCloze}
    profiles = {
        "demo": {
            "model": "micro-xlmr",
            "training": {
                "steps": 150,
                "epochs": None,
                "batch_size": 8,
                "evaluate_every": 30,
                "learning_rate": 5e-4,
                "warmup": 0.1,
            },
        },
        "comparable": {
            "training": {"steps": 1000, "epochs": None, "batch_size": 8, "evaluate_every": 100, "learning_rate": 1e-5}
        },
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On MARC, the values of Huang et al. 2022, section 3.2."""
        if not task.name.startswith("marc"):
            return {}
        training = Budget(steps=1000, evaluate_every=100, batch_size=8, learning_rate=1e-5)
        return {"max_length": 512, "training": training.model_dump()}

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """The template with its soft slots placed and sized."""
        return soft_options(super().encoding_options(backbone), self.settings)

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """The language model and the prompt."""
        language_model = MaskedLanguageModel(backbone.fresh())
        if self.settings.tune == "prompt":
            freeze(language_model)
        return SoftPromptModel(language_model, new_prompt(self.settings, language_model, backbone))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy over the declared label space."""
        assert isinstance(model, SoftPromptModel)
        state = model.mask_state(batch, model.prompt_vectors(batch))
        return label_word_loss(model.language_model, state, batch, self.settings.label_space)


def words_of(batch: Batch) -> LabelWords:
    """The label words that a cloze batch carries."""
    words = batch.context["label_words"]
    assert isinstance(words, LabelWords)
    return words


def soft_options(options: EncodingOptions, settings: SoftSettings) -> EncodingOptions:
    """Encoding options with the settings' soft slots."""
    return replace(options, soft_length=settings.length, soft_position=settings.position)


def new_prompt(settings: SoftSettings, language_model: MaskedLanguageModel, backbone: Backbone) -> SoftPrompt:
    """A prompt as the settings describe it."""
    deviation = initial_deviation(backbone) if settings.deviation is None else settings.deviation
    return SoftPrompt(settings.length, language_model.encoder.hidden_size, settings.reparameterize, deviation)


def label_word_loss(model: MaskedLanguageModel, state: Tensor, batch: Batch, label_space: str) -> Tensor:
    """Summed cross-entropy of the gold label words at the mask.

    `vocabulary`: minus the log-probability under a softmax over the vocabulary (MPT, equations 2 and 3);
    `label-words`: under a softmax over the label words (UniPrompt, equations 6 and 7).
    """
    if label_space == "vocabulary":
        scores = label_probabilities_over_vocabulary(model, state, words_of(batch))  # [batch, labels]
    else:
        scores = model.label_scores(state, words_of(batch)).log_softmax(-1)  # [batch, labels]
    return -scores.gather(1, batch["label"].unsqueeze(1)).sum()

"""Soft prompt: trained vectors in place of template words, label words of the source language.

Zhao and Schütze (2021) as Huang et al. 2022 (section 3.3) and Qiu et al. 2024 (section III-A, SP in section IV-C)
compare with it. Everything is tuned, as in their code, unless `tune` says `prompt`. With a template that has words of
its own and a `position`, the prompt stands among them (their mixed prompting).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Batch
from xbench.method.base import freeze
from xbench.method.budget import Budget
from xbench.method.soft_prompt import SoftPromptMethod, SoftPromptSettings
from xbench.method.stages import Fit, Predict
from xbench.method.variants import Variant
from xbench.parts.masked_language_model import MaskedLanguageModel, label_word_loss
from xbench.parts.soft_prompt import SoftPromptModel
from xbench.spec.task import TaskSpec

ZHAO_AND_SCHUETZE_SOFT = (
    "deviation=1,training.optimizer=adam,training.weight_decay=0.01,training.schedule=constant,"
    "training.batch_size=12,training.learning_rate=1e-5"
)
"""What the released code of Zhao and Schütze (2021) has otherwise than Qiu et al. 2024 have for their SP."""


class SoftSettings(SoftPromptSettings):
    """A soft prompt's settings, and what trains."""

    tune: Literal["all", "prompt"] = Field("all", description="which weights train: everything, or the prompt alone")


class Soft(SoftPromptMethod[SoftSettings]):
    """A soft prompt in the input of a masked language model."""

    settings_type = SoftSettings
    variants = (
        Variant("Soft Prompt", "soft", "Huang et al. 2022, table 2"),
        Variant("SP", "soft", "Qiu et al. 2024, table I; table II, w/o MPT framework"),
        Variant("SP as released", f"soft[{ZHAO_AND_SCHUETZE_SOFT}]", "Zhao and Schütze 2021, released code, XNLI"),
        Variant("mixed prompting", "soft[template=question-answer,position=suffix]", "Zhao and Schütze 2021; XNLI"),
        Variant("Prefix", "soft[position=prefix]", "Qiu et al. 2024, equation 9"),
        Variant("Midfix", "soft[position=midfix]", "Qiu et al. 2024, equation 9"),
        Variant("Suffix", "soft[position=suffix]", "Qiu et al. 2024, equation 9"),
        Variant("Endfix", "soft[position=endfix]", "Qiu et al. 2024, equation 9"),
        Variant("prompt alone", "soft[tune=prompt]", "the backbone frozen, as in prompt tuning"),
    )
    profiles = {
        "demo": {"training": {"learning_rate": 5e-4}},
        "comparable": {"training": {"learning_rate": 1e-5}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On MARC, the values of Huang et al. 2022, section 3.2; elsewhere Qiu et al. 2024, whose loss of SP (equations
        2 and 3) normalises over the vocabulary."""
        if not task.name.startswith("marc"):
            return {"label_space": "vocabulary"}
        training = Budget(steps=1000, evaluate_every=100, batch_size=8, learning_rate=1e-5)
        return {"max_length": 512, "training": training.model_dump()}

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """The language model and the prompt."""
        language_model = MaskedLanguageModel(backbone.fresh())
        if self.settings.tune == "prompt":
            freeze(language_model)
        return SoftPromptModel(language_model, self.new_prompt(language_model, backbone))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy over the declared label space."""
        assert isinstance(model, SoftPromptModel)
        state = model.mask_state(batch, model.prompt_vectors(batch))
        return label_word_loss(model.language_model, state, batch, self.settings.label_space)

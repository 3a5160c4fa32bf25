"""Translation prompt: trained with the source language's template, tested with each language's own.

Zhao and Schütze (2021) as Huang et al. 2022 (section 3.3) compare with it: the prompt is translated into the target
language for testing, label words included; everything is tuned. The released code of Zhao and Schütze tests with the
English prompt unless told otherwise: that is `english-prompt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from xbench.method.discrete_prompt import ZHAO_AND_SCHUETZE, DiscretePromptMethod, DiscretePromptSettings
from xbench.method.variants import Variant
from xbench.spec.task import TaskSpec


class TranslationPromptSettings(DiscretePromptSettings):
    """As for `english-prompt`, but each language is tested with its own prompt."""

    template_language: Literal["target"] = Field(
        "target", description="the evaluated language's own template and label words serve at test"
    )


class TranslationPrompt(DiscretePromptMethod[TranslationPromptSettings]):
    """A discrete prompt, translated for the test."""

    settings_type = TranslationPromptSettings
    variants = (
        Variant("Translation Prompt", "translation-prompt", "Huang et al. 2022, table 2"),
        Variant("tested with the English prompt", "english-prompt", "Zhao and Schütze 2021, released code's default"),
    )
    profiles = {
        "demo": {"training": {"learning_rate": 5e-4}},
        # The profile's one template policy is what this method is about; it keeps its own.
        "comparable": {"template_language": "target", "training": {"learning_rate": 1e-5}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On XNLI, the template and the values of Zhao and Schütze (2021)."""
        return {"template": "zhao-schuetze-translated", **ZHAO_AND_SCHUETZE} if task.name == "xnli" else {}

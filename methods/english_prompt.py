"""English prompt: a discrete template and label words of the source language, for every language.

Lin et al. (2021) as Huang et al. 2022 (section 3.3) compare with it; everything is tuned. The name is the paper's; with
another `--source` the prompt is in that language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xbench.method.discrete_prompt import ZHAO_AND_SCHUETZE, DiscretePromptMethod, DiscretePromptSettings
from xbench.method.variants import Variant
from xbench.spec.task import TaskSpec


class EnglishPrompt(DiscretePromptMethod[DiscretePromptSettings]):
    """One discrete prompt in the source language."""

    settings_type = DiscretePromptSettings
    variants = (
        Variant("English Prompt", "english-prompt", "Huang et al. 2022, table 2"),
        Variant("label words as released", "english-prompt[template=uniprompt-release]", "released code; MARC"),
    )
    profiles = {
        "demo": {"training": {"learning_rate": 5e-4}},
        "comparable": {"training": {"learning_rate": 1e-5}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On XNLI, the template and the values of Zhao and Schütze (2021)."""
        return {"template": "zhao-schuetze", **ZHAO_AND_SCHUETZE} if task.name == "xnli" else {}

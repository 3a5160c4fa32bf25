"""What methods with a discrete template share: its settings, the model, and the loss at the mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.cloze import Cloze
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Batch
from xbench.method.base import Method, Settings
from xbench.method.budget import Budget
from xbench.method.stages import Fit, Predict
from xbench.parts.cloze_model import ClozeModel
from xbench.parts.masked_language_model import MaskedLanguageModel, label_word_loss


class DiscretePromptSettings(Settings):
    """Values of Huang et al. 2022, section 3.2, for the prompts that UniPrompt is compared with."""

    label_space: Literal["label-words", "vocabulary"] = Field(
        "label-words", description="what the loss normalises over; predictions compare label words either way"
    )
    training: Budget = Budget(steps=1000, evaluate_every=100, batch_size=8, learning_rate=1e-5)


ZHAO_AND_SCHUETZE: Mapping[str, Any] = {
    "max_length": 256,
    "training": Budget(
        epochs=50, batch_size=12, learning_rate=1e-5, optimizer="adam", weight_decay=0.01, schedule="constant"
    ).model_dump(),
}
"""Values of the released code of Zhao and Schütze (2021), for the task that they have (XNLI)."""

DiscretePromptSettingsType = TypeVar("DiscretePromptSettingsType", bound=DiscretePromptSettings)


class DiscretePromptMethod(Method[DiscretePromptSettingsType]):
    """A masked language model tuned to fill a discrete template's mask with the label words."""

    formulations = {"classification": Cloze}

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """The language model, all of it trained."""
        return ClozeModel(MaskedLanguageModel(backbone.fresh()))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Summed cross-entropy over the declared label space."""
        assert isinstance(model, ClozeModel)
        return label_word_loss(model.language_model, model.mask_state(batch), batch, self.settings.label_space)

"""PCT: one example in two languages' templates, tuned to the same answer (Qi et al. 2022).

The baseline of Qiu et al. 2024 (section IV-C). Every training example is filled into the source language's template and
into that of one other language, drawn once: cross-entropy on both, plus the divergence, in both directions, between the
two distributions over the vocabulary at the mask. Label words are the source's everywhere; a test example is filled
into its own language's template. The defaults are those of the authors' few-shot script; the budgets of their scripts
for whole training sets are variants. In the released code the losses of the few-shot script and of PAWS-X never see the
label; here they do. Its PAWS-X keeps what is best on the dev sets of all languages, here it is the source's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from xbench.encoding.cross_template import CrossTemplateCloze
from xbench.encoding.formulation import pair_side
from xbench.encoding.rows import Batch
from xbench.method.budget import Budget
from xbench.method.discrete_prompt import DiscretePromptMethod, DiscretePromptSettings
from xbench.method.variants import Variant
from xbench.parts.cloze_model import ClozeModel
from xbench.parts.masked_language_model import (
    beside_other_words,
    label_word_loss,
    symmetric_divergence,
    vocabulary_loss,
    words_of,
)
from xbench.spec.task import TaskSpec

WHOLE = "training.optimizer=rmsprop,training.learning_rate=5e-5,training.warmup=0,training.schedule=constant"
"""What the authors' scripts for whole training sets have otherwise than the one for few shots."""


class PCTSettings(DiscretePromptSettings):
    """Values of the authors' few-shot script (16 shots)."""

    divergence_weight: float = Field(1.0, ge=0, description="weight of the divergence beside the two cross-entropies")
    template_language: Literal["source", "target"] = Field(
        "target", description="whose template serves at test; the label words are the source's either way"
    )
    label_space: Literal["label-words", "vocabulary"] = Field("vocabulary", description="what the loss normalises over")
    prediction_space: Literal["label-words", "vocabulary"] = Field(
        "label-words", description="vocabulary, as released: any other word that is likelier makes an invalid answer"
    )
    max_length: int = Field(128, gt=8, description="tokens of an input, special tokens included")
    training: Budget = Budget(epochs=50, batch_size=32, learning_rate=2e-5, optimizer="adam", warmup=0.1, floor=0.1)


class PCT(DiscretePromptMethod[PCTSettings]):
    """Prompt learning from cross-lingual templates."""

    revision = 2
    settings_type = PCTSettings
    variants = (
        Variant("PCT", "pct", "Qiu et al. 2024, table I"),
        Variant("tested with the source's template", "pct[template_language=source]", "where a set has no languages"),
        Variant("prediction as released", "pct[prediction_space=vocabulary]", "Qi et al. 2022, released code"),
        Variant(
            "full XNLI as released",
            f"pct[training.epochs=2,training.select=last,{WHOLE}]",
            "Qi et al. 2022, released code",
        ),
        Variant("full PAWS-X as released", f"pct[training.epochs=8,{WHOLE}]", "Qi et al. 2022, released code"),
    )
    formulations = {"classification": CrossTemplateCloze}
    profiles = {
        "demo": {"training": {"steps": 60, "learning_rate": 5e-4, "floor": 0.0}},
        # The profile's one template policy is what this method is about; it keeps its own.
        "comparable": {"template_language": "target", "training": {"learning_rate": 1e-5, "floor": 0.0}},
    }

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """On XNLI and PAWS-X, the template of the authors' code in every language."""
        return {"template": "pct-translated"} if "pct-translated" in task.templates else {}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Both cross-entropies and the weighted divergence, summed over the batch."""
        assert isinstance(model, ClozeModel)
        head, space = model.language_model, self.settings.label_space
        sides = [pair_side(batch, side) for side in ("source", "target")]
        states = [model.mask_state(side) for side in sides]  # [batch, hidden] each
        logs = [head.vocabulary_scores(state).log_softmax(-1) for state in states]  # [batch, vocabulary] each
        if space == "vocabulary":
            entropies = [vocabulary_loss(log, side) for log, side in zip(logs, sides, strict=True)]
        else:
            entropies = [label_word_loss(head, state, side, space) for state, side in zip(states, sides, strict=True)]
        return entropies[0] + entropies[1] + self.settings.divergence_weight * symmetric_divergence(*logs)

    def predict(self, model: nn.Module, batch: Batch) -> Tensor:
        """Scores [batch, labels]; over the vocabulary, with the likeliest other word behind [batch, labels + 1]."""
        if self.settings.prediction_space == "label-words":
            return model(batch)
        assert isinstance(model, ClozeModel)
        return beside_other_words(model.language_model, model.mask_state(batch), words_of(batch))

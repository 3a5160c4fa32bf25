"""MPT: a translator turns the source language's soft prompt into the target languages' (Qiu et al. 2024).

Cross-entropy on the source task (equation 3) and the divergence between the answer distributions of parallel
sentences (equation 7), weighted by alpha and 1 - alpha (equation 8). The paper does not say what is frozen:
everything trains. Target languages use the translated prompt and the source's label words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.data.examples import MIXED
from xbench.encoding.formulation import Formulation, pair_side
from xbench.encoding.rows import Batch
from xbench.method.soft_prompt import SoftPromptMethod, SoftPromptSettings
from xbench.method.stages import Fit, LabelledData, ParallelData, Predict, Request, Stage, StreamPlan
from xbench.parts.masked_language_model import MaskedLanguageModel, label_word_loss, symmetric_divergence
from xbench.parts.soft_prompt import SoftPrompt, SoftPromptModel
from xbench.parts.translator import PromptTranslator


class MPTSettings(SoftPromptSettings):
    """Values of section IV-B; those shared with `soft` are the paper's own as well."""

    alpha: float = Field(0.5, ge=0, le=1, description="weight of the task's loss; 1 - alpha weighs the divergence")
    parallel_size: int = Field(500, gt=0, description="sentence pairs of the parallel corpus (PAWS-15 has 500)")
    label_space: Literal["label-words", "vocabulary"] = Field(
        "vocabulary", description="what the loss normalises over (equations 2 and 3: the vocabulary)"
    )


class MPTModel(SoftPromptModel):
    """A soft-prompt model whose target prompt is a translation of its source prompt."""

    def __init__(self, language_model: MaskedLanguageModel, prompt: SoftPrompt, source: str) -> None:
        super().__init__(language_model, prompt)
        self.source = source
        self.translator = PromptTranslator(language_model.encoder.hidden_size)

    def prompt_vectors(self, batch: Batch) -> Tensor:
        """p^S for the source language, p^T = Transl(p^S) for every other [prompt length, hidden].

        A training batch of several languages gets a prompt for every row [batch, prompt length, hidden].
        """
        prompt = self.prompt()
        if batch.context["language"] == self.source:
            return prompt
        translated = self.translator(prompt)
        if batch.context["language"] != MIXED:
            return translated
        return torch.where(batch["in_source"].bool()[:, None, None], prompt, translated)

    def divergence(self, batch: Batch) -> Tensor:
        """Equation 7 summed over the batch's pairs: KL(P_S, P_T) + KL(P_T, P_S), over the vocabulary at the mask."""
        prompt = self.prompt()
        log_source, log_target = (
            self.language_model.vocabulary_scores(self.mask_state(pair_side(batch, side), vectors)).log_softmax(-1)
            for side, vectors in (("source", prompt), ("target", self.translator(prompt)))
        )  # [batch, vocabulary]
        return symmetric_divergence(log_source, log_target)


class MPT(SoftPromptMethod[MPTSettings]):
    """Multilingual prompt translator."""

    settings_type = MPTSettings
    profiles = {
        "demo": {"parallel_size": 200, "training": {"steps": 60, "learning_rate": 5e-4}},
        "comparable": {"training": {"learning_rate": 1e-5}},
    }

    def stages(self, request: Request) -> list[Stage]:
        """One stage on two streams, then the predictions."""
        (task,) = request.train_tasks
        streams = {
            "train": StreamPlan(LabelledData(request.train_tasks), weight=self.settings.alpha),
            "parallel": StreamPlan(ParallelData(task, self.settings.parallel_size), weight=1 - self.settings.alpha),
        }
        tune = Fit("tune", streams, self.settings.training, self.settings.model_dump(), request.seed)
        return [tune, *request.predictions([tune])]

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """Language model, source prompt and translator."""
        (formulation,) = formulations.values()
        language_model = MaskedLanguageModel(backbone.fresh())
        return MPTModel(language_model, self.new_prompt(language_model, backbone), formulation.source)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Equation 3 on the task's stream, equation 7 on the parallel one."""
        assert isinstance(model, MPTModel)
        if batch.stream == "parallel":
            return model.divergence(batch)
        state = model.mask_state(batch, model.prompt_vectors(batch))
        return label_word_loss(model.language_model, state, batch, self.settings.label_space)

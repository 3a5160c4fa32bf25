"""MPT: a translator turns the source language's soft prompt into the target languages' (Qiu et al. 2024).

Cross-entropy on the source task (equation 3) and the divergence between the answer distributions of parallel
sentences (equation 7), weighted by alpha and 1 - alpha (equation 8). The paper does not say what is frozen:
everything trains. Target languages use the translated prompt and the source's label words. Without external data
(table II) the parallel corpus is the training sample itself, unlabelled, beside its translations; without a translator
the target prompt is one of its own, made as the source's is and trained by the divergence alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.data.examples import MIXED
from xbench.encoding.formulation import Formulation, pair_side
from xbench.encoding.rows import Batch
from xbench.method.soft_prompt import SoftPromptMethod, SoftPromptSettings
from xbench.method.stages import Fit, LabelledData, ParallelData, Predict, Request, Stage, StreamPlan
from xbench.method.variants import Variant
from xbench.parts.masked_language_model import MaskedLanguageModel, label_word_loss, symmetric_divergence
from xbench.parts.soft_prompt import SoftPrompt, SoftPromptModel
from xbench.parts.translator import Architecture, prompt_translator


class MPTSettings(SoftPromptSettings):
    """Values of section IV-B; those shared with `soft` are the paper's own as well."""

    alpha: float = Field(0.5, ge=0, le=1, description="weight of the task's loss; 1 - alpha weighs the divergence")
    parallel_size: int = Field(500, gt=0, description="sentence pairs of the parallel corpus (PAWS-15 has 500)")
    external_data: bool = Field(
        True, description="the parallel corpus is the task's; false: the training sample and its translations"
    )
    translator: Architecture | Literal["none"] = Field(
        "linear", description="what turns the source prompt into the target prompt; none: a target prompt of its own"
    )
    translator_layers: Literal[1, 2] = Field(2, description="its layers (figure 4)")
    label_space: Literal["label-words", "vocabulary"] = Field(
        "vocabulary", description="what the loss normalises over (equations 2 and 3: the vocabulary)"
    )

    @field_validator("translator", mode="before")
    @classmethod
    def _no_translator_is_a_choice(cls, value: Any) -> Any:
        """On the command line `none` means no value, except here."""
        return "none" if value is None else value


class MPTModel(SoftPromptModel):
    """A soft-prompt model whose target prompt is a translation of its source prompt, or a prompt of its own."""

    def __init__(
        self,
        language_model: MaskedLanguageModel,
        prompt: SoftPrompt,
        source: str,
        translator: nn.Module | None,
        target_prompt: SoftPrompt | None = None,
    ) -> None:
        super().__init__(language_model, prompt)
        self.source, self.translator, self.target_prompt = source, translator, target_prompt

    def target_vectors(self, prompt: Tensor) -> Tensor:
        """p^T, from p^S [prompt length, hidden]."""
        if self.target_prompt is not None:
            return self.target_prompt()
        assert self.translator is not None
        return self.translator(prompt)

    def prompt_vectors(self, batch: Batch) -> Tensor:
        """p^S for the source language, p^T = Transl(p^S) for every other [prompt length, hidden].

        A training batch of several languages gets a prompt for every row [batch, prompt length, hidden].
        """
        prompt = self.prompt()
        if batch.context["language"] == self.source:
            return prompt
        translated = self.target_vectors(prompt)
        if batch.context["language"] != MIXED:
            return translated
        return torch.where(batch["in_source"].bool()[:, None, None], prompt, translated)

    def divergence(self, batch: Batch) -> Tensor:
        """Equation 7 summed over the batch's pairs: KL(P_S, P_T) + KL(P_T, P_S), over the vocabulary at the mask."""
        prompt = self.prompt()
        log_source, log_target = (
            self.language_model.vocabulary_scores(self.mask_state(pair_side(batch, side), vectors)).log_softmax(-1)
            for side, vectors in (("source", prompt), ("target", self.target_vectors(prompt)))
        )  # [batch, vocabulary]
        return symmetric_divergence(log_source, log_target)


class MPT(SoftPromptMethod[MPTSettings]):
    """Multilingual prompt translator."""

    settings_type = MPTSettings
    variants = (
        Variant("MPT", "mpt", "table I; table II, Original MPT; figure 4, Linear-2 and Suffix"),
        Variant("w/o consistency loss", "mpt[alpha=1]", "table II"),
        Variant("w/o external data", "mpt[external_data=false]", "table II"),
        Variant("w/o prompt translator", "mpt[translator=none]", "table II"),
        Variant("w/o MPT framework", "soft", "table II; its figures are those of SP in table I"),
        Variant("Linear-1", "mpt[translator_layers=1]", "figure 4"),
        Variant("LSTM-1", "mpt[translator=lstm,translator_layers=1]", "figure 4"),
        Variant("LSTM-2", "mpt[translator=lstm]", "figure 4"),
        Variant("Transformer-1", "mpt[translator=transformer,translator_layers=1]", "figure 4"),
        Variant("Transformer-2", "mpt[translator=transformer]", "figure 4"),
        Variant("Prefix", "mpt[position=prefix]", "equation 9, figure 4"),
        Variant("Midfix", "mpt[position=midfix]", "equation 9, figure 4"),
        Variant("Endfix", "mpt[position=endfix]", "equation 9, figure 4"),
        Variant("prompt length 8", "mpt[length=8]", "figure 5; any length"),
        Variant("loss weight 0.3", "mpt[alpha=0.3]", "figure 5; any weight from 0 to 1"),
        Variant("2000 parallel pairs", "mpt[parallel_size=2000,training.epochs=15]", "figure 5, section IV-D"),
        Variant("8000 parallel pairs", "mpt[parallel_size=8000,training.epochs=4]", "figure 5, section IV-D"),
    )
    profiles = {
        "demo": {"parallel_size": 200, "training": {"steps": 60, "learning_rate": 5e-4}},
        "comparable": {"training": {"learning_rate": 1e-5}},
    }

    def stages(self, request: Request) -> list[Stage]:
        """One stage on two streams, then the predictions."""
        (task,) = request.train_tasks
        count = self.settings.parallel_size if self.settings.external_data else None
        streams = {
            "train": StreamPlan(LabelledData(request.train_tasks), weight=self.settings.alpha),
            "parallel": StreamPlan(ParallelData(task, count), weight=1 - self.settings.alpha),
        }
        tune = Fit("tune", streams, self.settings.training, self.settings.model_dump(), request.seed)
        return [tune, *request.predictions([tune])]

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """Language model, source prompt, and translator or target prompt."""
        (formulation,) = formulations.values()
        language_model = MaskedLanguageModel(backbone.fresh())
        prompt, kind = self.new_prompt(language_model, backbone), self.settings.translator
        if kind == "none":
            target_prompt = self.new_prompt(language_model, backbone)
            return MPTModel(language_model, prompt, formulation.source, None, target_prompt)
        size, heads = language_model.encoder.hidden_size, backbone.model.config.num_attention_heads
        translator = prompt_translator(kind, self.settings.translator_layers, size, heads)
        return MPTModel(language_model, prompt, formulation.source, translator)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Equation 3 on the task's stream, equation 7 on the parallel one."""
        assert isinstance(model, MPTModel)
        if batch.stream == "parallel":
            return model.divergence(batch)
        state = model.mask_state(batch, model.prompt_vectors(batch))
        return label_word_loss(model.language_model, state, batch, self.settings.label_space)

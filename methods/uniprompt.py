"""UniPrompt: a prompt encoded apart from the text, and soft label words (Huang et al. 2022).

Template and text go through two copies of the bottom p layers and are fused above (section 2.2); one soft label word
a class starts as the mean of the mask's states over the class's training examples (section 2.3, equation 5).
h^m of equations 5 and 6 is one state, the input of the output matrix. The released code takes the means before the
head's dense layer and norm but scores after them: `mean_state=encoder`. Section 4.1.2 starts "the towers" elsewhere and
argues from the template's language; the released code starts the template's alone, and so does this, unless
`tower_scope=both`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone, load_backbone
from xbench.encoding.cloze import TwoTowerCloze
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Batch
from xbench.errors import BackboneError
from xbench.method.base import Method, Settings, initial_deviation
from xbench.method.budget import Budget
from xbench.method.stages import Fit, Predict
from xbench.method.variants import Variant
from xbench.parts.encoder import base_model
from xbench.parts.masked_language_model import MaskedLanguageModel, words_of
from xbench.parts.two_tower import TwoTowerEncoder


class UniPromptSettings(Settings):
    """Values of section 3.2."""

    split: int | None = Field(None, ge=0, description="layers in each tower (p); None: three quarters of them")
    tower: str = Field("backbone", description="a tower's start: backbone, random, or another model's id (table 3)")
    tower_scope: Literal["template", "both"] = Field(
        "template", description="which tower starts there: the template's (as released), or the context's as well"
    )
    label_words: Literal["discrete", "soft", "soft-plm", "soft-class-mean"] = Field(
        "soft-class-mean", description="rows (1) to (4) of table 4"
    )
    mean_state: Literal["output", "encoder"] = Field(
        "output", description="the state whose class means start the label words; encoder: as the released code"
    )
    training: Budget = Budget(steps=1000, evaluate_every=100, batch_size=8, learning_rate=1e-5)


class UniPromptModel(nn.Module):
    """Two towers, their fusion, and label words that belong to no language."""

    def __init__(
        self, encoder: TwoTowerEncoder, language_model: MaskedLanguageModel, soft_words: nn.Parameter | None
    ) -> None:
        super().__init__()
        self.towers = encoder
        self.transformation, self.output = language_model.transformation, language_model.output
        # Not a submodule: it would hold the encoder's layers a second time. It only scores discrete label words.
        self._scorer = (language_model,)
        self.soft_words = soft_words  # [labels, hidden]

    def encoder_state(self, batch: Batch) -> Tensor:
        """The fusion tower's state at the mask [batch, hidden]; the mask stands in the template."""
        template_ids, position = batch.context["template_ids"], batch.context["template_mask_position"]
        assert isinstance(template_ids, Tensor)
        states = self.towers(template_ids, batch["input_ids"], batch["attention_mask"])
        return states[:, int(str(position))]

    def forward(self, batch: Batch) -> Tensor:
        """Scores of the labels, W_lh h^m of equation 6 [batch, labels]."""
        state = self.transformation(self.encoder_state(batch))  # h^m [batch, hidden]
        if self.soft_words is None:
            return self._scorer[0].label_scores(state, words_of(batch))
        return nn.functional.linear(state, self.soft_words)


class UniPrompt(Method[UniPromptSettings]):
    """A unified, model-based prompt for all languages."""

    settings_type = UniPromptSettings
    variants = (
        Variant("UniPrompt", "uniprompt", "table 2; table 3, XLM-RoBERTa-base; table 4, (4) (2) + our Init."),
        Variant("Random Initialization", "uniprompt[tower=random]", "table 3"),
        Variant("RoBERTa-base", "uniprompt[tower=FacebookAI/roberta-base]", "table 3"),
        Variant("(1) Discrete Labels", "uniprompt[label_words=discrete]", "table 4"),
        Variant("(2) Soft Labels", "uniprompt[label_words=soft]", "table 4"),
        Variant("(3) (2) + PLM Init.", "uniprompt[label_words=soft-plm]", "table 4"),
        Variant("p = 0", "uniprompt[split=0]", "figure 3; any p up to the number of layers"),
        Variant("means as released", "uniprompt[mean_state=encoder]", "released code"),
        Variant("split as the released code's default", "uniprompt[split=8]", "released code"),
    )
    formulations = {"classification": TwoTowerCloze}
    profiles = {
        "demo": {"training": {"learning_rate": 5e-4}},
        "comparable": {"training": {"learning_rate": 1e-5}},
    }

    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """The towers from the backbone's layers, and the label words."""
        (formulation,) = formulations.values()
        assert isinstance(formulation, TwoTowerCloze)
        model = backbone.fresh()
        layers = model.config.num_hidden_layers
        split = round(0.75 * layers) if self.settings.split is None else self.settings.split
        towers = TwoTowerEncoder(
            base_model(model),
            split,
            self._other_layers(base_model(model), backbone),
            both_towers=self.settings.tower_scope == "both",
        )
        language_model = MaskedLanguageModel(model)
        return UniPromptModel(towers, language_model, self._soft_words(language_model, formulation, backbone))

    def prepare(self, model: nn.Module, batches: Callable[[], Iterable[Batch]]) -> None:
        """Equation 5: each soft label word becomes the mean of its class's h^m, by the model as assembled.

        A class without training examples, which a sample that is not drawn by class may have, keeps its random word.
        """
        if self.settings.label_words != "soft-class-mean":
            return
        assert isinstance(model, UniPromptModel) and model.soft_words is not None
        sums = torch.zeros_like(model.soft_words, dtype=torch.float64)
        counts = sums.new_zeros(len(sums))
        with torch.no_grad():
            for batch in batches():
                state = model.encoder_state(batch)  # [batch, hidden]
                if self.settings.mean_state == "output":
                    state = model.transformation(state)
                sums.index_add_(0, batch["label"], state.double())
                counts.index_add_(0, batch["label"], torch.ones_like(batch["label"], dtype=torch.float64))
            present = counts > 0
            means = sums[present] / counts[present].unsqueeze(1)  # [present labels, hidden]
            model.soft_words[present] = means.to(model.soft_words.dtype)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Equation 7: summed cross-entropy over the label words."""
        return nn.functional.cross_entropy(model(batch).float(), batch["label"], reduction="sum")

    def before_prediction(self, model: nn.Module, batch: Batch) -> None:
        """The template's states are computed once, and its tower dropped, where one template serves all languages."""
        if self.settings.template_language == "target":
            return
        assert isinstance(model, UniPromptModel)
        template_ids = batch.context["template_ids"]
        assert isinstance(template_ids, Tensor)
        if model.towers.template_tower is not None:
            model.towers.fix_template(template_ids)

    def _other_layers(self, base: Any, backbone: Backbone) -> nn.ModuleList | None:
        """The layers that a tower copies; None: the backbone's own."""
        if self.settings.tower == "backbone":
            return None
        if self.settings.tower == "random":
            return type(base)(base.config).encoder.layer
        other: Any = load_backbone(self.settings.tower, "encoder").fresh()
        if other.config.hidden_size != base.config.hidden_size:
            raise BackboneError(
                f"The tower '{self.settings.tower}' has states of size {other.config.hidden_size}, "
                f"the backbone '{backbone.name}' of {base.config.hidden_size}; choose a model of the same size."
            )
        return other.encoder.layer

    def _soft_words(
        self, language_model: MaskedLanguageModel, formulation: TwoTowerCloze, backbone: Backbone
    ) -> nn.Parameter | None:
        if self.settings.label_words == "discrete":
            return None
        size = language_model.output.in_features
        words = torch.randn(len(formulation.task.labels), size) * initial_deviation(backbone)
        if self.settings.label_words == "soft-plm":
            discrete = formulation.words(formulation.source)
            for number, ids in enumerate(discrete.ids):
                words[number] = language_model.output.weight.detach()[ids[ids >= 0].unique()].mean(0)
        if language_model.output.bias is not None:
            language_model.output.bias.requires_grad_(False)  # equation 6 has no bias
        return nn.Parameter(words)

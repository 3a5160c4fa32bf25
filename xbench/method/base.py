"""What every method is: typed settings, stages, a model and a loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic, Literal, TypeVar

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import IGNORED, EncodingOptions, Formulation, Role
from xbench.encoding.rows import Batch
from xbench.method.budget import Budget
from xbench.method.stages import Fit, LabelledData, Predict, Request, Stage, StreamPlan
from xbench.method.variants import Variant
from xbench.spec.task import TaskSpec


class Settings(BaseModel):
    """Settings that every method has; a method adds its own, with its paper's values as defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field("FacebookAI/xlm-roberta-base", description="the paper's backbone")
    template: str | None = Field(None, description="a template of the task by name; None: the task's default")
    template_language: Literal["source", "target"] = Field(
        "source",
        description="whose template and label words serve at test: the source's for all, or each language's own",
    )
    max_length: int = Field(512, gt=8, description="tokens of an input, special tokens and prompt included")
    training: Budget = Field(Budget(epochs=50), description="optimizer, schedule and length")


SettingsType = TypeVar("SettingsType", bound=Settings)


class Method(ABC, Generic[SettingsType]):
    """One published way to adapt a backbone.

    `revision` is hashed into stage ids and raised when results change. `formulations` maps the kinds a method can do
    to the way it puts them. `profiles` holds, for each profile but `paper` (whose values are the settings' defaults),
    what differs from the settings that the profile gives every method (xbench/method/profiles.py). `joint` methods
    train one model on all tasks of a request; `per_language` ones train a model for each target language, on its
    unlabelled text, and have the settings of `PerLanguageSettings`. `variants` names the rows of published tables that
    are this method with other settings.
    """

    revision: ClassVar[int] = 1
    settings_type: ClassVar[type[Settings]]
    formulations: ClassVar[Mapping[str, type[Formulation]]]
    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    joint: ClassVar[bool] = False
    per_language: ClassVar[bool] = False
    variants: ClassVar[tuple[Variant, ...]] = ()

    def __init__(self, settings: SettingsType) -> None:
        self.settings = settings

    @classmethod
    def paper_settings(cls, task: TaskSpec) -> Mapping[str, Any]:
        """Settings the paper has for one task alone."""
        return {}

    @classmethod
    def role(cls, kind: str) -> Role:
        """The kind of model that the method needs for tasks of a kind."""
        return cls.formulations[kind].role

    def formulation(self, task: TaskSpec, backbone: Backbone, source: str) -> Formulation:
        """The task as this method puts it to the backbone."""
        return self.formulations[task.kind](task, backbone.tokenizer, self.encoding_options(backbone), source)

    def encoding_options(self, backbone: Backbone) -> EncodingOptions:
        """What this method chooses about the text that the model sees."""
        return EncodingOptions(
            template=self.settings.template,
            template_language=self.settings.template_language,
            max_length=min(self.settings.max_length, backbone.max_length),
        )

    def stages(self, request: Request) -> list[Stage]:
        """The plan of most methods: tune on the training tasks, then predict."""
        tune = Fit(
            name="tune",
            streams={"train": StreamPlan(LabelledData(request.train_tasks))},
            budget=self.settings.training,
            settings=self.settings.model_dump(),
            seed=request.seed,
        )
        return [tune, *request.predictions([tune])]

    @abstractmethod
    def build(self, stage: Fit | Predict, backbone: Backbone, formulations: Mapping[str, Formulation]) -> nn.Module:
        """The model of a stage, before training; what trains is what requires gradients."""

    def inherited(self, model: nn.Module, parent: Fit, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """What a parent stage trained, by the names it has in a later stage's model; by default the same names."""
        return tensors

    def prepare(self, model: nn.Module, batches: Callable[[], Iterable[Batch]]) -> None:
        """What happens between building and training, over the training batches in evaluation mode."""

    @abstractmethod
    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The sum of the losses over the batch, to be divided by its count."""

    def before_prediction(self, model: nn.Module, batch: Batch) -> None:
        """What is computed once for a task and language, from its first batch."""

    def predict(self, model: nn.Module, batch: Batch) -> Tensor:
        """The output that the formulation decodes; scores [batch, labels] for classification."""
        return model(batch)


def cross_entropy_sum(scores: Tensor, batch: Batch) -> Tensor:
    """Summed cross-entropy of scores [batch, …, labels] against the batch's labels [batch, …] that are not IGNORED."""
    return nn.functional.cross_entropy(
        scores.float().flatten(0, -2), batch["label"].flatten(), ignore_index=IGNORED, reduction="sum"
    )


def freeze(module: nn.Module) -> None:
    """Takes a module's parameters out of training."""
    for parameter in module.parameters():
        parameter.requires_grad_(False)


def initial_deviation(backbone: Backbone) -> float:
    """The standard deviation with which the backbone's own weights were first drawn."""
    return float(getattr(backbone.model.config, "initializer_range", 0.02))


__all__ = ["Budget", "Method", "Settings", "cross_entropy_sum", "freeze", "initial_deviation", "torch"]

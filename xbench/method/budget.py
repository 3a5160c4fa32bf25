"""How long and how a stage trains."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """Optimizer, schedule and length of one training stage; every field is recorded with the cell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int | None = Field(None, gt=0, description="optimizer steps; give either steps or epochs")
    epochs: int | None = Field(None, gt=0, description="passes over the longest stream; give either steps or epochs")
    batch_size: int = Field(8, gt=0, description="examples of each stream in a step, over all processes")
    micro_batch_size: int | None = Field(
        None, gt=0, description="examples a process handles at once; None: all of them"
    )
    optimizer: Literal["adamw", "adam", "adafactor", "rmsprop"] = Field("adamw", description="optimizer by name")
    learning_rate: float = Field(1e-5, gt=0, description="highest learning rate")
    weight_decay: float = Field(0.0, ge=0, description="decoupled for adamw, L2 for adam and rmsprop")
    schedule: Literal["constant", "linear", "cosine"] = Field("linear", description="decay after the warm-up")
    floor: float = Field(0.0, ge=0, lt=1, description="share of the highest rate that the decay ends at")
    warmup: float = Field(0.0, ge=0, lt=1, description="share of the steps that warm up")
    max_gradient_norm: float | None = Field(1.0, gt=0, description="gradients are clipped to this norm; None: not")
    evaluate_every: int | None = Field(None, gt=0, description="steps between evaluations on dev; None: every epoch")
    select: Literal["best", "last"] = Field("best", description="which checkpoint is kept: best on dev, or the last")

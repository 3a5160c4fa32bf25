"""Optimizers and learning-rate schedules by name."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from xbench.method.budget import Budget


def make_optimizer(parameters: Sequence[nn.Parameter], budget: Budget) -> Optimizer:
    """The optimizer that a budget names, over the trained parameters.

    adamw: decoupled weight decay, not on vectors (biases and norms), as is usual. adam: weight decay is an L2 term in
    the gradient of every parameter (Kingma & Ba, 2015). rmsprop: the same, with squares averaged over 0.9 and no
    momentum (Hinton, 2012). adafactor: transformers' implementation with the given
    learning rate, no relative step (Shazeer & Stern, 2018, section 8).
    """
    if budget.optimizer == "adam":
        return torch.optim.Adam(
            parameters, lr=budget.learning_rate, weight_decay=budget.weight_decay, fused=_can_fuse(parameters)
        )
    if budget.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=budget.learning_rate, alpha=0.9, weight_decay=budget.weight_decay)
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": budget.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if budget.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=budget.learning_rate, fused=_can_fuse(parameters))
    from transformers import Adafactor

    return Adafactor(groups, lr=budget.learning_rate, scale_parameter=False, relative_step=False, warmup_init=False)


def make_schedule(optimizer: Optimizer, budget: Budget, steps: int) -> LRScheduler:
    """The schedule that a budget names, over `steps` optimizer steps of which the warm-up share rises from zero.

    The step numbered n (from 0) uses the rate at n: linear falls from the full rate to the budget's floor, reached
    after the last step, cosine does so along half a wave, constant stays.
    """
    warmup = round(budget.warmup * steps)

    def share(step: int) -> float:
        if step < warmup:
            return step / max(1, warmup)
        length = max(1, steps - warmup)
        left = 1.0
        if budget.schedule == "linear":
            left = max(0.0, (steps - step) / length)
        elif budget.schedule == "cosine":
            left = 0.5 * (1 + math.cos(math.pi * ((step - warmup) / length)))
        return left * (1 - budget.floor) + budget.floor

    return LambdaLR(optimizer, share)


def _can_fuse(parameters: Sequence[nn.Parameter]) -> bool:
    """Whether torch's fused kernel applies; on a CPU it is several times faster than one call per parameter."""
    return all(p.device.type in ("cpu", "cuda") and p.is_floating_point() for p in parameters)

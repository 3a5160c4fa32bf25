"""A linear head of ours in transformers' own models with a head.

Tags and spans have the same linear layer there. For a label of the text, transformers puts a dense layer and a tanh
before its last one (behind the first token's state, in BERT as a pooler), where ours has none. A linear layer passes
through them: scaled down until tanh is the identity to the last digits, and scaled up again behind it.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedModel,
)

from xbench.errors import RequestError
from xbench.parts.classifier import LinearHead, PooledHead, SpanHead, TokenHead
from xbench.parts.encoder import Encoder

SMALL = 2.0**-12
"""tanh(x SMALL) / SMALL is x but for a share of (x SMALL)² / 3: two millionths at x = 10."""


def model_with_head(encoder: Encoder, head: TokenHead, labels: tuple[str, ...]) -> PreTrainedModel:
    """A model of transformers that gives the same scores as the encoder under the head; `labels` name its outputs.

    Raises:
        RequestError: transformers has no such model for this backbone, or it has another shape.
    """
    config = copy.deepcopy(encoder.model.config)
    outputs = head.linear.out_features
    if not isinstance(head, SpanHead):
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in config.id2label.items()}
    kind: Any = AutoModelForTokenClassification
    if isinstance(head, SpanHead):
        kind = AutoModelForQuestionAnswering
    elif isinstance(head, LinearHead):
        kind = AutoModelForSequenceClassification
    try:
        model = kind.from_config(config)
    except ValueError as error:
        raise RequestError(f"transformers has no {kind.__name__} for {type(encoder.model).__name__}.") from error
    missing, unexpected = model.base_model.load_state_dict(encoder.model.state_dict(), strict=False)
    if unexpected or any("pooler" not in name for name in missing):
        raise RequestError(f"{type(model).__name__} has other weights than the tuned {type(encoder.model).__name__}.")
    with torch.no_grad():
        if isinstance(head, PooledHead):
            _copy_pooled(model, head)
        elif isinstance(head, LinearHead):
            _pass_through(model, head.linear)
        else:
            last = model.qa_outputs if isinstance(head, SpanHead) else model.classifier
            assert last.out_features == outputs
            last.weight.copy_(head.linear.weight)
            last.bias.copy_(head.linear.bias)
    return model.eval()


def _pass_through(model: Any, linear: nn.Linear) -> None:
    """Puts a linear layer into the dense layer before tanh and undoes its scale in the layer behind."""
    dense, last = _dense_and_last(model, linear.out_features)
    labels = linear.out_features
    for layer in (dense, last):
        layer.weight.zero_()
        layer.bias.zero_()
    dense.weight[:labels] = linear.weight * SMALL
    dense.bias[:labels] = linear.bias * SMALL
    last.weight[:, :labels] = torch.eye(labels) / SMALL


def _copy_pooled(model: Any, head: PooledHead) -> None:
    """A pretrained pooler is that dense layer itself."""
    dense, last = _dense_and_last(model, head.linear.out_features)
    dense.load_state_dict(head.pooler.get_submodule("dense").state_dict())
    last.load_state_dict(head.linear.state_dict())


def _dense_and_last(model: Any, labels: int) -> tuple[nn.Linear, nn.Linear]:
    """The dense layer before tanh, and the layer behind it. Raises RequestError for a head of another shape."""
    last = getattr(model.classifier, "out_proj", model.classifier)
    dense = getattr(model.classifier, "dense", None)
    if dense is None:
        pooler = getattr(model.base_model, "pooler", None)
        dense = getattr(pooler, "dense", None)
    if dense is None or not isinstance(last, nn.Linear) or labels > dense.out_features:
        raise RequestError(
            f"{type(model).__name__} has a head of another shape: a dense layer with tanh and a linear layer are known."
        )
    return dense, last

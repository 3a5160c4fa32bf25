"""UniPrompt's forward pass by the whole pretrained model, with hand-made positions and attention masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from xbench.backbone.load import Backbone
from xbench.encoding.rows import Batch


@dataclass(frozen=True)
class AtMask:
    """What the whole model has at the template's mask: its last layer's state [batch, hidden], the input of the output
    matrix [batch, hidden], and the scores [batch, vocabulary]; in float64."""

    encoder_state: Tensor
    state: Tensor
    scores: Tensor


def two_towers(backbone: Backbone, batch: Batch, split: int) -> AtMask:
    """Template and text stand in one sequence, positions restart in the text, and the two cannot see one another in
    the first `split` layers. The masks are put in by hooks on the model's own layers."""
    model = backbone.fresh().double()
    template = batch.context["template_ids"]
    assert isinstance(template, Tensor)
    count, length = batch["input_ids"].shape
    ids = torch.cat([template.expand(count, -1), batch["input_ids"]], 1)
    first = 2 if backbone.model.config.model_type == "xlm-roberta" else 0
    positions = torch.cat([torch.arange(len(template)), torch.arange(length)]) + first
    visible = torch.cat([torch.ones(count, len(template)), batch["attention_mask"]], 1).bool()
    part = torch.cat([torch.zeros(len(template)), torch.ones(length)])
    same = part[:, None] == part[None, :]  # [length, length]
    everything = visible[:, None, None, :].expand(-1, 1, ids.shape[1], -1)  # [batch, 1, length, length]

    for number, layer in enumerate(model.base_model.encoder.layer):
        allowed = everything & same if number < split else everything
        bias = torch.zeros(allowed.shape, dtype=torch.float64).masked_fill(~allowed, torch.finfo(torch.float64).min)
        layer.register_forward_pre_hook(_with_mask(bias), with_kwargs=True)
    before_output: list[Tensor] = []
    model.get_output_embeddings().register_forward_pre_hook(lambda module, args: before_output.append(args[0]))
    with torch.no_grad():
        output = model(input_ids=ids, position_ids=positions.expand(count, -1), output_hidden_states=True)
    mask = int(str(batch.context["template_mask_position"]))
    return AtMask(output.hidden_states[-1][:, mask], before_output[0][:, mask], output.logits[:, mask])


def _with_mask(bias: Tensor) -> Any:
    def hook(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        kwargs.pop("attention_mask", None)
        return (args[0],), kwargs | {"attention_mask": bias}

    return hook

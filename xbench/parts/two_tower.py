"""UniPrompt's two-tower prompt encoder (Huang et al. 2022, section 2.2)."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from xbench.backbone.load import first_position
from xbench.errors import BackboneError


class TwoTowerEncoder(nn.Module):
    """A template tower and a context tower over shared embeddings, and a fusion tower above both.

    The towers are the bottom `split` layers (the template tower a copy of them, or of `other_layers`; with
    `both_towers` the context tower too is a copy of these), the fusion tower the layers above. Positions restart in
    each tower; the fusion tower sees the template's states first (equation 3). After `fix_template` the template's
    states are kept and its tower is dropped, so that inference costs no more than the backbone does.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        split: int,
        other_layers: nn.ModuleList | None = None,
        *,
        both_towers: bool = False,
    ) -> None:
        super().__init__()
        layers = getattr(getattr(model, "encoder", None), "layer", None)
        if layers is None or not 0 <= split <= len(layers):
            found = "no stack of layers" if layers is None else f"{len(layers)} layers"
            raise BackboneError(f"UniPrompt splits the encoder at layer {split}; {type(model).__name__} has {found}.")
        self.embeddings: Any = model.get_submodule("embeddings")
        bottom = layers if other_layers is None else other_layers
        self.context_tower = copy.deepcopy(bottom[:split]) if both_towers else layers[:split]
        self.fusion_tower = layers[split:]
        self.template_tower: nn.ModuleList | None = copy.deepcopy(bottom[:split])
        self.first_position = first_position(model.get_submodule("embeddings.position_embeddings"))
        self.template_states: Tensor | None = None

    def template(self, ids: Tensor) -> Tensor:
        """H'_t of equation 1. Takes [template length], gives [1, template length, hidden]."""
        if self.template_tower is None:
            assert self.template_states is not None
            return self.template_states
        mask = torch.ones(1, len(ids), device=ids.device)
        return _run(self.template_tower, self._embed(ids.unsqueeze(0)), mask)

    def fix_template(self, ids: Tensor) -> None:
        """Computes the template's states once and drops its tower."""
        with torch.inference_mode():
            self.template_states = self.template(ids)
        self.template_tower = None

    def forward(self, template_ids: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """H of equation 4 [batch, template length + length, hidden]; the template's states come first."""
        count = len(input_ids)
        template = self.template(template_ids).expand(count, -1, -1)  # [batch, template length, hidden]
        context = _run(self.context_tower, self._embed(input_ids), attention_mask)  # [batch, length, hidden]
        states = torch.cat([template, context], dim=1)
        mask = torch.cat([attention_mask.new_ones(count, template.shape[1]), attention_mask], dim=1)
        return _run(self.fusion_tower, states, mask)

    def _embed(self, ids: Tensor) -> Tensor:
        positions = torch.arange(ids.shape[1], device=ids.device) + self.first_position
        return self.embeddings(input_ids=ids, position_ids=positions.expand(ids.shape))


def _run(layers: nn.ModuleList, states: Tensor, mask: Tensor) -> Tensor:
    """States [batch, length, hidden] through layers, with padding given by mask [batch, length]."""
    hidden = torch.finfo(states.dtype).min
    bias = (1.0 - mask[:, None, None, :].to(states.dtype)) * hidden  # [batch, 1, 1, length]
    for layer in layers:
        output = layer(states, bias)
        states = output[0] if isinstance(output, tuple) else output
    return states

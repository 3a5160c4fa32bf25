"""A pretrained encoder with explicit positions, room for soft prompts, and prefixes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel

from xbench.backbone.load import first_position
from xbench.encoding.rows import Batch


def base_model(model: PreTrainedModel) -> PreTrainedModel:
    """The model below a head."""
    base = model.base_model
    assert isinstance(base, PreTrainedModel)
    return base


class Encoder(nn.Module):
    """The encoder below a masked LM head or a linear layer.

    Positions are given explicitly, since a soft prompt has no token ids and a prefix shifts them.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model
        table = getattr(model.embeddings, "position_embeddings", None)
        self.first_position = 0 if table is None else first_position(table)

    @property
    def hidden_size(self) -> int:
        """Width of the states."""
        return int(self.model.config.hidden_size)

    def embed(self, batch: Batch, prompt: Tensor | None = None) -> Tensor:
        """Word embeddings of a batch, with prompt vectors [prompt length, hidden] at its soft places.

        `prompt` may also be [batch, prompt length, hidden]. Gives [batch, length, hidden].
        """
        words = self.model.get_input_embeddings()(batch["input_ids"])  # [batch, length, hidden]
        if prompt is None:
            return words
        index = batch["soft_index"]  # [batch, length], -1 where there is no soft token
        if prompt.dim() == 2:
            vectors = prompt[index.clamp(min=0)]
        else:
            vectors = prompt.gather(1, index.clamp(min=0).unsqueeze(-1).expand(-1, -1, prompt.shape[-1]))
        return torch.where((index >= 0).unsqueeze(-1), vectors.to(words.dtype), words)

    def forward(
        self, batch: Batch, *, embeddings: Tensor | None = None, prefix: tuple[Tensor, Tensor] | None = None
    ) -> Tensor:
        """The last layer's states [batch, length, hidden].

        `prefix` holds keys and values [layers, batch, heads, prefix length, head size] in front of every layer.
        """
        embeddings = self.embed(batch) if embeddings is None else embeddings
        mask = batch["attention_mask"]  # [batch, length]
        count, length = mask.shape
        arguments: dict[str, object] = {}
        shift = 0
        if prefix is not None:
            keys, values = prefix
            shift = keys.shape[3]
            # A reused cache would grow with every forward.
            arguments["past_key_values"] = DynamicCache(list(zip(keys, values, strict=True)))
            mask = torch.cat([mask.new_ones(count, shift), mask], dim=1)
        positions = torch.arange(length, device=mask.device) + self.first_position + shift
        if "token_type_ids" in batch.tensors:
            arguments["token_type_ids"] = batch["token_type_ids"]
        output = self.model(
            inputs_embeds=embeddings, attention_mask=mask, position_ids=positions.expand(count, length), **arguments
        )
        return output.last_hidden_state  # [batch, length, hidden]

"""An encoder-decoder that is trained on answers and generates them."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from transformers import PreTrainedModel

from xbench.encoding.formulation import IGNORED
from xbench.encoding.rows import Batch


class EncoderDecoder(nn.Module):
    """A pretrained sequence-to-sequence model."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model: Any = model

    def answer_loss(self, batch: Batch) -> Tensor:
        """Summed cross-entropy of the target tokens."""
        targets = batch["target_ids"]
        shift = getattr(self.model, "prepare_decoder_input_ids_from_labels", None)
        # Given as labels, they would be scored against the vocabulary a second time.
        given = {"labels": targets} if shift is None else {"decoder_input_ids": shift(targets)}
        output = self.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], **given)
        scores = output.logits.float().flatten(0, 1)  # [batch * target length, vocabulary]
        return nn.functional.cross_entropy(scores, targets.flatten(), ignore_index=IGNORED, reduction="sum")

    def generate(self, batch: Batch) -> Tensor:
        """Greedy answers [batch, answer length]; the batch's context says how long they may be."""
        return self.model.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            max_new_tokens=int(str(batch.context["answer_length"])),
            do_sample=False,
            num_beams=1,
        )

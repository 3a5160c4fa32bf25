"""Tuned prompts as adapters of peft: a deep prefix, and a soft prompt at the beginning of the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from xbench.errors import RequestError
from xbench.parts.classifier import LinearHead, SpanHead, TokenHead
from xbench.parts.deep_prefix import DeepPrefix


def save_prefix(model: PreTrainedModel, prefix: DeepPrefix, head: TokenHead, base: str, folder: Path) -> None:
    """Writes a PREFIX_TUNING adapter for a model with the head in it, which peft saves beside the prefix."""
    peft = import_peft()
    kind = "QUESTION_ANS" if isinstance(head, SpanHead) else "SEQ_CLS" if isinstance(head, LinearHead) else "TOKEN_CLS"
    has_pooler = isinstance(head, LinearHead) and getattr(model.base_model, "pooler", None) is not None
    config = peft.PrefixTuningConfig(
        task_type=kind,
        num_virtual_tokens=prefix.length,
        num_layers=model.config.num_hidden_layers,
        token_dim=model.config.hidden_size,
        num_attention_heads=model.config.num_attention_heads,
        modules_to_save=["pooler"] if has_pooler else None,
        inference_mode=True,
    )
    adapted: Any = peft.get_peft_model(model, config)
    values = torch.cat([prefix.bottom, prefix.top]).detach()  # [layers, 2, prefix length, hidden]
    table = values.permute(2, 0, 1, 3).reshape(prefix.length, -1)  # [prefix length, 2 * layers * hidden]
    _save(adapted, table, base, folder)


def save_soft_prompt(model: PreTrainedModel, vectors: Tensor, base: str, folder: Path) -> None:
    """Writes a PROMPT_TUNING adapter for a masked language model.

    peft puts its virtual tokens before the whole input, so that the special token which begins a text is the first of
    them: `vectors` [virtual tokens, hidden] has its embedding, and the input is given without it.
    """
    peft = import_peft()
    config = peft.PromptTuningConfig(
        task_type="FEATURE_EXTRACTION",  # peft has no masked language modelling
        num_virtual_tokens=len(vectors),
        num_layers=model.config.num_hidden_layers,
        token_dim=model.config.hidden_size,
        num_attention_heads=model.config.num_attention_heads,
        inference_mode=True,
    )
    _save(peft.get_peft_model(model, config), vectors, base, folder)


def import_peft() -> Any:
    """The package peft. Raises RequestError where it is not installed."""
    try:
        import peft
    except ImportError as error:
        raise RequestError("An adapter is written by peft, which is not installed: pip install peft.") from error
    return peft


def _save(adapted: Any, table: Tensor, base: str, folder: Path) -> None:
    with torch.no_grad():
        adapted.prompt_encoder["default"].embedding.weight.copy_(table)
    adapted.peft_config["default"].base_model_name_or_path = base
    adapted.save_pretrained(folder)

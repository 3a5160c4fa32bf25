"""Loads a backbone once per process and hands out fresh copies of it."""

from __future__ import annotations

import copy
import hashlib
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from xbench import micro
from xbench.encoding.formulation import Role
from xbench.errors import BackboneError

AUTO_CLASS = {"encoder": AutoModel, "masked-lm": AutoModelForMaskedLM, "text2text": AutoModelForSeq2SeqLM}
NEED = {
    "encoder": "an encoder",
    "masked-lm": "a masked language model, such as FacebookAI/xlm-roberta-base",
    "text2text": "an encoder-decoder, such as google/mt5-base",
}


class Backbone:
    """A pretrained model as loaded, never trained itself, and its tokenizer.

    `fingerprint` identifies the weights: the hub's commit, or a hash of the local weight files. `max_length` is the
    most tokens one text may have. The weights are loaded when `model` is first asked for.
    """

    def __init__(self, name: str, role: Role) -> None:
        self.name, self.role = name, role
        self.tokenizer = load_tokenizer(name)
        self.fingerprint = backbone_fingerprint(name)
        self.max_length = _max_length(location(name), self.tokenizer)
        self._pooler: nn.Module | None = None

    @cached_property
    def model(self) -> PreTrainedModel:
        """The model in fp32.

        Raises:
            BackboneError: it does not load, or holds no weights for what the role needs.
        """
        model, self._pooler = _load_model(self.name, self.role)
        return model

    def pooler(self) -> nn.Module:
        """A copy of the pretrained layer on the first token's state: states [batch, length, hidden] to [batch, hidden].

        Raises:
            BackboneError: the model has none, or only one that was never trained.
        """
        _ = self.model
        if self._pooler is None:
            raise BackboneError(f"The model '{self.name}' has no pretrained pooler; read the first token's own state.")
        return copy.deepcopy(self._pooler)

    def fresh(self) -> PreTrainedModel:
        """A copy to train; the loaded weights stay as they are for the next stage."""
        return copy.deepcopy(self.model)


def location(name: str) -> str:
    """Where `from_pretrained` finds a backbone: the folder of an embedded one, else the name itself."""
    return str(micro.path(name)) if name in micro.NAMES else name


@lru_cache(maxsize=2)
def load_backbone(name: str, role: Role) -> Backbone:
    """The backbone of a name for a role, loaded once per process.

    Raises:
        BackboneError: nothing is found under that name.
    """
    return Backbone(name, role)


def _load_model(name: str, role: Role) -> tuple[PreTrainedModel, nn.Module | None]:
    """The model without its pooler, and the pooler where it was pretrained."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        # Weights that the file lacks are drawn, which must not shift what a seeded stage draws after the first load.
        with torch.random.fork_rng(devices=[]):
            model, info = AUTO_CLASS[role].from_pretrained(
                location(name),
                dtype=torch.float32,
                attn_implementation="eager" if name in micro.NAMES else None,  # for so few heads the faster one on CPUs
                output_loading_info=True,
            )
    except (OSError, ValueError, ImportError) as error:
        raise BackboneError(f"The model '{name}' cannot be loaded as {NEED[role]}: {_first_line(error)}") from error
    missing = sorted(key for key in info["missing_keys"] if "pooler" not in key and "position_ids" not in key)
    if missing:
        raise BackboneError(
            f"The model '{name}' is not {NEED[role]}: it has no weights for {', '.join(missing[:3])}"
            f"{' …' if len(missing) > 3 else ''}. Name another model with --model, or a method that needs less "
            "(fine-tune and prefix take any encoder)."
        )
    model.eval()
    pooler = getattr(model, "pooler", None)
    if pooler is not None:
        model.pooler = None  # hardly anything reads it, so that it would count as trained without training
    drawn = any("pooler" in key for key in info["missing_keys"])
    return model, None if drawn else pooler


@lru_cache(maxsize=4)
def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a backbone."""
    try:
        return AutoTokenizer.from_pretrained(location(name))
    except Exception as error:  # the hub client and the tokenizers' files raise many kinds
        raise BackboneError(
            f"The tokenizer of '{name}' cannot be loaded: {_first_line(error)} "
            "Give a hub id, a folder that holds a transformers model, or an embedded one: "
            + ", ".join(micro.NAMES)
            + "."
        ) from error


@lru_cache(maxsize=8)
def backbone_fingerprint(name: str) -> str:
    """The identity of a backbone's weights without loading them."""
    place = location(name)
    try:
        return _fingerprint(place, AutoConfig.from_pretrained(place))
    except (OSError, ValueError) as error:
        raise BackboneError(f"The model '{name}' cannot be found: {_first_line(error)}") from error


def _fingerprint(place: str, config: Any) -> str:
    folder = Path(place)
    if not folder.is_dir():
        return str(getattr(config, "_commit_hash", None) or place)
    digest = hashlib.sha256()
    names = ("*.safetensors", "*.bin", "config.json", "tokenizer.json", "*.model")
    for file in sorted(path for pattern in names for path in folder.glob(pattern)):
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()[:16]


def _max_length(place: str, tokenizer: PreTrainedTokenizerBase) -> int:
    """The most tokens a text may have. Models with relative positions (mT5) have no limit of their own."""
    with torch.device("meta"):
        model = AutoModel.from_config(AutoConfig.from_pretrained(place))
    limits = [tokenizer.model_max_length]
    table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    if table is not None:
        limits.append(table.num_embeddings - first_position(table))
    return int(min(limits))


def first_position(table: nn.Module) -> int:
    """The row of a position table that the first token takes (RoBERTa's family counts on from its padding row)."""
    assert isinstance(table, nn.Embedding)
    return 0 if table.padding_idx is None else table.padding_idx + 1


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

"""Tokenizers of backbones, from their files and without loading a model."""

from __future__ import annotations

import importlib.resources
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=8)
def tokenizer_file(name: str) -> Path | None:
    """The tokenizer.json of an embedded backbone, a folder, or a hub id in the local cache.

    None where it is not on this machine: nothing is loaded from the hub.
    """
    embedded = Path(str(importlib.resources.files("xbench.micro"))) / "backbones" / name / "tokenizer.json"
    for file in (embedded, Path(name) / "tokenizer.json"):
        if file.is_file():
            return file
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, "tokenizer.json")
    except HFValidationError:  # a path that does not exist is no hub id
        return None
    return Path(found) if isinstance(found, str) else None


@lru_cache(maxsize=4)
def load_tokenizer(file: Path) -> Any:
    """The tokenizer of a file, which cuts nothing off and fills nothing up."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer

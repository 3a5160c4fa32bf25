"""Tokenizers of backbones, from their files and without loading a model."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

NAMES = ("tokenizer.json", "spiece.model", "sentencepiece.bpe.model")
"""Files that hold a tokenizer, the first of them that there is. mT5's has no tokenizer.json."""


@lru_cache(maxsize=8)
def tokenizer_file(name: str) -> Path | None:
    """The tokenizer's file of an embedded backbone, a folder, or a hub id in the local cache.

    None where it is not on this machine: nothing is loaded from the hub.
    """
    embedded = Path(str(importlib.resources.files("xbench.micro"))) / "backbones" / name
    for folder in (embedded, Path(name)):
        for file in NAMES:
            if (folder / file).is_file():
                return folder / file
    return _in_hub_cache(name)


def _in_hub_cache(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for file in NAMES:
        try:
            found = try_to_load_from_cache(name, file)
        except HFValidationError:  # a path that does not exist is no hub id
            return None
        if isinstance(found, str):
            return Path(found)
    return None


@lru_cache(maxsize=4)
def subword_counter(file: Path) -> Callable[[Sequence[str]], list[int]]:
    """A function that gives the number of subwords of each text, without special tokens; nothing is cut off."""
    if file.suffix == ".model":
        from sentencepiece import SentencePieceProcessor

        processor = SentencePieceProcessor(model_file=str(file))
        return lambda texts: [len(pieces) for pieces in processor.encode(list(texts))]
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda texts: [len(found) for found in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

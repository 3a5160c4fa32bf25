"""Tokenizers of backbones, from their files and without loading a model."""

from __future__ import annotations

import importlib.resources
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

NAMES = ("tokenizer.json", "spiece.model", "sentencepiece.bpe.model")
"""Files that hold a tokenizer, the first of them that there is. mT5's has no tokenizer.json."""
SPACE = "▁"
MOST_WORDS = 500_000


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


Counter = Callable[[Sequence[str]], list[int]]


@lru_cache(maxsize=4)
def subword_counter(file: Path) -> Counter:
    """A function that gives the number of subwords of each text, without special tokens; nothing is cut off."""
    if file.suffix == ".model":
        from sentencepiece import SentencePieceProcessor

        processor = SentencePieceProcessor(model_file=str(file))
        pieces = map(processor.id_to_piece, range(processor.get_piece_size()))
        crosses = any(SPACE in piece[1:] for piece in pieces)
        return _as_it_is(processor.encode) if crosses else _word_by_word(_as_it_is(processor.encode))
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encode = partial(tokenizer.encode_batch_fast, add_special_tokens=False)
    splits = _splits_at_spaces(json.loads(file.read_text(encoding="utf-8")).get("pre_tokenizer"))
    return _word_by_word(_as_it_is(encode)) if splits else _as_it_is(encode)


def _as_it_is(encode: Callable[[list[str]], list[Any]]) -> Counter:
    return lambda texts: [len(pieces) for pieces in encode(list(texts))]


def _word_by_word(count: Counter) -> Counter:
    """The same numbers, each word between spaces counted once: for a tokenizer whose pieces never cross a space."""
    known: dict[str, int] = {}

    def counted(texts: Sequence[str]) -> list[int]:
        if len(known) > MOST_WORDS:
            known.clear()
        parts = [text.split() if _is_plain(text) else [text] for text in texts]
        fresh = list({word for words in parts for word in words if word not in known})
        known.update(zip(fresh, count(fresh), strict=True))
        return [sum([known[word] for word in words]) for words in parts]

    return counted


def _is_plain(text: str) -> bool:
    """Whether one space stands between two words, also once characters are normalised, and no special token is in it.

    A space that begins no word may be a piece of its own, and a special token may take one away.
    """
    if "<" in text or " ".join(text.split()) != text:
        return False
    normalised = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return normalised is text or " ".join(normalised.split()) == normalised


def _splits_at_spaces(pre_tokenizer: Mapping[str, Any] | None) -> bool:
    """Whether a pre-tokenizer is Metaspace that splits, or has one: each word then begins with the space before it."""
    if pre_tokenizer is None:
        return False
    if pre_tokenizer["type"] == "Sequence":
        return any(map(_splits_at_spaces, pre_tokenizer["pretokenizers"]))
    begins = pre_tokenizer.get("prepend_scheme", "always") != "never" and pre_tokenizer.get("add_prefix_space", True)
    return pre_tokenizer["type"] == "Metaspace" and begins and pre_tokenizer.get("split", True)

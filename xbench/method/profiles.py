"""What the profiles `demo` and `comparable` give every method; a method adds its learning rate and what else it needs.

`paper` has no entry: its values are each method's defaults and its `paper_settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHARED: Mapping[str, Mapping[str, Any]] = {
    # Small enough for two cores and the embedded backbones.
    "demo": {"training": {"steps": 80, "batch_size": 8, "evaluate_every": 20, "optimizer": "adamw", "warmup": 0.1}},
    # One budget, one selection rule and one template policy for all methods; learning rates cannot be one for all.
    "comparable": {
        "template_language": "source",
        "max_length": 256,
        "training": {"steps": 1000, "batch_size": 8, "evaluate_every": 100, "optimizer": "adamw", "select": "best"},
    },
}

BACKBONES: Mapping[str, Mapping[str, str]] = {
    "demo": {"encoder": "micro-xlmr", "masked-lm": "micro-xlmr", "text2text": "micro-mt5"},
    "comparable": {
        "encoder": "FacebookAI/xlm-roberta-base",
        "masked-lm": "FacebookAI/xlm-roberta-base",
        "text2text": "google/mt5-base",
    },
}

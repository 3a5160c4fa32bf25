"""PolyPrompt: one encoder-decoder for all tasks at once, as text-to-text with unified templates (Fu et al. 2022)."""

from __future__ import annotations

from xbench.method.text2text import Text2TextMethod, Text2TextSettings


class PolyPrompt(Text2TextMethod[Text2TextSettings]):
    """Multi-task text-to-text training of an encoder-decoder."""

    settings_type = Text2TextSettings
    joint = True
    profiles = {
        "demo": {"training": {"steps": 160, "evaluate_every": 40, "learning_rate": 1e-3}},
        "comparable": {"training": {"learning_rate": 1e-4}},
    }

"""mT5: an encoder-decoder tuned on one task at a time, as text-to-text ("vanilla mT5", Fu et al. 2022, section 4.2).

What the released code does otherwise than the paper's text is as for `polyprompt`.
"""

from __future__ import annotations

from xbench.method.text2text import DEMO, RELEASED, Text2TextMethod, Text2TextSettings
from xbench.method.variants import Variant


class MT5(Text2TextMethod[Text2TextSettings]):
    """Single-task text-to-text training of an encoder-decoder, with the templates of `polyprompt`."""

    settings_type = Text2TextSettings
    variants = (
        Variant("Vanilla mT5", "mt5", "table 2"),
        Variant("in-lingual prompts", "mt5[prompts=in-lingual]", "figure 5"),
        Variant("decoding as released", "mt5[decoding=nearest]", "released code"),
        Variant("budget as released", f"mt5[{RELEASED}]", "released code"),
    )
    profiles = {
        "demo": DEMO,
        "comparable": {"training": {"learning_rate": 1e-4}},
    }

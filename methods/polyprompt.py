"""PolyPrompt: one encoder-decoder for all tasks at once, as text-to-text with unified templates (Fu et al. 2022).

The released code trains 18 epochs in batches of 180 where section 4.5 has 20 and 18, and reads a text that is no answer
as the nearest one, or as the first that the template names (`decoding=nearest`); by default it is no answer. Two things
of it are not available: a second end token, of a literal `</s>` in every text, and the checkpoint of step 8,000,
whatever the dev set says.
"""

from __future__ import annotations

from xbench.method.text2text import DEMO, RELEASED, Text2TextMethod, Text2TextSettings
from xbench.method.variants import Variant


class PolyPrompt(Text2TextMethod[Text2TextSettings]):
    """Multi-task text-to-text training of an encoder-decoder."""

    revision = 2
    settings_type = Text2TextSettings
    joint = True
    variants = (
        Variant("PolyPrompt", "polyprompt", "table 2"),
        Variant("+Expand", "polyprompt", "table 2; with --train-tasks: the targets and the fifteen expanding sets"),
        Variant("+Expand+XLSum", "polyprompt", "table 2; with xlsum among --train-tasks as well"),
        Variant("+Expand+PANX", "polyprompt", "table 2; with panx among --train-tasks as well"),
        Variant("in-lingual prompts", "polyprompt[prompts=in-lingual]", "figures 5 and 6, section 5.3.1"),
        Variant("PolyP-v1", "polyprompt[templates=diversified-1]", "figure 5; diversified-1 to diversified-5"),
        Variant("cross-task", "polyprompt", "figure 7; with --setting cross-task"),
        Variant("decoding as released", "polyprompt[decoding=nearest]", "released code"),
        Variant("budget as released", f"polyprompt[{RELEASED}]", "released code"),
    )
    profiles = {
        "demo": DEMO,
        "comparable": {"training": {"learning_rate": 1e-4}},
    }

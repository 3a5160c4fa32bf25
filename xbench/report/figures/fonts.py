"""Text of figures: taken as it is, in a font that has its glyphs.

DejaVu Sans comes with matplotlib and has Latin, Greek, Cyrillic, Arabic and Hebrew letters. Where a label needs others,
an installed font that has them stands in, sans-serif ones of the Noto family first.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FONT = "DejaVu Sans"
ACTING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
REPLACEMENT = "\ufffd"


def set_texts(figure: Figure) -> str:
    """Has no text of a figure read as a formula, and finds fonts for all; returns the characters that no font has."""
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]
    for text in texts:
        text.set_parse_math(False)
        if any(map(_acts, text.get_text())):
            text.set_text("".join(REPLACEMENT if _acts(char) else char for char in text.get_text()))
    missing = {char for text in texts for char in text.get_text() if not char.isspace()} - _glyphs(FONT)
    families = [FONT]
    for family in _others() if missing else ():
        if missing & _glyphs(family):
            families.append(family)
            missing -= _glyphs(family)
        if not missing:
            break
    if len(families) > 1:
        for text in texts:
            text.set_family(families)
    return "".join(sorted(missing))


def _acts(char: str) -> bool:
    """Whether a character has no shape of its own, and could end or reorder the text around it."""
    if char == "\n":
        return False
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(char) in ACTING


@cache
def _others() -> tuple[str, ...]:
    """The families of the upright fonts on this machine, by preference."""
    from matplotlib.font_manager import fontManager

    names = {entry.name for entry in fontManager.ttflist if entry.style == "normal"}
    return tuple(sorted(names, key=lambda name: (not name.startswith("Noto Sans"), "Mono" in name, len(name), name)))


@cache
def _glyphs(family: str) -> frozenset[str]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(map(chr, get_font(findfont(family)).get_charmap()))


@contextmanager
def without_glyph_warnings() -> Iterator[None]:
    """Leaves out matplotlib's own word on missing glyphs."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield

"""Text of figures: taken as it is, in a font that has its glyphs.

DejaVu Sans comes with matplotlib and has Latin, Greek, Cyrillic, Arabic and Hebrew letters. Where a label needs others,
an installed font that has them stands in, sans-serif ones of the Noto family first.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FONT = "DejaVu Sans"
PLACEHOLDERS = "Last Resort"  # fonts that have a box for every character


def set_texts(figure: Figure) -> str:
    """Has no text of a figure read as a formula, and finds fonts for all; returns the characters that no font has."""
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]
    for text in texts:
        text.set_parse_math(False)
    needed = {char for text in texts for char in text.get_text() if char.isprintable() and not char.isspace()}
    missing = needed - _glyphs(_paths()[FONT])
    families = [FONT]
    for family, path in _paths().items() if missing else ():
        if missing & _glyphs(path):
            families.append(family)
            missing -= _glyphs(path)
        if not missing:
            break
    if len(families) > 1:
        for text in texts:
            text.set_fontfamily(families)
    return "".join(sorted(missing))


@cache
def _paths() -> Mapping[str, str]:
    """The files of the regular fonts on this machine, by family, in order of preference."""
    from matplotlib.font_manager import fontManager

    regular = (entry for entry in fontManager.ttflist if (entry.style, entry.weight) == ("normal", 400))
    found = {entry.name: entry.fname for entry in regular if not entry.name.startswith(PLACEHOLDERS)}
    names = sorted(found, key=lambda name: (not name.startswith("Noto Sans"), "Mono" in name, len(name), name))
    return {name: found[name] for name in (FONT, *names)}


@cache
def _glyphs(path: str) -> frozenset[str]:
    from matplotlib.font_manager import get_font

    return frozenset(map(chr, get_font(path).get_charmap()))


@contextmanager
def without_glyph_warnings() -> Iterator[None]:
    """Leaves out matplotlib's own word on missing glyphs."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield

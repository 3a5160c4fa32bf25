"""Text on the site: numbers as people read them, and text from data made harmless and short.

Templates escape HTML. What escaping leaves is made visible here: control characters and the ones that change the
direction of what follows could hide or reorder the page around them.
"""

from __future__ import annotations

import math
import re
from typing import Any

from xbench.report.numbers import number

LONGEST = 1_500  # characters of one field or answer
DASH = "–"


def value(fraction: float | None, sign: str = "") -> str:
    """A fraction times 100 with one decimal; a dash where there is none."""
    return DASH if missing(fraction) else number(fraction, sign)


def missing(given: float | None) -> bool:
    """Whether there is no number."""
    return given is None or math.isnan(given)


def order(given: float | None, digits: int = 6) -> str:
    """A number to sort by; "" where there is none."""
    return "" if missing(given) else f"{given:.{digits}g}"


def many(count: int, what: str, ending: str = "s") -> str:
    """A count and what is counted: 1 thread, 2 threads."""
    return f"{count:,} {what}{'' if count == 1 else ending}"


def bytes_text(count: int | float) -> str:
    """Bytes as people read them: 4.6 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def count_text(count: int | float) -> str:
    """A large count as people read it: 1.1 M."""
    for divisor, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count >= divisor:
            return f"{count / divisor:.1f} {unit}"
    return f"{count:.0f}"


def seconds_text(seconds: float) -> str:
    """A time as people read it: 3.1 s, 12.5 min, 2.0 h."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def p_text(p: float | None) -> str:
    """A p-value as people read it."""
    return DASH if p is None or math.isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}"


def inert(text: Any, longest: int = LONGEST) -> str:
    """Text from data: cut, with invisible characters that act on their surroundings written as code points."""
    text = "" if text is None else str(text)
    shown = _ACTS.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text[:longest])
    return shown if len(text) <= longest else f"{shown}… ({len(text) - longest:,} more characters)"


# Joiners and variation selectors belong to words; marks of direction, other controls and lone surrogates do not.
_ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

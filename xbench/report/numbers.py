"""Measured numbers as people read them, the same in every table, figure and page."""

from __future__ import annotations

DIGITS = 9  # of a fraction: means that are equal on paper differ in the last bits, and are printed alike


def number(fraction: float | None, sign: str = "") -> str:
    """A fraction times 100 with one decimal: 0.8534 is 85.3; "" where there is none."""
    if fraction is None:
        return ""
    text = f"{100 * round(float(fraction), DIGITS):{sign}.1f}"
    return text.replace("-0.0", "0.0").replace("+0.0", "0.0") if float(text) == 0 else text

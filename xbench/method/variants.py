"""Variants: rows of a paper's tables that are one method with other settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """A row as a paper prints it, and how it is asked for here.

    `choice` is what stands after `--methods`: `name[parameter=value]`, or another method where the paper's row is
    that. `place` is the paper's table, figure or section.
    """

    row: str
    choice: str
    place: str

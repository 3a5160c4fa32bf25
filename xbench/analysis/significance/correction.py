"""Holm's correction for many comparisons."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """The p-values of one family adjusted by Holm's step-down method (statsmodels); None stays None, and counts not.

    Rejecting where the adjusted p < 0.05 keeps the chance of any false rejection in the family below 5 %, however
    the tests depend on each other.
    """
    from statsmodels.stats.multitest import multipletests

    given = [p for p in p_values if p is not None]
    adjusted = iter(multipletests(given, method="holm")[1] if given else ())
    return [None if p is None else float(next(adjusted)) for p in p_values]

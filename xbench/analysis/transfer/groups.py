"""Gaps by group of languages: by family, as MPT's figure 3 and PolyPrompt's figure 3 show gains, or by script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from xbench.analysis.transfer.gap import LanguageGap
from xbench.languages import facts

UNKNOWN = "unknown"
GROUPINGS = ("family", "script")


@dataclass(frozen=True)
class GroupGap:
    """Target languages of one group: the mean of their scores, and of their gaps."""

    group: str
    languages: tuple[str, ...]
    value: float
    gap: float


def group_of(language: str, by: str) -> str:
    """The language's family (Indo-European by branch) or script; `unknown` where the facts table does not say."""
    about = facts(language)
    return (about.group if by == "family" else about.script) or UNKNOWN


def group_gaps(gaps: Sequence[LanguageGap], by: str) -> tuple[GroupGap, ...]:
    """The gaps in groups, the smallest gap first, what is unknown last. A language counts once in its group's mean."""
    groups: dict[str, list[LanguageGap]] = {}
    for gap in gaps:
        groups.setdefault(group_of(gap.language, by), []).append(gap)
    means = (
        GroupGap(
            name,
            tuple(one.language for one in members),
            float(numpy.mean([one.value for one in members])),
            float(numpy.mean([one.gap for one in members])),
        )
        for name, members in groups.items()
    )
    return tuple(sorted(means, key=lambda one: (one.group == UNKNOWN, one.gap, one.group)))

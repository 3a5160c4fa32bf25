"""One system against another: the difference with its interval, and Wilcoxon's test over languages."""

from __future__ import annotations

from dataclasses import dataclass

from xbench.analysis.intervals import Interval, common_block, difference_interval
from xbench.analysis.significance import Wilcoxon, wilcoxon
from xbench.analysis.systems import TaskScores


@dataclass(frozen=True)
class Comparison:
    """system - baseline in the mean over the target languages and seeds that both have; a fraction.

    `interval` is None where the examples cannot be resampled.
    """

    difference: float
    interval: Interval | None
    test: Wilcoxon


def compare(system: TaskScores, baseline: TaskScores) -> Comparison | None:
    """The comparison of two systems on one task, under one set of conditions.

    None where they share no seed or no target language, their metrics differ, or either skipped bad rows: such
    numbers are about different examples.
    """
    seeds, languages = common_block(system, baseline)
    if not seeds or not languages or system.metric != baseline.metric or system.skipped_rows or baseline.skipped_rows:
        return None
    ours = system.columns(languages, seeds).mean(axis=0)
    theirs = baseline.columns(languages, seeds).mean(axis=0)
    return Comparison(
        difference=float((ours - theirs).mean()),
        interval=difference_interval(system, baseline),
        test=wilcoxon(ours, theirs),
    )

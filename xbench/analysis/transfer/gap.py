"""The cross-lingual transfer gap (Tu et al. 2022, section 4, table 2), absolute and relative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from xbench.analysis.systems import TaskScores


@dataclass(frozen=True)
class Transfer:
    """A system's score on the source, its mean over target languages, and their difference; fractions.

    None for what was not measured: the source, or any target. Seeds are averaged; `by_seed` has (source, targets,
    gap) of each.
    """

    source: float | None
    targets: float | None
    gap: float | None
    by_seed: dict[int, tuple[float | None, float | None, float | None]]

    @property
    def relative(self) -> float | None:
        """gap / source, the share of the source's score that is lost; None where the source scores 0.

        Of a source that knows no more than chance nothing is lost: see `Chance`.
        """
        return None if self.gap is None or not self.source else self.gap / self.source


@dataclass(frozen=True)
class LanguageGap:
    """One target language, seeds averaged: its score, and source - score."""

    language: str
    value: float
    gap: float


def transfer(scores: TaskScores) -> Transfer:
    """gap = source - mean of the target languages, per seed, then averaged over seeds; smaller is better."""
    by_seed = {seed: _of_one_seed(scores, seed) for seed in scores.seeds}
    source, targets, gap = (_mean([entry[part] for entry in by_seed.values()]) for part in range(3))
    return Transfer(source, targets, gap, by_seed)


def language_gaps(scores: TaskScores) -> tuple[LanguageGap, ...]:
    """The gap to each target language, from what its own model scores in the source; none without the source."""
    if scores.source not in scores.languages or not scores.seeds:
        return ()
    means = dict(zip(scores.languages, scores.values.mean(axis=0), strict=True))
    sources = {name: float(scores.source_values(name).mean()) for name in scores.targets}
    return tuple(LanguageGap(name, float(means[name]), sources[name] - float(means[name])) for name in scores.targets)


def _of_one_seed(scores: TaskScores, seed: int) -> tuple[float | None, float | None, float | None]:
    source = float(scores.columns([scores.source], [seed])[0, 0]) if scores.source in scores.languages else None
    targets = float(scores.columns(scores.targets, [seed]).mean()) if scores.targets else None
    return source, targets, None if source is None or targets is None else source - targets


def _mean(values: list[float | None]) -> float | None:
    measured = [value for value in values if value is not None]
    return float(numpy.mean(measured)) if measured else None

"""Hierarchical intervals: over seeds, over languages, and over examples.

Seeds and languages are crossed: every seed is measured in the same languages. The variance of the mean over both is
therefore that of a two-way random-effects table with one value a cell,

    (MS_seeds + MS_languages - MS_rest) / (seeds * languages),

and the interval is t-based, with Satterthwaite's degrees of freedom (Searle, Casella and McCulloch 1992, 'Variance
Components'; Satterthwaite 1946). It is never narrower than that of seeds alone, or of languages alone, each with its
own degrees of freedom: Satterthwaite's are too many where the two or three seeds at hand happen to lie close together.

Noise of examples is in the table where languages have examples of their own. Where languages share examples
(translations of each other) it moves all cells alike, and no table shows it: that part is added, from the examples'
influence on each cell (the infinitesimal jackknife). One model in one language has no table: its interval is over
examples alone.

A percentile bootstrap over seeds and languages, though it draws the right variance, knows nothing of how little three
seeds say about theirs: it covers 80 to 90 % where this covers 93 to 99 %. docs/significance.md has the measured
coverage of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from xbench.analysis.outcomes import Outcomes, load_outcomes
from xbench.analysis.systems import TaskScores
from xbench.metrics import ratio

LEVEL = 0.95
STEP = 1e-4
AT_ONCE = 256
FEW_EXAMPLES = 1000


@dataclass(frozen=True)
class Interval:
    """A mean over seeds and languages, with its t-based interval; `value` always lies within.

    Fractions, or differences of them. With one seed the interval does not cover the variance between seeds, with one
    language not that between languages. `error` is the standard error, `df` Satterthwaite's degrees of freedom of the
    table of seeds and languages.
    """

    value: float
    low: float
    high: float
    seeds: int
    languages: int
    error: float = 0.0
    df: float = numpy.inf

    @property
    def covers_seeds(self) -> bool:
        """Whether the variance between seeds is in it."""
        return self.seeds > 1


def mean_interval(system: TaskScores, *, level: float = LEVEL) -> Interval | None:
    """The interval of a system's mean over seeds and target languages; None where examples are not to be had."""
    if not system.seeds or not system.targets:
        return None
    outcomes = load_outcomes([system], system.seeds, system.targets)
    return None if outcomes is None else interval(outcomes, [1.0], level=level)


def difference_interval(system: TaskScores, baseline: TaskScores, *, level: float = LEVEL) -> Interval | None:
    """The interval of system - baseline over the seeds and target languages that both have, paired in all levels.

    Few-shot samples are the same for every system of one seed, so that seeds pair. None where nothing is common.
    """
    seeds, languages = common_block(system, baseline)
    if not seeds or not languages:
        return None
    outcomes = load_outcomes([system, baseline], seeds, languages)
    return None if outcomes is None else interval(outcomes, [1.0, -1.0], level=level)


def common_block(first: TaskScores, second: TaskScores) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The seeds and the target languages that both systems have."""
    seeds = tuple(seed for seed in first.seeds if seed in second.seeds)
    return seeds, tuple(language for language in first.targets if language in second.targets)


def interval(outcomes: Outcomes, weights: Sequence[float], *, level: float = LEVEL) -> Interval:
    """The interval of the weighted sum over systems of their means over seeds and languages."""
    values = numpy.tensordot(outcomes.measured(), numpy.asarray(weights), axes=([0], [0]))  # [seeds, languages]
    shared = shared_variance([(outcomes, None)], weights, *values.shape)
    least = 0.0 if min(weights) >= 0 else -1.0
    if values.size == 1:
        return _over_examples(outcomes, weights, float(values[0, 0]), shared, least, level)
    return crossed_interval(values, shared, least=least, level=level)


def _over_examples(
    outcomes: Outcomes, weights: Sequence[float], value: float, shared: float, least: float, level: float
) -> Interval:
    """The interval of one model, or of two, in one language: over examples alone."""
    from scipy import stats

    (part,) = outcomes.parts  # [systems, 1, 1, examples, counts]
    n = part.shape[3]
    error = float(numpy.sqrt(shared))
    if outcomes.are_right_or_wrong and list(weights) == [1.0]:
        bounds = proportion_interval(round(value * n), n, level)
    elif outcomes.are_right_or_wrong and list(weights) == [1.0, -1.0]:
        bounds = paired_interval(part[0, 0, 0, :, 0] - part[1, 0, 0, :, 0], level)
    else:
        half = error * float(stats.t.ppf((1 + level) / 2, max(n - 1, 1)))
        bounds = value - half, value + half
    low, high = (float(bound) for bound in bounds)
    return Interval(value, max(min(low, value), min(least, value)), min(max(high, value), max(1.0, value)), 1, 1, error)


def proportion_interval(
    right: numpy.ndarray | int, n: int, level: float = LEVEL
) -> tuple[numpy.ndarray | float, numpy.ndarray | float]:
    """The interval of a share, `right` of n, by Agresti and Coull 1998 (statsmodels).

    It covers 93 % at least for any share and n, where Wilson's, not much narrower, falls to 84 to 92 % near 0 and 1.
    """
    from statsmodels.stats.proportion import proportion_confint

    return proportion_confint(right, n, alpha=1 - level, method="agresti_coull")


def paired_interval(differences: numpy.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """The interval of a mean of differences in [-1, 1], of examples that are right or wrong (means of seeds).

    The adjusted Wald interval of Bonett and Price 2012, for one seed exactly theirs: an example is added on either end,
    without which the interval of few examples that differ is far too narrow, and a point where none does.
    """
    from scipy import stats

    given = numpy.concatenate([numpy.asarray(differences, dtype=float), [1.0, -1.0]])
    mean, half = given.mean(), stats.norm.ppf((1 + level) / 2) * given.std() / numpy.sqrt(len(given))
    return float(max(mean - half, -1.0)), float(min(mean + half, 1.0))


def crossed_interval(
    values: numpy.ndarray, shared: float = 0.0, *, least: float = -1.0, level: float = LEVEL
) -> Interval:
    """The interval of the mean of values [seeds, languages]: differences of fractions, or fractions (`least` 0).

    No interval leaves what these can be, from `least` to 1. `shared` is the variance of the mean that all cells have
    in common, and the table does not show.
    """
    seeds, languages = values.shape
    mean, half = float(values.mean()), float(half_widths(values[None], shared, level)[0])
    variance, df = (float(part[0]) for part in table_variance(values[None]))
    low, high = max(mean - half, min(least, mean)), min(mean + half, max(1.0, mean))
    return Interval(mean, low, high, seeds, languages, float(numpy.sqrt(variance + shared)), df)


def half_widths(values: numpy.ndarray, shared: float = 0.0, level: float = LEVEL) -> numpy.ndarray:
    """Half of the interval of the mean of each table of values [tables, seeds, languages].

    The widest of three: of both levels with Satterthwaite's degrees of freedom, of seeds alone, of languages alone. The
    shared part, which comes of many examples and counts as known, joins it as the root of the sum of squares (Zou and
    Donner 2008, 'Construction of confidence limits about effect measures').
    """
    from scipy.special import ndtri, stdtrit  # a hundredth of the time that `scipy.stats` takes for one table

    levels = [table_variance(values)]
    levels += [table_variance(values.mean(axis=axis, keepdims=True)) for axis in (1, 2) if values.shape[axis] > 1]
    chance = (1 + level) / 2
    squares = numpy.max([variance * stdtrit(df, chance) ** 2 for variance, df in levels], axis=0)
    return numpy.sqrt(squares + shared * ndtri(chance) ** 2)


def table_variance(values: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(the variance of the mean, its degrees of freedom) of each table of values [tables, seeds, languages].

    A side of one seed, or one language, adds nothing: its variance cannot be seen. Zero for a single value.
    """
    tables, seeds, languages = values.shape
    mean = values.mean(axis=(1, 2))
    by_seed, by_language = values.mean(axis=2) - mean[:, None], values.mean(axis=1) - mean[:, None]
    rest = values - mean[:, None, None] - by_seed[:, :, None] - by_language[:, None, :]
    of_seeds = languages * (by_seed**2).sum(axis=1) / max(seeds - 1, 1)  # mean squares [tables]
    of_languages = seeds * (by_language**2).sum(axis=1) / max(languages - 1, 1)
    if min(seeds, languages) == 1:
        df = numpy.full(tables, float(max(seeds, languages, 2) - 1))
        return (of_seeds + of_languages) / (seeds * languages), df
    of_rest = (rest**2).sum(axis=(1, 2)) / ((seeds - 1) * (languages - 1))
    total = numpy.maximum(of_seeds + of_languages - of_rest, numpy.maximum(of_seeds, of_languages))
    noise = of_seeds**2 / (seeds - 1) + of_languages**2 / (languages - 1) + of_rest**2 / ((seeds - 1) * (languages - 1))
    known = total**2 > 0
    df = numpy.divide(total**2, noise, out=numpy.ones(tables), where=known & (noise > 0))
    return total / (seeds * languages), numpy.maximum(df, min(seeds, languages) - 1)


def shared_variance(
    tasks: Sequence[tuple[Outcomes, Mapping[str, float] | None]], weights: Sequence[float], seeds: int, languages: int
) -> float:
    """The mean covariance, over examples, of two cells of different seeds and languages.

    Of several tasks a cell is the sum over tasks of their values, each times the weight of its language (None: 1).
    Examples of different tasks, and of languages that do not share them, are independent.
    """
    total = sum(
        _crossed_covariance(part, outcomes, weights, scale, seeds, languages)
        for outcomes, by_language in tasks
        for part, scale in zip(outcomes.parts, _scales(outcomes, by_language), strict=True)
    )
    return max(0.0, total / (seeds * max(seeds - 1, 1) * languages * max(languages - 1, 1)))


def _scales(outcomes: Outcomes, by_language: Mapping[str, float] | None) -> list[numpy.ndarray]:
    if by_language is None:
        return [numpy.ones(part.shape[2]) for part in outcomes.parts]
    return [numpy.array([by_language[name] for name in names]) for names in outcomes.languages]


def _crossed_covariance(
    part: numpy.ndarray,
    outcomes: Outcomes,
    weights: Sequence[float],
    scale: numpy.ndarray,
    seeds: int,
    languages: int,
) -> float:
    """The sum of the covariances of a part's cells that differ in seed and in language.

    Of a table with one seed, or one language, cells need not differ in that.
    """
    n = part.shape[3]
    if n < 2:
        return 0.0
    influence, sizes = _influence(part, outcomes, weights)  # [patterns, seeds, languages], [patterns]
    influence = influence * scale
    found = influence.sum(axis=(1, 2)) ** 2
    if seeds > 1:
        found -= (influence.sum(axis=2) ** 2).sum(axis=1)
    if languages > 1:
        found -= (influence.sum(axis=1) ** 2).sum(axis=1)
    if seeds > 1 and languages > 1:
        found += (influence**2).sum(axis=(1, 2))
    return float(sizes @ found) / (n * (n - 1))


def _influence(
    part: numpy.ndarray, outcomes: Outcomes, weights: Sequence[float]
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """How each pattern of outcomes moves each cell as its weight among the examples grows, and its examples."""
    systems, seeds, languages, n, counts = part.shape
    if outcomes.value is ratio:
        return _influence_on_ratio(part, weights), numpy.ones(n, dtype=int)
    by_example = numpy.moveaxis(part, 3, 0).reshape(n, -1)
    if n > FEW_EXAMPLES:
        patterns, sizes = numpy.unique(by_example, axis=0, return_counts=True)
    else:  # are quicker taken one by one than sorted
        patterns, sizes = by_example, numpy.ones(n, dtype=int)
    sums = part.sum(axis=3, dtype=float)  # [systems, seeds, languages, counts]
    base = outcomes.value(sums)
    found = []
    for start in range(0, len(patterns), AT_ONCE):
        some = patterns[start : start + AT_ONCE].reshape(-1, systems, seeds, languages, counts).astype(float)
        moved = (outcomes.value(sums + STEP * (n * some - sums)) - base) / STEP
        found.append(numpy.tensordot(moved, numpy.asarray(weights), axes=([1], [0])))
    return numpy.concatenate(found), sizes


def _influence_on_ratio(part: numpy.ndarray, weights: Sequence[float]) -> numpy.ndarray:
    """The same of each example on the metric that most are, whose derivative is known [examples, seeds, languages]."""
    below = part[..., 1].sum(axis=3, keepdims=True, dtype=float)  # [systems, seeds, languages, 1]
    per_example = numpy.asarray(weights)[:, None, None, None] * part.shape[3]
    scale = numpy.divide(per_example, below, out=numpy.zeros_like(below), where=below > 0)
    value = ratio(part.sum(axis=3, dtype=float))[..., None]
    return numpy.moveaxis(((part[..., 0] - value * part[..., 1]) * scale).sum(axis=0), 2, 0)

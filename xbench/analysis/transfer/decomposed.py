"""A source and its targets decomposed one by one, then averaged, with intervals of every part.

An interval's half-width joins two, as the root of their squares (Zou and Donner 2008, 'Construction of confidence
limits about effect measures'): that for examples, normal, with the deviation over bootstrap draws of examples; and
that for seeds, by Student's t, since few seeds say little about how much seeds vary. (The parts are linear in the
outcomes: the mean of the seeds' parts is the part of their mean.) A draw takes examples in each language, once for all
seeds, and examples with the same ids (translations of each other) once for all languages.
Languages are not drawn: an average over targets is an average over these targets. Buckets keep their edges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from xbench.analysis.intervals import LEVEL
from xbench.analysis.outcomes import drawn_counts
from xbench.analysis.transfer.decomposition import TERMS, Decomposition, average, decompose, parts

DRAWS = 1000
ALL = None  # stands for all buckets together


@dataclass(frozen=True)
class Sample:
    """The examples of one language: ids [n], outcomes [seeds, n], bucket codes [n]."""

    ids: numpy.ndarray
    outcomes: numpy.ndarray
    buckets: numpy.ndarray


@dataclass(frozen=True)
class Bounded:
    """A decomposition, and (low, high) of each term and their `total` in each bucket, and in `ALL` of them."""

    decomposition: Decomposition
    bounds: Mapping[tuple[int | None, str], tuple[float, float]]


@dataclass(frozen=True)
class Decomposed:
    """The decomposition of each target, and the average over them.

    `seeds`: how many there are; with one the intervals do not cover the variance between seeds.
    """

    mean: Bounded
    targets: Mapping[str, Bounded]
    seeds: int


def decompose_targets(
    source: Sample | Mapping[str, Sample],
    targets: Mapping[str, Sample],
    *,
    draws: int = DRAWS,
    level: float = LEVEL,
    seed: int = 0,
) -> Decomposed:
    """The decompositions of source - target for each target, seeds averaged, and their mean over targets.

    `source` is by target where each target has a model, and so a source score, of its own.

    Raises:
        ValueError: no target, or languages with different numbers of seeds.
    """
    sources = dict.fromkeys(targets, source) if isinstance(source, Sample) else source
    samples = list({id(one): one for one in (*(sources[name] for name in targets), *targets.values())}.values())
    if not targets or len({len(sample.outcomes) for sample in samples}) > 1:
        raise ValueError("one target at least is needed, and the same seeds in every language")
    found = {name: _decompose(sources[name], target) for name, target in targets.items()}
    places = {id(sample): at for at, sample in enumerate(samples)}
    pairs = [(places[id(sources[name])], places[id(target)]) for name, target in targets.items()]
    codes = numpy.unique(numpy.concatenate([sample.buckets for sample in samples]))
    measured = _parts([_seed_sums(sample, codes) for sample in samples], pairs)  # [seeds, targets, terms, buckets]
    drawn = _parts(_drawn_sums(samples, codes, draws, numpy.random.default_rng(seed)), pairs)  # [draws, targets, ...]
    bounded = {
        name: Bounded(one, _bounds(one, measured[:, at], drawn[:, at], codes, level))
        for at, (name, one) in enumerate(found.items())
    }
    mean = average(list(found.values()))
    bounds = _bounds(mean, measured.mean(axis=1), drawn.mean(axis=1), codes, level)
    return Decomposed(Bounded(mean, bounds), bounded, len(samples[0].outcomes))


def _decompose(source: Sample, target: Sample) -> Decomposition:
    outcomes = (sample.outcomes.mean(axis=0) for sample in (source, target))
    return decompose(next(outcomes), source.buckets, next(outcomes), target.buckets)


def _parts(sums: Sequence[tuple[numpy.ndarray, numpy.ndarray]], pairs: Sequence[tuple[int, int]]) -> numpy.ndarray:
    """The parts [..., targets, terms, buckets] of each pair of source and target, from their numbers and sums."""
    found = [numpy.stack(parts(*sums[source], *sums[target]), axis=-2) for source, target in pairs]
    return numpy.stack(found, axis=-3)


def _seed_sums(sample: Sample, codes: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Numbers of examples and sums of outcomes [seeds, buckets]."""
    inside = (sample.buckets[:, None] == codes).astype(float)  # [examples, buckets]
    y = sample.outcomes.astype(float) @ inside
    return numpy.broadcast_to(inside.sum(axis=0), y.shape), y


def _drawn_sums(
    samples: Sequence[Sample], codes: numpy.ndarray, draws: int, generator: numpy.random.Generator
) -> list[tuple[numpy.ndarray, numpy.ndarray]]:
    """Numbers of examples and sums of their outcomes, seeds averaged, in every draw [draws, buckets] of each sample."""
    groups: dict[bytes, list[int]] = {}
    for at, sample in enumerate(samples):
        groups.setdefault("\0".join(map(str, sample.ids)).encode(), []).append(at)
    sums: dict[int, tuple[numpy.ndarray, numpy.ndarray]] = {}
    for members in groups.values():
        together = _drawn_together([samples[at] for at in members], codes, draws, generator)
        sums |= dict(zip(members, together, strict=True))
    return [sums[at] for at in range(len(samples))]


def _drawn_together(
    samples: Sequence[Sample], codes: numpy.ndarray, draws: int, generator: numpy.random.Generator
) -> list[tuple[numpy.ndarray, numpy.ndarray]]:
    places = [numpy.searchsorted(codes, sample.buckets) for sample in samples]
    means = [sample.outcomes.mean(axis=0) for sample in samples]
    # Examples that are alike in every language are interchangeable: there are fewer kinds than examples.
    columns = numpy.stack([*places, *means], axis=1)
    _, first, sizes = numpy.unique(columns, axis=0, return_index=True, return_counts=True)
    drawn = drawn_counts(sizes, draws, generator).astype(float)  # [draws, kinds]
    result = []
    for at, outcomes in zip(places, means, strict=True):
        inside = (at[first][:, None] == numpy.arange(len(codes))).astype(float)  # [kinds, buckets]
        result.append((drawn @ inside, drawn @ (inside * outcomes[first][:, None])))
    return result


def _bounds(
    one: Decomposition, measured: numpy.ndarray, drawn: numpy.ndarray, codes: numpy.ndarray, level: float
) -> dict[tuple[int | None, str], tuple[float, float]]:
    """From the parts of seeds [seeds, terms, buckets] and of draws [draws, terms, buckets]."""
    from scipy import stats

    seeds = len(measured)
    of_examples = float(stats.norm.ppf((1 + level) / 2))
    of_few_seeds = float(stats.t.ppf((1 + level) / 2, seeds - 1)) / seeds**0.5 if seeds > 1 else 0.0
    bounds: dict[tuple[int | None, str], tuple[float, float]] = {}
    place: dict[int | None, numpy.ndarray] = {int(code): codes == code for code in codes}
    values = {part.bucket: part for part in one.buckets}
    for bucket, inside in {ALL: numpy.ones(len(codes), dtype=bool), **place}.items():
        for term, chosen in {**{name: [at] for at, name in enumerate(TERMS)}, "total": [0, 1, 2]}.items():
            of_seeds, of_draws = (values_of[:, chosen][..., inside].sum(axis=(1, 2)) for values_of in (measured, drawn))
            if bucket is ALL:
                value = one.gap if term == "total" else one.term(term)
            else:
                value = getattr(values[bucket], term) if bucket in values else 0.0
            spread = float(of_seeds.std(ddof=1)) if seeds > 1 else 0.0
            error = math.hypot(of_examples * float(of_draws.std(ddof=1)), of_few_seeds * spread)
            bounds[bucket, term] = value - error, value + error
    return bounds

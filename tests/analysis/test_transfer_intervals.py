"""Intervals of a decomposition's parts: they hold what was measured, follow from the draws, and cover the truth."""

from __future__ import annotations

import numpy
import pytest

from xbench.analysis.transfer.decomposed import ALL, Sample, decompose_targets
from xbench.analysis.transfer.decomposition import TERMS, decompose

SHARES = numpy.array([[0.4, 0.3, 0.2, 0.1], [0.25, 0.25, 0.25, 0.25]])  # [source and target, buckets]
RATES = numpy.array([[0.9, 0.85, 0.8, 0.8], [0.85, 0.8, 0.7, 0.5]])


def sample(
    generator: numpy.random.Generator, which: int, n: int, seeds: int = 1, spread: float = 0.0, prefix: str = ""
) -> Sample:
    """Examples of the source (0) or the target (1), right at the rates above; seeds differ by a deviation `spread`."""
    buckets = generator.choice(4, n, p=SHARES[which])
    levels = RATES[which][buckets][None] + spread * generator.standard_normal((seeds, 1))
    return Sample(
        numpy.array([f"{prefix or which}{at}" for at in range(n)]),
        (generator.random((seeds, n)) < levels).astype(float),
        buckets,
    )


def truth() -> dict[str, float]:
    counts = (SHARES * 10_000).astype(int)
    outcomes = [numpy.concatenate([numpy.full(c, r) for c, r in zip(counts[w], RATES[w], strict=True)]) for w in (0, 1)]
    buckets = [numpy.repeat(numpy.arange(4), counts[which]) for which in (0, 1)]
    found = decompose(outcomes[0], buckets[0], outcomes[1], buckets[1])
    return {**{term: found.term(term) for term in TERMS}, "gap": found.gap}


def test_the_mean_is_that_of_the_targets_and_every_interval_holds_its_value() -> None:
    generator = numpy.random.default_rng(0)
    source = sample(generator, 0, 200, 3)
    targets = {name: sample(generator, 1, 150, 3, prefix=name) for name in ("de", "zh")}
    found = decompose_targets(source, targets, draws=100)
    gaps = [one.decomposition.gap for one in found.targets.values()]
    assert found.mean.decomposition.gap == pytest.approx(numpy.mean(gaps), abs=1e-12)
    direct = source.outcomes.mean() - targets["de"].outcomes.mean()
    assert found.targets["de"].decomposition.gap == pytest.approx(direct, abs=1e-12)
    for one in (found.mean, *found.targets.values()):
        for part in one.decomposition.buckets:
            for term in (*TERMS, "total"):
                low, high = one.bounds[part.bucket, term]
                assert low <= getattr(part, term) <= high
        low, high = one.bounds[ALL, "total"]
        assert low <= one.decomposition.gap <= high
        assert high - low > 0.01


def test_the_gaps_interval_is_that_of_two_proportions() -> None:
    generator = numpy.random.default_rng(1)
    source, target = sample(generator, 0, 1000), sample(generator, 1, 800)
    low, high = decompose_targets(source, {"de": target}, draws=4000).mean.bounds[ALL, "total"]
    p, q = source.outcomes.mean(), target.outcomes.mean()
    error = 1.96 * numpy.sqrt(p * (1 - p) / 1000 + q * (1 - q) / 800)
    assert (low, high) == pytest.approx((p - q - error, p - q + error), abs=0.004)


def test_translations_are_drawn_together() -> None:
    """A target right exactly where the source is has a gap of 0 in every draw."""
    source = sample(numpy.random.default_rng(2), 0, 300, 2)
    same = decompose_targets(source, {"de": source})
    assert all(low == high == pytest.approx(0, abs=1e-12) for low, high in same.mean.bounds.values())
    others = Sample(numpy.array([f"other{at}" for at in range(300)]), source.outcomes, source.buckets)
    low, high = decompose_targets(source, {"de": others}).mean.bounds[ALL, "total"]
    assert low < -0.01 < 0.01 < high


def test_seeds_that_differ_widen_the_interval() -> None:
    generator = numpy.random.default_rng(3)
    source, target = sample(generator, 0, 500, 5), sample(generator, 1, 500, 5)
    shift = numpy.array([0, 0, 1, 1, 1])[:, None]
    differing = Sample(target.ids, target.outcomes * shift, target.buckets)
    widths = []
    for one in (target, differing):
        low, high = decompose_targets(source, {"de": one}).mean.bounds[ALL, "total"]
        widths.append(high - low)
    assert widths[1] > 5 * widths[0]


def test_the_same_seed_gives_the_same_intervals() -> None:
    generator = numpy.random.default_rng(4)
    source, target = sample(generator, 0, 100), sample(generator, 1, 100)
    assert decompose_targets(source, {"de": target}) == decompose_targets(source, {"de": target})
    assert decompose_targets(source, {"de": target}) != decompose_targets(source, {"de": target}, seed=1)


def test_no_target_and_unequal_seeds_are_errors() -> None:
    generator = numpy.random.default_rng(5)
    with pytest.raises(ValueError, match="one target at least"):
        decompose_targets(sample(generator, 0, 10), {})
    with pytest.raises(ValueError, match="the same seeds"):
        decompose_targets(sample(generator, 0, 10, 2), {"de": sample(generator, 1, 10)})


def coverage(n: int, seeds: int, spread: float, repeats: int) -> dict[str, float]:
    """How often the 95 % intervals of the sums hold the truth."""
    generator, true = numpy.random.default_rng(6), truth()
    inside = dict.fromkeys(true, 0)
    for _ in range(repeats):
        source, target = (sample(generator, which, n, seeds, spread) for which in (0, 1))
        bounds = decompose_targets(source, {"de": target}, draws=300).mean.bounds
        for name, value in true.items():
            low, high = bounds[ALL, "total" if name == "gap" else name]
            inside[name] += low <= value <= high
    return {name: count / repeats for name, count in inside.items()}


@pytest.mark.parametrize(("seeds", "spread"), [(1, 0.0), (3, 0.05)])
def test_coverage(seeds: int, spread: float) -> None:
    found = coverage(n=200, seeds=seeds, spread=spread, repeats=200)
    assert all(found[name] >= 0.91 for name in ("mix", "behaviour", "gap"))
    assert seeds > 1 or all(found[name] <= 0.985 for name in ("mix", "behaviour", "gap"))

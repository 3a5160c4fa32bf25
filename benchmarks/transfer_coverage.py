"""How often the 95 % intervals of gaps and of their decomposition hold the truth, by simulation.

`python benchmarks/transfer_coverage.py [--repeats 1000]`: some minutes. The numbers are in docs/transfer.md.
"""

from __future__ import annotations

import argparse
import itertools

import numpy

from xbench.analysis.outcomes import Outcomes
from xbench.analysis.transfer.decomposed import ALL, Sample, decompose_targets
from xbench.analysis.transfer.decomposition import TERMS, decompose
from xbench.analysis.transfer.gap_interval import interval_of_gap
from xbench.metrics import as_mean

SHARES = numpy.array([[0.4, 0.3, 0.2, 0.1], [0.25, 0.25, 0.25, 0.25]])  # [source and target, buckets]
RATES = numpy.array([[0.8, 0.75, 0.7, 0.7], [0.75, 0.7, 0.6, 0.4]])


def simulated(generator: numpy.random.Generator, which: int, n: int, seeds: int, between: float, name: str) -> Sample:
    """Examples of the source (0) or a target (1); seeds move all buckets by deviations of `between`."""
    buckets = generator.choice(4, n, p=SHARES[which])
    levels = RATES[which][buckets][None] + between * generator.standard_normal((seeds, 1))
    # Half of an example's luck is its own, the same in every seed.
    luck = numpy.where(generator.random((seeds, n)) < 0.5, generator.random(n), generator.random((seeds, n)))
    return Sample(numpy.array([f"{name}{at}" for at in range(n)]), (luck < levels).astype(float), buckets)


def expected() -> dict[str, float]:
    """The decomposition of the rates and shares themselves."""
    counts = (SHARES * 1000).astype(int)
    outcomes = [numpy.repeat(RATES[which], counts[which]) for which in (0, 1)]
    buckets = [numpy.repeat(numpy.arange(4), counts[which]) for which in (0, 1)]
    found = decompose(outcomes[0], buckets[0], outcomes[1], buckets[1])
    return {**{term: found.term(term) for term in TERMS if term != "unmatched"}, "total": found.gap}


def decomposition_coverage(n: int, seeds: int, between: float, repeats: int) -> dict[str, float]:
    """Coverage of the sums over buckets, and of the behaviour in the bucket that is worst in the target."""
    generator, truth = numpy.random.default_rng(0), expected()
    worst = (RATES[0, 3] - RATES[1, 3]) * SHARES[:, 3].mean()
    hits = dict.fromkeys([*truth, "behaviour of XL"], 0)
    for _ in range(repeats):
        source, target = (simulated(generator, which, n, seeds, between, "st"[which]) for which in (0, 1))
        bounds = decompose_targets(source, {"t": target}, draws=400).mean.bounds
        for name, value in truth.items():
            hits[name] += bounds[ALL, name][0] <= value <= bounds[ALL, name][1]
        low, high = bounds[3, "behaviour"]
        hits["behaviour of XL"] += low <= worst <= high
    return {name: count / repeats for name, count in hits.items()}


def gap_coverage(seeds: int, targets: int, n: int, parallel: bool, repeats: int) -> float:
    """Coverage of the gap's interval; seeds deviate by 0.03, languages by 0.06, seeds within languages by 0.02.

    Of one seed the truth is the gap of that seed to all languages. `parallel` examples are translations, as hard in
    every language.
    """
    generator, hits = numpy.random.default_rng(0), 0
    names = [str(at) for at in range(targets + 1)]
    for _ in range(repeats):
        by_seed = 0.03 * generator.standard_normal((seeds, 1))
        levels = 0.6 + by_seed + 0.02 * generator.standard_normal((seeds, targets + 1))
        levels[:, 0] += 0.15
        levels[:, 1:] += 0.06 * generator.standard_normal(targets)
        truth = levels[0, 0] - 0.6 - by_seed[0, 0] if seeds == 1 else 0.15
        hard = 0.2 * generator.standard_normal((1, 1 if parallel else targets + 1, n))
        right = (generator.random((seeds, targets + 1, n)) < levels[:, :, None] + hard).astype(numpy.float32)
        counts = as_mean(right)[None]
        parts = (counts,) if parallel else tuple(counts[:, :, [at]] for at in range(targets + 1))
        outcomes = Outcomes(parts, languages=(tuple(names),) if parallel else tuple((name,) for name in names))
        found = interval_of_gap(outcomes, names[0], names[1:])
        hits += found.low <= truth <= found.high
    return hits / repeats


def main() -> None:
    """Prints two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1000)
    repeats = parser.parse_args().repeats
    print("| examples a language | seeds | deviation of seeds | mix | behaviour | gap | behaviour of XL |")
    print("| --: | --: | --: | --: | --: | --: | --: |")
    for n, seeds, between in (
        (100, 1, 0.0),
        (200, 1, 0.0),
        (1000, 1, 0.0),
        (200, 3, 0.0),
        (200, 3, 0.05),
        (200, 5, 0.05),
    ):
        found = decomposition_coverage(n, seeds, between, repeats)
        cells = [f"{100 * found[name]:.1f}" for name in ("mix", "behaviour", "total", "behaviour of XL")]
        print(f"| {n} | {seeds} | {between} | {' | '.join(cells)} |")
    print(
        "\n| seeds | targets | examples a language | own examples | translated |",
        "| --: | --: | --: | --: | --: |",
        sep="\n",
    )
    for seeds, targets, n in itertools.product((1, 2, 3, 5), (2, 5, 14), (300,)):
        cells = [f"{100 * gap_coverage(seeds, targets, n, parallel, repeats):.1f}" for parallel in (False, True)]
        print(f"| {seeds} | {targets} | {n} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

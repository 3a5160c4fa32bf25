"""How often the intervals of graded answers (F1, ROUGE, F1 of entities) cover the truth, and noise is reported.

    python benchmarks/graded_intervals.py [--draws 2000]

2,000 draws of simulated examples each; where a test found more than 5 % in them, 20,000 other draws (in brackets).
Answers: 1 with the chance given, otherwise 0.4, 0.5, 0.67 or 0.8 (three in five) or 0. Summaries: beta around the value
given. Entities: Poisson (1.2) a sentence, found with the chance given; 70 % of those not found are predicted wrongly.
Pairs: two systems alike, whose answers differ in a share of the examples. Prints the tables of docs/diagnosis.md; takes
some minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial

import numpy

from xbench.analysis.significance.p_value import LEVEL
from xbench.diagnosis.contributions import contributions, exchanges
from xbench.diagnosis.resampling import graded_difference_interval, graded_interval, sign_flip_p, steps
from xbench.metrics import as_mean, ratio

NUMBERS = (30, 100, 300)
MORE = 20_000
MANY = 400_000
Draw = Callable[[numpy.random.Generator, int], numpy.ndarray]


def answers(good: float, generator: numpy.random.Generator, n: int) -> numpy.ndarray:
    """Counts of F1 [1, n, 2]."""
    kind = generator.random(n)
    near = numpy.where(kind < good + (1 - good) * 0.6, generator.choice([0.4, 0.5, 0.67, 0.8], n), 0.0)
    return as_mean(numpy.where(kind < good, 1.0, near))[None]


def summaries(mean: float, generator: numpy.random.Generator, n: int) -> numpy.ndarray:
    """Counts of ROUGE [1, n, 2]."""
    return as_mean(generator.beta(8 * mean, 8 * (1 - mean), n))[None]


def entities(good: float, generator: numpy.random.Generator, n: int) -> numpy.ndarray:
    """Counts of F1 of entities [1, n, 2]."""
    gold = generator.poisson(1.2, n)
    hits = generator.binomial(gold, good)
    predicted = hits + generator.binomial(gold - hits, 0.7)
    return numpy.stack([2 * hits, gold + predicted], axis=-1)[None].astype(float)


SYSTEMS: dict[str, Draw] = {
    **{f"F1, {good}": partial(answers, good) for good in (0.6, 0.9, 0.98)},
    **{f"ROUGE, {mean}": partial(summaries, mean) for mean in (0.1, 0.3)},
    **{f"entities, {good}": partial(entities, good) for good in (0.6, 0.9, 0.98)},
}


def coverage(draw: Draw, n: int, draws: int) -> float:
    """Of the interval of one system."""
    generator = numpy.random.default_rng(1)
    true = float(ratio(draw(generator, MANY).sum(axis=1))[0])
    found = [graded_interval(contributions(draw(generator, n), ratio)) for _ in range(draws)]
    return float(numpy.mean([low - 1e-9 <= true <= high + 1e-9 for low, high in found]))


def pairs(draw: Draw, n: int, share: float, draws: int, seed: int = 1) -> Iterator[tuple[numpy.ndarray, numpy.ndarray]]:
    """The answers of two systems that are equally good, and differ in this share of n examples."""
    generator = numpy.random.default_rng(seed)
    for _ in range(draws):
        first, other = draw(generator, n), draw(generator, n)
        yield first, numpy.where((generator.random(n) < share)[None, :, None], other, first)


def pair_coverage(draw: Draw, n: int, share: float, draws: int) -> float:
    """Of the interval of a difference that is none."""
    each = ((contributions(one, ratio) for one in both) for both in pairs(draw, n, share, draws))
    found = [graded_difference_interval(numpy.subtract(*both)) for both in each]
    return float(numpy.mean([low <= 0 <= high for low, high in found]))


def found(draw: Draw, n: int, share: float, draws: int, seed: int = 1) -> float:
    """How often the test finds a difference that is none, at 5 %."""
    counts = (steps(exchanges(first, second, ratio)) for first, second in pairs(draw, n, share, draws, seed))
    return float(numpy.mean([sign_flip_p(one) < LEVEL for one in counts]))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    draws = parser.parse_args().draws
    print("one system: coverage in %")
    for name, draw in SYSTEMS.items():
        print(name, *(f"{100 * coverage(draw, n, draws):.1f}" for n in NUMBERS), sep="\t", flush=True)
    print("two alike: coverage in %, found in %")
    for name in ("F1, 0.6", "F1, 0.9", "ROUGE, 0.3", "entities, 0.6", "entities, 0.9"):
        for share in (0.05, 0.3, 1.0):
            cells = []
            for n in NUMBERS:
                told = found(SYSTEMS[name], n, share, draws)
                again = "" if told <= LEVEL else f" ({100 * found(SYSTEMS[name], n, share, MORE, seed=2):.1f})"
                cells.append(f"{100 * pair_coverage(SYSTEMS[name], n, share, draws):.1f}, {100 * told:.1f}{again}")
            print(name, share, *cells, sep="\t", flush=True)


if __name__ == "__main__":
    main()

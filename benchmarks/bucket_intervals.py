"""How often the intervals in buckets cover the truth, and how often noise alone is reported.

    python benchmarks/bucket_intervals.py

Coverage of a share is exact: every possible number of right answers, weighted by its chance. Coverage of a difference
is over 2,000 draws. Reports of noise are over 500 pairs of systems that do not differ (three languages of 300 examples,
two attributes, four buckets). Prints the tables of docs/diagnosis.md; takes a minute or two.
"""

from __future__ import annotations

import numpy
import pandas

from xbench.diagnosis.answers import Answers
from xbench.diagnosis.pair import pair_differences
from xbench.diagnosis.performance import all_edges
from xbench.diagnosis.resampling import difference_interval, share_interval

NUMBERS = (30, 100, 300)
SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)
CHANGES = (
    (0.02, 0.02),
    (0.10, 0.10),
    (0.02, 0.12),
    (0.0, 0.05),
    (0.20, 0.30),
)  # (only the first right, only the second)
DRAWS = 2000
REPORTS = 500


def plain_percentiles(right: int, n: int, generator: numpy.random.Generator) -> tuple[float, float]:
    """The percentile bootstrap without added examples, for comparison."""
    low, high = numpy.quantile(generator.binomial(n, right / n, 2000) / n, [0.025, 0.975])
    return float(low), float(high)


def share_coverage(n: int, share: float) -> tuple[float, float]:
    """(ours, plain percentile bootstrap)."""
    from scipy.stats import binom

    generator = numpy.random.default_rng(0)
    covered = numpy.zeros(2)
    for right in range(n + 1):
        chance = binom.pmf(right, n, share)
        if chance > 1e-6:
            for place, (low, high) in enumerate(
                (share_interval(numpy.array([n - right, right])), plain_percentiles(right, n, generator))
            ):
                covered[place] += chance * (low - 1e-9 <= share <= high + 1e-9)
    return float(covered[0]), float(covered[1])


def difference_coverage(n: int, gained: float, lost: float) -> float:
    """Of the interval of a paired difference."""
    generator = numpy.random.default_rng(0)
    true = gained - lost
    drawn = generator.multinomial(n, [lost, 1 - gained - lost, gained], DRAWS)
    known = {tuple(counts): difference_interval(counts) for counts in numpy.unique(drawn, axis=0)}
    return float(numpy.mean([known[tuple(c)][0] - 1e-9 <= true <= known[tuple(c)][1] + 1e-9 for c in drawn]))


def noise_reports(seeds: int) -> float:
    """The share of pairs without a difference in which something is reported."""
    generator = numpy.random.default_rng(seeds)
    names, n, found = ("de", "en", "fr"), 300, 0
    attributes = {
        name: pandas.DataFrame({"t1Len": generator.integers(1, 30, n), "t2Len": generator.integers(1, 12, n)})
        for name in names
    }
    edges = all_edges(attributes)
    ids, gold = numpy.arange(n).astype(object), numpy.zeros(n, dtype=int)
    for _ in range(REPORTS):
        hard = {name: generator.beta(4, 1, n) for name in names}  # examples differ in how hard they are
        pair = [
            {
                name: Answers(
                    *(name, tuple(range(seeds)), ("no", "yes"), ids, gold),
                    (generator.random((seeds, n)) > hard[name]).astype(int),
                )
                for name in names
            }
            for _ in range(2)
        ]
        found += bool(pair_differences(*pair, attributes, edges)["real"].any())
    return found / REPORTS


def main() -> None:
    """Prints the tables."""
    print("share: coverage in % (plain percentile bootstrap)")
    print("n", *SHARES, sep="\t")
    for n in NUMBERS:
        found = [share_coverage(n, share) for share in SHARES]
        print(n, *(f"{100 * ours:.1f} ({100 * plain:.1f})" for ours, plain in found), sep="\t")
    print("difference: coverage in %")
    print("n", *CHANGES, sep="\t")
    for n in NUMBERS:
        print(n, *(f"{100 * difference_coverage(n, *change):.1f}" for change in CHANGES), sep="\t")
    for seeds in (1, 3):
        print(f"reports of noise, {seeds} seeds: {100 * noise_reports(seeds):.1f} %")


if __name__ == "__main__":
    main()

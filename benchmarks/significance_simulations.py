"""What the tests of `xbench compare` do under a true null: the tables of docs/significance.md.

python benchmarks/significance_simulations.py [--draws 20000]

Each discrete test is compared with its enumerated size, each asymptotic one with 5 %; and Wilcoxon's test over
languages is shown as languages of one trained model vary together. Every p is that of xbench's own function. Where p
follows from a whole number it is computed once for each; where it falls as a statistic grows, at the border alone.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterator

import numpy
from scipy import stats

from xbench.analysis.intervals import half_widths
from xbench.analysis.significance import independent_t, paired_t, rank_systems, sign_test, wilcoxon
from xbench.analysis.significance.examples import example_tests, mcnemar, values_as_outcomes
from xbench.analysis.significance.p_value import LEVEL
from xbench.analysis.significance.signed_ranks import chance_of_at_most

Generator = numpy.random.Generator


def size_of_wilcoxon(n: int) -> float:
    """The chance of p < 0.05 under the null, enumerated: independent symmetric differences, none alike."""
    at_most = chance_of_at_most(n)
    chances = numpy.diff(at_most, prepend=0.0)
    rejected = [wilcoxon(ranks_summing_to(total, n), numpy.zeros(n)).p < LEVEL for total in range(len(chances))]
    return float(chances[rejected].sum())


def size_of_signs(n: int, p_of: Callable[[int, int], float] | None = None) -> float:
    """The same of a test that depends on how many of n differences are positive: the sign test, or McNemar's."""
    p_of = p_of or sign_p
    chances = stats.binom.pmf(range(n + 1), n, 0.5)
    return float(sum(chance for count, chance in enumerate(chances) if p_of(count, n) < LEVEL))


def sign_p(positive: int, n: int) -> float:
    """The sign test's p where so many of n differences are positive."""
    return sign_test([1] * positive + [-1] * (n - positive), [0] * n).p


def mcnemar_p(first: int, n: int) -> float:
    """McNemar's p where n examples differ, of which the first model has so many right."""
    return mcnemar([1] * first + [0] * (n - first), [0] * first + [1] * (n - first)).p


def ranks_summing_to(total: int, n: int) -> numpy.ndarray:
    """Differences with ranks 1 ... n whose positive ranks sum to `total`."""
    differences = -numpy.arange(1.0, n + 1)
    for rank in range(n, 0, -1):
        if rank <= total:
            differences[rank - 1] *= -1
            total -= rank
    return differences


def by_number(numbers: numpy.ndarray, p_of: Callable[[int], float]) -> float:
    """The share of draws with p < 0.05, where p depends on a whole number alone: each p is computed once."""
    values, where = numpy.unique(numbers, return_inverse=True)
    return float(numpy.mean(numpy.array([p_of(int(value)) < LEVEL for value in values])[where]))


def by_border(statistics: numpy.ndarray, p_of: Callable[[int], float]) -> float:
    """The share of draws with p < 0.05, where p (of a draw's place) falls as the statistic grows."""
    values, places = numpy.unique(statistics, return_index=True)
    low, high = -1, len(values)  # the border lies between them
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if p_of(int(places[middle])) < LEVEL else (middle, high)
    return float((statistics >= values[high]).mean()) if high < len(values) else 0.0


def reject_wilcoxon(differences: numpy.ndarray) -> float:
    """How often Wilcoxon's test rejects differences [draws, n]."""
    n = differences.shape[1]
    ranks = numpy.abs(differences).argsort(axis=1).argsort(axis=1) + 1
    sums = (ranks * (differences > 0)).sum(axis=1)
    return by_number(sums, lambda total: wilcoxon(ranks_summing_to(total, n), numpy.zeros(n)).p)


def discrete_tests(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(test, n, enumerated size, rejection rate) under the null."""
    for n in (5, 6, 8, 10, 14, 22, 40, 50, 51, 60):
        yield "Wilcoxon", n, size_of_wilcoxon(n), reject_wilcoxon(generator.normal(size=(draws, n)))
    for name, sizes, p_of in (
        ("sign", (5, 6, 8, 14, 22, 40), sign_p),
        ("McNemar (n: examples that differ)", (5, 10, 30, 100), mcnemar_p),
    ):
        for n in sizes:
            positive = generator.binomial(n, 0.5, draws)
            yield name, n, size_of_signs(n, p_of), by_number(positive, lambda count, n=n, p_of=p_of: p_of(count, n))


def t_tests(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(test, n, 5 %, rejection rate) for normal values, and for skewed differences of centred exponentials."""
    for n in (3, 5, 14, 22):
        for name, values in (
            ("normal", generator.normal(size=(draws, n))),
            ("skewed", generator.exponential(size=(draws, n)) - 1),
        ):
            yield f"paired t, {name}", n, LEVEL, reject_paired_t(values)
        one, other = generator.normal(size=(2, draws, n))
        yield "Welch's t, normal, n in each", n, LEVEL, reject_welch(one, other)


def reject_paired_t(differences: numpy.ndarray) -> float:
    """How often the paired t-test rejects differences [draws, n]."""
    sizes = numpy.abs(differences.mean(axis=1)) / differences.std(axis=1)
    return by_border(sizes, lambda at: _p(paired_t(differences[at], numpy.zeros(differences.shape[1]))))


def reject_welch(one: numpy.ndarray, other: numpy.ndarray) -> float:
    """How often Welch's test rejects two samples [draws, n]; its p orders the draws, since its freedom varies."""
    order = -stats.ttest_ind(one, other, axis=1, equal_var=False).pvalue
    return by_border(order, lambda at: _p(independent_t(one[at], other[at])))


def _p(test: object) -> float:
    return getattr(test, "p", 1.0)


def ranks_of(draws: int, n: int, k: int, generator: Generator) -> numpy.ndarray:
    """Values under the null, their ranks [draws, blocks, systems], 1 the smallest."""
    return generator.random((draws, n, k)).argsort(axis=2).argsort(axis=2) + 1.0


def friedman_tests(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(systems, n, chi-square's rate, the rate of the test used, Nemenyi's chance of any false difference)."""
    for k, n in itertools.product((3, 5, 8), (3, 5, 10, 15, 22, 31, 60)):
        values = ranks_of(draws, n, k, generator)
        statistic = friedman_statistic(values)
        by_chi_square = float((stats.chi2.sf(statistic, k - 1) < LEVEL).mean())
        yield k, n, by_chi_square, reject_friedman(values), nemenyi_any(values)


def friedman_statistic(values: numpy.ndarray) -> numpy.ndarray:
    """Friedman's chi-square of ranks [draws, blocks, systems] without ties."""
    n, k = values.shape[1:]
    return numpy.round(12 * n / (k * (k + 1)) * ((values.mean(axis=1) - (k + 1) / 2) ** 2).sum(axis=1), 9)


def reject_friedman(values: numpy.ndarray) -> float:
    """How often Friedman's test rejects values [draws, blocks, systems]."""
    return by_border(friedman_statistic(values), lambda at: _ranked(values[at]).friedman.p)


def nemenyi_any(values: numpy.ndarray) -> float:
    """How often Nemenyi's critical difference tells any two systems apart."""
    spread = numpy.ptp(values.mean(axis=1), axis=1)
    return by_border(spread, lambda at: float(_ranked(values[at]).nemenyi.min()))


def _ranked(values: numpy.ndarray):  # type: ignore[no-untyped-def]
    found = rank_systems(values, list(range(values.shape[1])), range(len(values)), "language")  # type: ignore[arg-type]
    assert found is not None
    return found


def example_rates(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(n, size of all swaps, permutation's rate, bootstrap's rate): equal models that differ on 30 % of n examples."""
    for n in (30, 50, 100, 200, 500, 1000):
        yield n, size_of_swaps(n), *reject_on_examples(n, draws, generator)


def size_of_swaps(n: int, differ: float = 0.3) -> float:
    """The size of the test over all swaps, where each of n examples differs with this chance."""
    chances = stats.binom.pmf(range(n + 1), n, differ)
    return float(sum(chance * size_of_signs(count) for count, chance in enumerate(chances) if chance > 1e-6))


def reject_on_examples(n: int, draws: int, generator: Generator, differ: float = 0.3) -> tuple[float, float]:
    """How often the permutation test and the bootstrap reject two models that are equally good."""
    drawn = generator.multinomial(n, [differ / 2, differ / 2, 1 - differ], size=draws)[:, :2]
    counts, sizes = numpy.unique(drawn, axis=0, return_counts=True)
    rejected = numpy.zeros(2)
    for seed, ((first, second), size) in enumerate(zip(counts, sizes, strict=True)):
        one, other = numpy.zeros((2, n))
        one[:first], other[first : first + second] = 1, 1
        found = example_tests(values_as_outcomes(one, other), mcnemars=False, seed=seed)
        rejected += size * numpy.array([found.permutation.p < LEVEL, found.bootstrap.p < LEVEL])
    return float(rejected[0] / draws), float(rejected[1] / draws)


def correlated_languages(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(correlation, Wilcoxon's rate over 6, 14, 22 languages of one seed; of three seeds, and the interval's there).

    A method that is no better over seeds and languages; a seed moves all its languages: their differences correlate.
    """
    for correlation in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7):
        rates = [reject_wilcoxon(differences(draws, 1, n, correlation, generator).mean(axis=1)) for n in (6, 14, 22)]
        three = differences(draws, 3, 14, correlation, generator)
        excluded = float((numpy.abs(three.mean(axis=(1, 2))) > half_widths(three)).mean())
        yield str(correlation), *rates, reject_wilcoxon(three.mean(axis=1)), excluded


def differences(draws: int, seeds: int, languages: int, correlation: float, generator: Generator) -> numpy.ndarray:
    """Differences of two equal methods [draws, seeds, languages], correlated within a seed."""
    shared = generator.normal(size=(draws, seeds, 1)) * numpy.sqrt(correlation)
    return shared + generator.normal(size=(draws, seeds, languages)) * numpy.sqrt(1 - correlation)


def show(title: str, header: str, rows: Iterator[tuple[object, ...]]) -> None:
    """Prints a Markdown table; fractions times 100."""
    start = time.process_time()
    names = [name.strip() for name in header.split("|")]
    print(f"\n### {title}\n\n| {' | '.join(names)} |\n| {' | '.join(['---'] + ['--:'] * (len(names) - 1))} |")
    for row in rows:
        cells = (f"{100 * cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row)
        print(f"| {' | '.join(cells)} |", flush=True)
    print(f"\n{time.process_time() - start:.0f} s of CPU", flush=True)


def main() -> None:
    """Prints every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20_000)
    draws = parser.parse_args().draws
    generator = numpy.random.default_rng(0)
    show("Discrete tests", "test | n | enumerated size | rejects", discrete_tests(draws, generator))
    show("t-tests", "test | n | nominal | rejects", t_tests(draws, generator))
    show(
        "Several systems",
        "systems | blocks | Friedman, chi-square | Friedman, as used | Nemenyi, any pair",
        friedman_tests(draws, generator),
    )
    show(
        "Tests over examples",
        "examples | enumerated size of all swaps | permutation | bootstrap",
        example_rates(draws, generator),
    )
    show(
        "Wilcoxon over languages that vary together",
        "correlation | 6 languages | 14 | 22 | 14, mean of 3 seeds | headline interval there",
        correlated_languages(draws, generator),
    )


if __name__ == "__main__":
    main()

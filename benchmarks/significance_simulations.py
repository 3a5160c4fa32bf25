"""What the tests and intervals of `xbench compare` do under known truths: the tables of docs/significance.md.

python benchmarks/significance_simulations.py [--draws 20000]

Under its own null each discrete test is compared with its enumerated size, each asymptotic one with 5 %. The coverage
of every interval is measured, small n included; and how often Wilcoxon's test over languages rejects a true null as
languages of one trained model vary together.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterator

import numpy
from scipy import stats

from xbench.analysis.intervals import interval, proportion_interval, table_variance
from xbench.analysis.outcomes import Outcomes
from xbench.analysis.significance import hodges_lehmann, sign_test, wilcoxon
from xbench.analysis.significance.examples import mcnemar
from xbench.analysis.significance.signed_ranks import chance_of_at_most
from xbench.metrics import as_mean

LEVEL = 0.05
Generator = numpy.random.Generator


def size_of_wilcoxon(n: int) -> float:
    """The chance of p < 0.05 under the null, enumerated: independent symmetric differences, none alike."""
    if n > 50:
        return LEVEL
    below = chance_of_at_most(n)
    return 2 * max((chance for chance in below if 2 * chance < LEVEL), default=0.0)


def size_of_signs(n: int) -> float:
    """The same of the sign test."""
    below = stats.binom.cdf(range(n // 2 + 1), n, 0.5)
    return 2 * max((chance for chance in below if 2 * chance < LEVEL), default=0.0)


def by_statistic(statistics: numpy.ndarray, p_of: Callable[[int], float]) -> float:
    """The share of draws with p < 0.05, where p depends on a whole number alone: each p is computed once."""
    values, where = numpy.unique(statistics, return_inverse=True)
    return float(numpy.mean(numpy.array([p_of(int(value)) < LEVEL for value in values])[where]))


def ranks_summing_to(total: int, n: int) -> numpy.ndarray:
    """Differences with ranks 1 ... n whose positive ranks sum to `total`."""
    differences = -numpy.arange(1.0, n + 1)
    for rank in range(n, 0, -1):
        if rank <= total:
            differences[rank - 1] *= -1
            total -= rank
    return differences


def reject_wilcoxon(differences: numpy.ndarray) -> float:
    """How often Wilcoxon's test rejects differences [draws, n]."""
    n = differences.shape[1]
    ranks = numpy.abs(differences).argsort(axis=1).argsort(axis=1) + 1
    statistics = (ranks * (differences > 0)).sum(axis=1)
    return by_statistic(statistics, lambda total: wilcoxon(ranks_summing_to(total, n), numpy.zeros(n)).p)


def discrete_tests(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(test, n, enumerated size, rejection rate) under the null."""
    for n in (5, 6, 8, 10, 14, 22, 40, 50, 51, 60):
        yield "Wilcoxon", n, size_of_wilcoxon(n), reject_wilcoxon(generator.normal(size=(draws, n)))
    for n in (5, 6, 8, 14, 22, 40):
        positive = generator.binomial(n, 0.5, draws)
        rate = by_statistic(positive, lambda count, n=n: sign_test([1] * count + [-1] * (n - count), [0] * n).p)
        yield "sign", n, size_of_signs(n), rate
    for n in (5, 10, 30, 100):
        positive = generator.binomial(n, 0.5, draws)
        rate = by_statistic(positive, lambda count, n=n: mcnemar([1] * count + [0] * (n - count), _rest(count, n)).p)
        yield "McNemar (n: examples that differ)", n, size_of_signs(n), rate


def _rest(count: int, n: int) -> list[int]:
    return [0] * count + [1] * (n - count)


def paired_t_tests(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(test, n, 5 %, rejection rate) for normal values, and for skewed differences of centred exponentials."""
    for n in (3, 5, 14, 22):
        normal = generator.normal(size=(draws, n))
        skewed = generator.exponential(size=(draws, n)) - 1
        yield "paired t, normal", n, LEVEL, _share(stats.ttest_1samp(normal, 0, axis=1).pvalue)
        yield "paired t, skewed", n, LEVEL, _share(stats.ttest_1samp(skewed, 0, axis=1).pvalue)
        found = stats.ttest_ind(normal, generator.normal(size=(draws, n)), axis=1, equal_var=False)
        yield "Welch's t, normal, n in each", n, LEVEL, _share(found.pvalue)


def _share(p: numpy.ndarray) -> float:
    return float((p < LEVEL).mean())


def ranks_of(draws: int, n: int, k: int, generator: Generator) -> numpy.ndarray:
    """Ranks under the null [draws, blocks, systems]."""
    return generator.random((draws, n, k)).argsort(axis=2).argsort(axis=2) + 1.0


def friedman_tests(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(systems, n, chi-square's rate, permutation's rate, Nemenyi's chance of any false difference)."""
    for k, n in itertools.product((3, 5, 8), (3, 5, 10, 15, 22, 31, 60)):
        ranks = ranks_of(draws, n, k, generator)
        means = ranks.mean(axis=1)  # [draws, systems]
        statistic = _statistic(ranks)
        null = numpy.sort(numpy.concatenate([_statistic(ranks_of(20_000, n, k, generator)) for _ in range(5)]))
        # Without ties the permutation distribution is the same for all data: p is a share of draws from it.
        p = (1 + len(null) - numpy.searchsorted(null, statistic)) / (1 + len(null))
        critical = stats.studentized_range.ppf(1 - LEVEL, k, numpy.inf) / numpy.sqrt(2)
        spread = numpy.ptp(means, axis=1)
        nemenyi = (spread > critical * numpy.sqrt(k * (k + 1) / (6 * n))).mean()
        yield k, n, _share(stats.chi2.sf(statistic, k - 1)), _share(p), float(nemenyi)


def _statistic(ranks: numpy.ndarray) -> numpy.ndarray:
    n, k = ranks.shape[1:]
    return numpy.round(12 * n / (k * (k + 1)) * ((ranks.mean(axis=1) - (k + 1) / 2) ** 2).sum(axis=1), 9)


def example_tests(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(n, size of all swaps, permutation's rate, bootstrap's rate): equal models that differ on 30 % of n examples."""
    resamples, shares = 1000, [0.15, 0.15, 0.7]  # only the first right, only the second, alike
    for n in (30, 50, 100, 200, 500, 1000):
        counts = generator.multinomial(n, shares, size=draws)
        observed, differing = counts[:, 0] - counts[:, 1], counts[:, 0] + counts[:, 1]
        by_swap, by_draw = numpy.ones(draws), numpy.ones(draws)
        for _ in range(resamples):
            by_swap += numpy.abs(2 * generator.binomial(differing, 0.5) - differing) >= numpy.abs(observed)
            drawn = generator.binomial(n, differing / n)  # of the drawn examples those that differ, then the first's
            first = generator.binomial(drawn, counts[:, 0] / numpy.maximum(differing, 1))
            by_draw += numpy.abs(2 * first - drawn - observed) >= numpy.abs(observed)
        chances = stats.binom.pmf(range(n + 1), n, 0.3)
        size = float(sum(chance * size_of_signs(count) for count, chance in enumerate(chances) if chance > 1e-9))
        yield n, size, _share(by_swap / (resamples + 1)), _share(by_draw / (resamples + 1))


TRUTHS = {
    "languages differ": (0.0, 0.06, 0.02),
    "seeds differ": (0.06, 0.0, 0.02),
    "both": (0.04, 0.04, 0.02),
    "mostly languages": (0.03, 0.06, 0.02),
    "neither": (0.0, 0.0, 0.04),
}
"""Standard deviations of seeds, of languages, and of what is left."""


def hierarchical_coverage(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(seeds, languages, for each truth the coverage of the t-based interval and of the bootstrap, widths)."""
    for seeds, languages in itertools.product((2, 3, 5, 10), (3, 5, 14)):
        cells, ratio = [], ""
        for name, deviations in TRUTHS.items():
            values = crossed(draws, seeds, languages, deviations, generator)
            variance, df = table_variance(values)
            half = stats.t.ppf(0.975, df) * numpy.sqrt(variance)
            covered = (numpy.abs(values.mean(axis=(1, 2))) <= half).mean()
            low, high = bootstrap(values[: max(1, draws // 10)], generator)
            cells.append(f"{100 * covered:.1f} / {100 * ((low <= 0) & (high >= 0)).mean():.1f}")
            if name == "seeds differ":
                ratio = f"{2 * numpy.median(half) / numpy.median(high - low):.1f}"
        yield seeds, languages, *cells, ratio


def crossed(
    draws: int, seeds: int, languages: int, deviations: tuple[float, ...], generator: Generator
) -> numpy.ndarray:
    """Values [draws, seeds, languages] around zero, with these standard deviations."""
    of_seeds, of_languages, rest = deviations
    return (
        generator.normal(0, of_seeds, (draws, seeds, 1))
        + generator.normal(0, of_languages, (draws, 1, languages))
        + generator.normal(0, rest, (draws, seeds, languages))
    )


def bootstrap(values: numpy.ndarray, generator: Generator, resamples: int = 1000) -> numpy.ndarray:
    """Percentile intervals of a bootstrap over seeds and languages [2, tables]; of k, k - 1 are drawn."""
    by_seed, by_language = (
        generator.multinomial(k - 1, numpy.full(k, 1 / k), resamples) / (k - 1) for k in values.shape[1:]
    )
    weights = (by_seed[:, :, None] * by_language[:, None, :]).reshape(resamples, -1)
    return numpy.quantile(weights @ values.reshape(len(values), -1).T, [0.025, 0.975], axis=0)


def coverage_with_examples(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(seeds, languages, coverage for translated examples, for examples of each language's own), through `interval`.

    Two equal systems on 200 examples a language: deviations of 3 points for seeds, 4 for languages, 2 for the rest;
    examples differ in how hard they are for each system, in all languages alike where they are translations.
    """
    for seeds, languages in ((3, 5), (3, 14), (5, 5), (5, 14)):
        held = {True: 0, False: 0}
        for parallel, _ in itertools.product(held, range(draws)):
            deviations = (0.03 / numpy.sqrt(2), 0.04 / numpy.sqrt(2), 0.02 / numpy.sqrt(2))
            chance = 0.6 + crossed(2, seeds, languages, deviations, generator)[..., None]
            hard = generator.normal(0, 0.2, (2, 1, 1 if parallel else languages, 200))
            right = as_mean((generator.random((2, seeds, languages, 200)) < chance + hard).astype(numpy.float32))
            parts = (right,) if parallel else tuple(right[:, :, [index]] for index in range(languages))
            found = interval(Outcomes(parts), [1.0, -1.0])
            held[parallel] += found.low <= 0 <= found.high
        yield seeds, languages, held[True] / draws, held[False] / draws


def shift_coverage(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(n, promised coverage, that of Hodges-Lehmann, of a percentile bootstrap) of n normal differences' centre."""
    for n in (5, 6, 8, 14, 22):
        values = generator.normal(size=(draws, n))
        rows, columns = numpy.triu_indices(n)
        means = numpy.sort((values[:, rows] + values[:, columns]) / 2, axis=1)
        one = hodges_lehmann(values[0], numpy.zeros(n))
        end = int(numpy.searchsorted(means[0], one.low - 1e-9))
        held = (means[:, end] <= 0) & (means[:, -1 - end] >= 0)
        some = values[: max(1, draws // 2)]
        drawn = generator.multinomial(n, numpy.full(n, 1 / n), 1000) / n
        low, high = numpy.quantile(drawn @ some.T, [0.025, 0.975], axis=0)
        yield n, one.level, float(held.mean()), float(((low <= 0) & (high >= 0)).mean())


def accuracy_coverage(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(examples, accuracy, coverage of the interval of one model in one language, and of the normal one)."""
    for n, accuracy in itertools.product((50, 200, 1000), (0.5, 0.8, 0.95, 0.99)):
        right = generator.binomial(n, accuracy, draws)
        low, high = proportion_interval(right, n)
        half = stats.norm.ppf(0.975) * numpy.sqrt(right / n * (1 - right / n) / (n - 1))
        wald = float((numpy.abs(right / n - accuracy) <= half).mean())
        held = float(((low <= accuracy) & (accuracy <= high)).mean())
        yield n, str(accuracy), held, wald


def difference_coverage(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(examples, coverage of the percentile bootstrap of a difference)."""
    for n in (30, 50, 200, 1000):
        yield n, _difference_coverage(n, draws, generator)


def _difference_coverage(n: int, draws: int, generator: Generator, resamples: int = 1000) -> float:
    """The coverage of the percentile bootstrap of a difference over n examples, of which 30 % differ."""
    some = max(1, draws // 20)
    counts = generator.multinomial(n, [0.2, 0.1, 0.7], size=some)
    drawn = generator.multinomial(n, counts[:, None] / n, size=(some, resamples))
    low, high = numpy.quantile((drawn[..., 0] - drawn[..., 1]) / n, [0.025, 0.975], axis=1)
    return float(((low <= 0.1 + 1e-12) & (high >= 0.1 - 1e-12)).mean())


def correlated_languages(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(correlation, Wilcoxon's rate over 5, 14, 22 languages of one seed; of three seeds, and the interval's there).

    A method that is no better over seeds and languages; a seed moves all its languages: their differences correlate.
    """
    for correlation in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7):
        rates = [reject_wilcoxon(differences(draws, 1, n, correlation, generator).mean(axis=1)) for n in (6, 14, 22)]
        three = differences(draws, 3, 14, correlation, generator)
        variance, df = table_variance(three)
        half = stats.t.ppf(0.975, df) * numpy.sqrt(variance)
        excluded = float((numpy.abs(three.mean(axis=(1, 2))) > half).mean())
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
        print(f"| {' | '.join(f'{100 * cell:.1f}' if isinstance(cell, float) else str(cell) for cell in row)} |")
    print(f"\n{time.process_time() - start:.0f} s of CPU", flush=True)


def main() -> None:
    """Prints every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20_000)
    draws = parser.parse_args().draws
    generator = numpy.random.default_rng(0)
    show("Discrete tests", "test | n | enumerated size | rejects", discrete_tests(draws, generator))
    show("t-tests", "test | n | nominal | rejects", paired_t_tests(draws, generator))
    show(
        "Several systems",
        "systems | blocks | Friedman, chi-square | Friedman, permutation | Nemenyi, any pair",
        friedman_tests(draws, generator),
    )
    show(
        "Tests over examples",
        "examples | enumerated size of all swaps | permutation | bootstrap",
        example_tests(draws, generator),
    )
    show(
        "Coverage over seeds and languages, t-based / percentile bootstrap",
        f"seeds | languages | {' | '.join(TRUTHS)} | times as wide where seeds differ",
        hierarchical_coverage(draws, generator),
    )
    show(
        "Coverage over pairs",
        "n | promised | Hodges-Lehmann | percentile bootstrap of the mean",
        shift_coverage(draws, generator),
    )
    show(
        "Coverage over examples, one model and language",
        "examples | accuracy | its interval (Wilson) | normal approximation",
        accuracy_coverage(draws, generator),
    )
    show(
        "Coverage over examples, a difference of two models",
        "examples | percentile bootstrap",
        difference_coverage(draws, generator),
    )
    show(
        "Wilcoxon over languages that vary together",
        "correlation | 6 languages | 14 | 22 | 14, mean of 3 seeds | headline interval there",
        correlated_languages(draws, generator),
    )
    show(
        "Coverage with examples",
        "seeds | languages | translated examples | examples of each language's own",
        coverage_with_examples(max(1, draws // 20), numpy.random.default_rng(0)),
    )


if __name__ == "__main__":
    main()

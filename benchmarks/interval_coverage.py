"""How often the 95 % intervals of `xbench results` and `xbench compare` hold the truth: tables of docs/significance.md.

python benchmarks/interval_coverage.py [--draws 20000]

Every interval is that of xbench's own function. Gaps and decompositions are in transfer_coverage.py, buckets in
bucket_intervals.py and graded_intervals.py, representations in representation_intervals.py.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator

import numpy
import pandas
from scipy import stats
from significance_simulations import show

from xbench.analysis.intervals import half_widths, interval, paired_interval, proportion_interval
from xbench.analysis.outcomes import Outcomes
from xbench.analysis.significance import hodges_lehmann
from xbench.analysis.significance.examples import example_tests, values_as_outcomes
from xbench.analysis.significance.signed_ranks import chance_of_at_most
from xbench.diagnosis.bias import dataset_profile
from xbench.diagnosis.bias import half_widths as halves_of_means
from xbench.metrics import Predictions, as_mean, macro_f1

Generator = numpy.random.Generator
TRUTHS = {
    "languages differ": (0.0, 0.06, 0.02),
    "seeds differ": (0.06, 0.0, 0.02),
    "both": (0.04, 0.04, 0.02),
    "mostly languages": (0.03, 0.06, 0.02),
    "neither": (0.0, 0.0, 0.04),
}
"""Standard deviations of seeds, of languages, and of what is left."""


def seeds_and_languages(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(seeds, languages, for each truth the coverage of the interval and of a bootstrap, widths)."""
    for seeds, languages in itertools.product((2, 3, 5, 10), (3, 5, 14)):
        cells, wider = [], ""
        for name, deviations in TRUTHS.items():
            values = crossed(draws, seeds, languages, deviations, generator)
            half = half_widths(values)
            covered = (numpy.abs(values.mean(axis=(1, 2))) <= half).mean()
            low, high = bootstrap(values[: max(1, draws // 10)], generator)
            cells.append(f"{100 * covered:.1f} / {100 * ((low <= 0) & (high >= 0)).mean():.1f}")
            if name == "seeds differ":
                wider = f"{2 * numpy.median(half) / numpy.median(high - low):.1f}"
        yield seeds, languages, *cells, wider


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


def with_examples(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(seeds, languages, coverage of a mean and of a difference: translated examples, then each language's own).

    200 examples a language, not equally hard; deviations of 3 points for seeds, 4 for languages, 2 for the rest. With
    one seed, or one language, the truth is that of this seed, or this language.
    """
    for seeds, languages in ((1, 3), (1, 5), (1, 14), (2, 1), (3, 1), (5, 1), (2, 5), (3, 5), (3, 14), (5, 5), (5, 14)):
        held = numpy.zeros((2, 2))
        for parallel, _ in itertools.product((True, False), range(draws)):
            chance, truth = chances(seeds, languages, generator)
            hard = generator.normal(0, 0.2, (2, 1, 1 if parallel else languages, 200))
            right = as_mean((generator.random((2, seeds, languages, 200)) < chance + hard).astype(numpy.float32))
            parts = (right,) if parallel else tuple(right[:, :, [index]] for index in range(languages))
            mean = interval(Outcomes(tuple(part[:1] for part in parts)), [1.0])
            difference = interval(Outcomes(parts), [1.0, -1.0])
            held[0, int(not parallel)] += mean.low <= truth[0] <= mean.high
            held[1, int(not parallel)] += difference.low <= truth[0] - truth[1] <= difference.high
        yield seeds, languages, *(float(share) for share in (held / draws).ravel())


def chances(seeds: int, languages: int, generator: Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(chances of two equal systems [2, seeds, languages, 1], what their means are of).

    What does not vary at hand, seeds or languages, is no part of the truth that an interval can hold.
    """
    of_seeds, of_languages, rest = (
        generator.normal(0, deviation, shape)
        for deviation, shape in ((0.03, (2, seeds, 1)), (0.04, (2, 1, languages)), (0.02, (2, seeds, languages)))
    )
    truth = numpy.full(2, 0.6)
    truth = truth + (of_seeds[:, 0, 0] if seeds == 1 else 0) + (of_languages[:, 0, 0] if languages == 1 else 0)
    return (0.6 + of_seeds + of_languages + rest)[..., None], truth


def pairs(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(n, promised coverage, that of Hodges-Lehmann, of a percentile bootstrap) of n normal differences' centre."""
    for n in (5, 6, 8, 14, 22):
        values = generator.normal(size=(draws, n))
        some = values[: max(1, draws // 4)]
        found = [hodges_lehmann(one, numpy.zeros(n)) for one in some]
        drawn = generator.multinomial(n, numpy.full(n, 1 / n), 1000) / n
        low, high = numpy.quantile(drawn @ values[: max(1, draws // 2)].T, [0.025, 0.975], axis=0)
        held = numpy.mean([one.low <= 0 <= one.high for one in found])
        yield n, found[0].level, float(held), float(((low <= 0) & (high >= 0)).mean())
    for n in (51, 60, 100):  # by enumeration: which of the Walsh averages is its end
        values = generator.normal(size=n)
        one = hodges_lehmann(values, numpy.zeros(n))
        rows, columns = numpy.triu_indices(n)
        end = int(numpy.searchsorted(numpy.sort((values[rows] + values[columns]) / 2), one.low - 1e-9))
        yield n, one.level, float(1 - 2 * chance_of_at_most(n)[end]), "-"


def shares(_: int, __: Generator) -> Iterator[tuple[object, ...]]:
    """(examples, accuracy, coverage of one model in one language, of Wilson's interval, of the normal one): exact."""
    from statsmodels.stats.proportion import proportion_confint

    for n, accuracy in itertools.product((20, 50, 200, 1000), (0.5, 0.8, 0.95, 0.99)):
        right = numpy.arange(n + 1)
        chances_of = stats.binom.pmf(right, n, accuracy)
        half = stats.norm.ppf(0.975) * numpy.sqrt(right / n * (1 - right / n) / (n - 1))
        bounds = (proportion_interval(right, n), proportion_confint(right, n, method="wilson"))
        held = [float(chances_of[(low <= accuracy) & (accuracy <= high)].sum()) for low, high in bounds]
        yield n, str(accuracy), *held, float(chances_of[numpy.abs(right / n - accuracy) <= half].sum())


CHANGES = ((0.2, 0.1), (0.05, 0.05), (0.02, 0.02), (0.05, 0.0), (0.3, 0.2))


def differences(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(examples, coverage for each chance that only the first, and only the second, is right)."""
    for n in (10, 20, 30, 50, 200, 1000):
        cells = []
        for first, second in CHANGES:
            drawn = generator.multinomial(n, [first, second, 1 - first - second], size=draws)[:, :2]
            counts, sizes = numpy.unique(drawn, axis=0, return_counts=True)
            bounds = [paired_interval(numpy.repeat([1.0, -1.0, 0.0], [a, b, n - a - b])) for a, b in counts]
            held = [low - 1e-12 <= first - second <= high + 1e-12 for low, high in bounds]
            cells.append(float(sizes[held].sum() / draws))
        yield n, *cells


def graded_differences(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(examples, coverage of F1 of answers, ROUGE and macro F1 of two equal models, by expanded percentiles)."""
    cases: dict[str, Callable[[int], Outcomes]] = {
        "F1": lambda n: values_as_outcomes(_answers(n, generator), _answers(n, generator)),
        "ROUGE": lambda n: values_as_outcomes(*generator.beta(2.4, 5.6, (2, n))),
        "macro F1": lambda n: _labels(n, generator),
    }
    for n in (10, 30, 100, 300):
        rates = []
        for make in cases.values():
            found = (example_tests(make(n), mcnemars=False, draws=1000, seed=seed) for seed in range(draws))
            rates.append(float(numpy.mean([one.low <= 0 <= one.high for one in found])))
        yield n, *rates


def _answers(n: int, generator: Generator) -> numpy.ndarray:
    kind = generator.random(n)
    return numpy.where(kind < 0.6, 1.0, numpy.where(kind < 0.85, generator.choice([0.4, 0.5, 0.67, 0.8], n), 0.0))


def _labels(n: int, generator: Generator) -> Outcomes:
    """Counts of macro F1 over three labels, of which one is rare; both models are right on 70 %."""
    labels = numpy.array(["a", "b", "c"], dtype=object)
    gold = labels[generator.choice(3, n, p=[0.5, 0.4, 0.1])]
    both = []
    for _ in range(2):
        answers = numpy.where(generator.random(n) < 0.7, gold, labels[generator.integers(0, 3, n)])
        both.append(macro_f1.counts(Predictions(list(gold), list(answers), list(labels))))
    return Outcomes((numpy.stack(both).astype(float)[:, None, None],), macro_f1.value)


def graded_means(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(examples, coverage of one model's F1 of answers, of its ROUGE, in one language)."""
    true = float(_answers(1_000_000, generator).mean())
    for n in (10, 30, 100, 300):
        held = numpy.zeros(2)
        for _ in range(draws):
            for at, (values, truth) in enumerate(((_answers(n, generator), true), (generator.beta(2.4, 5.6, n), 0.3))):
                found = interval(Outcomes((as_mean(values[None, None, None]),)), [1.0])
                held[at] += found.low <= truth <= found.high
        yield n, *(float(share) for share in held / draws)


def attribute_means(draws: int, generator: Generator) -> Iterator[tuple[object, ...]]:
    """(examples, coverage of a mean length, of a mean share) of a data set's profile."""
    for n in (5, 10, 30, 100, 1000):
        some = max(1, draws // (1 if n < 1000 else 5))
        cells = []
        for values, truth in (
            (generator.negative_binomial(3, 0.15, (some, n)) + 1.0, 3 * 0.85 / 0.15 + 1),
            (generator.beta(0.5, 2, (some, n)), 0.2),
        ):
            profile = dataset_profile({("t", "en"): pandas.DataFrame({str(at): one for at, one in enumerate(values)})})
            half = halves_of_means(profile)
            cells.append(float((numpy.abs(profile["mean"].to_numpy() - truth) <= half).mean()))
        yield n, *cells


def main() -> None:
    """Prints every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20_000)
    draws = parser.parse_args().draws
    few = max(1, draws // 10)
    generator = numpy.random.default_rng(0)
    show(
        "Over seeds and languages, t-based / percentile bootstrap",
        f"seeds | languages | {' | '.join(TRUTHS)} | times as wide where seeds differ",
        seeds_and_languages(draws, generator),
    )
    show(
        "With examples",
        "seeds | languages | mean, translated | mean, own | difference, translated | difference, own",
        with_examples(max(1, draws // 20), generator),
    )
    show("Over pairs", "n | promised | Hodges-Lehmann | percentile bootstrap of the mean", pairs(draws, generator))
    show("One model and language", "examples | accuracy | its interval | Wilson | normal", shares(draws, generator))
    header = " | ".join(f"{100 * first:g} %, {100 * second:g} %" for first, second in CHANGES)
    show("A difference of two models, right or wrong", f"examples | {header}", differences(draws, generator))
    show(
        "A difference of two models by degree",
        "examples | F1 | ROUGE | macro F1",
        graded_differences(few // 2, generator),
    )
    show("One model by degree", "examples | F1 | ROUGE", graded_means(few, generator))
    show("Means of attributes", "examples | length | share", attribute_means(few, generator))


if __name__ == "__main__":
    main()

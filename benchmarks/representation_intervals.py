"""How often the intervals of `xbench represent` hold the truth: the table in docs/representations.md.

Texts of two languages as a shared meaning and noise of their own, in 16 dimensions with a common mean, so that other
pairs have a cosine above zero, as real states have. The truth is that of 200,000 texts. Takes about a minute.
"""

from __future__ import annotations

import numpy

from xbench.representations.similarity import change, pair_similarity

HIDDEN, REPEATS, DRAWS = 16, 1000, 500


def texts(generator: numpy.random.Generator, n: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Two languages' vectors [n, hidden]; row i of both is a translation."""
    meaning = generator.normal(size=(n, HIDDEN)) * numpy.linspace(0.2, 2, HIDDEN) + 0.7
    return meaning + generator.normal(size=(n, HIDDEN)), meaning + generator.normal(size=(n, HIDDEN)) + 0.3


def main() -> None:
    """Prints the coverage of both intervals by number of texts."""
    source, target = texts(numpy.random.default_rng(0), 200_000)
    true_change = change(source, target).value
    true_difference = pair_similarity(source, target, draws=2).difference.value
    print("n\tcosine\tdifference of pairs and others")
    for n in (5, 10, 20, 50, 100, 300):
        covered = numpy.zeros(2)
        for repeat in range(REPEATS):
            one, two = texts(numpy.random.default_rng(1 + repeat), n)
            first = change(one, two)
            second = pair_similarity(one, two, seed=repeat, draws=DRAWS).difference
            covered += (first.low <= true_change <= first.high, second.low <= true_difference <= second.high)
        print(n, *(f"{100 * share:.1f}" for share in covered / REPEATS), sep="\t", flush=True)


if __name__ == "__main__":
    main()

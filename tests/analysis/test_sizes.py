"""How often tests reject a true null, by 20,000 draws: each at its enumerated size, or within half a point of 5 %.

The simulations are those of docs/significance.md and call the functions of xbench.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy
import pytest

from xbench.diagnosis.contributions import exchanges
from xbench.diagnosis.resampling import sign_flip_p, steps
from xbench.metrics import ratio

DRAWS = 20_000
NEAR = 0.005  # more than three standard errors of a rate of 5 % over 20,000 draws


@pytest.fixture(scope="module")
def simulations() -> Iterator[ModuleType]:
    folder = str(Path(__file__).resolve().parents[2] / "benchmarks")
    sys.path.insert(0, folder)
    yield importlib.import_module("significance_simulations")
    sys.path.remove(folder)


@pytest.mark.parametrize("n", [5, 6, 8, 14, 22, 40, 50, 51, 60, 100])
def test_no_discrete_tests_enumerated_size_is_above_five_percent(simulations: ModuleType, n: int) -> None:
    for size in (
        simulations.size_of_wilcoxon(n),
        simulations.size_of_signs(n),
        simulations.size_of_signs(n, simulations.mcnemar_p),
    ):
        assert size <= 0.05
        assert size > 0 or n < 6  # of five pairs no p is below 0.05
    if n > 50:  # Wilcoxon's normal approximation
        assert simulations.size_of_wilcoxon(n) == pytest.approx(0.05, abs=NEAR)


def test_the_page_has_these_sizes(simulations: ModuleType) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "significance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (Wilcoxon|sign|McNemar)[^|]*\| (\d+) \| ([\d.]+) \|", page, re.MULTILINE)
    size = {
        "Wilcoxon": simulations.size_of_wilcoxon,
        "sign": simulations.size_of_signs,
        "McNemar": lambda n: simulations.size_of_signs(n, simulations.mcnemar_p),
    }
    assert len(rows) == 20
    for test, n, printed in rows:
        assert f"{100 * size[test](int(n)):.1f}" == printed, (test, n)


@pytest.mark.slow
def test_discrete_tests_reject_at_their_enumerated_size(simulations: ModuleType) -> None:
    for test, n, size, rate in simulations.discrete_tests(DRAWS, numpy.random.default_rng(1)):
        assert rate == pytest.approx(size, abs=NEAR), (test, n)


@pytest.mark.slow
def test_t_tests_of_normal_values_reject_in_five_percent(simulations: ModuleType) -> None:
    generator = numpy.random.default_rng(2)
    for n in (3, 5, 14, 22):
        assert simulations.reject_paired_t(generator.normal(size=(DRAWS, n))) == pytest.approx(0.05, abs=NEAR), n
    for n in (3, 5, 14, 22):
        rate = simulations.reject_welch(*generator.normal(size=(2, DRAWS, n)))
        assert 0.03 < rate < 0.05 + NEAR  # careful for few
        assert n < 14 or rate == pytest.approx(0.05, abs=NEAR), n


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 5, 8])
def test_tests_of_several_systems(simulations: ModuleType, k: int) -> None:
    generator = numpy.random.default_rng(k)
    for n in (3, 10, 22):  # by permutation
        assert simulations.reject_friedman(simulations.ranks_of(DRAWS, n, k, generator)) <= 0.05 + NEAR, n
    for n in (31, 60):  # by chi-square
        rate = simulations.reject_friedman(simulations.ranks_of(DRAWS, n, k, generator))
        assert rate == pytest.approx(0.05, abs=NEAR), n
    for n in (22, 60):
        assert simulations.nemenyi_any(simulations.ranks_of(2 * DRAWS, n, k, generator)) <= 0.05 + NEAR, n


@pytest.mark.slow
def test_tests_over_examples(simulations: ModuleType) -> None:
    generator = numpy.random.default_rng(4)
    for n in (30, 500):
        permutation, bootstrap = simulations.reject_on_examples(n, DRAWS, generator)
        assert permutation == pytest.approx(simulations.size_of_swaps(n), abs=NEAR), n
        assert bootstrap <= 0.05 + NEAR, n
        assert n < 500 or bootstrap == pytest.approx(0.05, abs=NEAR), n


@pytest.mark.parametrize("n", [1001, 1400])
def test_the_sign_flip_tests_approximation_for_many_examples(simulations: ModuleType, n: int) -> None:
    def p_of(gains: int, n: int) -> float:
        return sign_flip_p(numpy.array([n - gains, 0, gains]))

    for gains in range(n // 2 - 60, n // 2):
        assert p_of(gains, n) == pytest.approx(simulations.sign_p(gains, n), abs=5e-4)
    assert 0.04 < simulations.size_of_signs(n, p_of) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("graded", ["F1 of answers", "F1 of entities"])
def test_the_sign_flip_test_of_graded_answers_never_rejects_above_five_percent(graded: str) -> None:
    """Two systems alike on 30 examples, all of which they answer anew."""
    generator, n = numpy.random.default_rng(5), 30

    def counts() -> numpy.ndarray:
        if graded == "F1 of answers":
            value = numpy.where(generator.random(n) < 0.6, 1.0, generator.choice([0.0, 0.4, 0.5, 0.67, 0.8], n))
            return numpy.stack([value, numpy.ones(n)], axis=-1)[None]
        hits = generator.binomial(gold, 0.6)
        return numpy.stack([2 * hits, gold + hits + generator.binomial(gold - hits, 0.7)], axis=-1)[None].astype(float)

    rejected = 0
    for _ in range(DRAWS):
        gold = generator.poisson(1.2, n)
        rejected += sign_flip_p(steps(exchanges(counts(), counts(), ratio))) < 0.05
    assert 0.03 < rejected / DRAWS <= 0.05 + NEAR

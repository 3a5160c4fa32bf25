"""The interval of a gap: against arithmetic where there is one answer, and its coverage by simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from tests.store.synthetic import predictions, write_cell
from xbench.analysis import load_results
from xbench.analysis.outcomes import Outcomes
from xbench.analysis.systems import TaskScores, task_scores
from xbench.analysis.transfer.gap_interval import gap_interval, interval_of_gap
from xbench.metrics import as_mean
from xbench.store import RunStore


def write(path: Path, right: Mapping[str, numpy.ndarray], *, parallel: bool) -> TaskScores:
    """One system; right [seeds, examples] by language. Without `parallel` each language has examples of its own."""
    store = RunStore(path)
    for seed in range(len(right["en"])):
        correct = {("xnli", language): list(map(bool, rows[seed])) for language, rows in right.items()}
        record = write_cell(store, "soft", seed + 1, correct, ("accuracy",))
        if not parallel:
            tables = {pair: predictions(answers, prefix=pair[1]) for pair, answers in correct.items()}
            store.write_cell(replace(record), tables)
    return task_scores(load_results(path))["xnli"][0]


def test_one_target_and_one_seed_is_the_difference_of_two_proportions(tmp_path: Path) -> None:
    generator = numpy.random.default_rng(0)
    right = {"en": generator.random((1, 400)) < 0.8, "de": generator.random((1, 400)) < 0.6}
    for parallel in (False, True):
        found = gap_interval(write(tmp_path / str(parallel), right, parallel=parallel))
        assert found is not None
        p, q = right["en"].mean(), right["de"].mean()
        assert found.value == pytest.approx(p - q)
        difference = right["en"][0].astype(float) - right["de"][0]
        variance = difference.var(ddof=1) / 400 if parallel else (p * (1 - p) + q * (1 - q)) / 399
        assert found.error == pytest.approx(variance**0.5, rel=1e-3)


def test_a_target_that_is_right_where_the_source_is_has_no_interval(tmp_path: Path) -> None:
    right = numpy.random.default_rng(1).random((2, 100)) < 0.7
    found = gap_interval(write(tmp_path, {"en": right, "de": right, "zh": right}, parallel=True))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-9)


def test_without_source_or_targets_there_is_none(tmp_path: Path) -> None:
    write_cell(tmp_path, correct={("xnli", "de"): [True, False], ("xnli", "zh"): [True, True]})
    write_cell(tmp_path, "soft", correct={("xnli", "en"): [True, False]})
    assert all(gap_interval(one) is None for one in task_scores(load_results(tmp_path))["xnli"])


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [False, True])
def test_coverage(parallel: bool) -> None:
    """Three seeds, six targets; seeds, languages, and seeds by language each move the score. 1,000 simulations."""
    generator, inside, repeats, n = numpy.random.default_rng(2), 0, 1000, 150
    names = ("en", "de", "es", "fr", "ru", "tr", "zh")
    for _ in range(repeats):
        by_seed, by_both = 0.04 * generator.standard_normal((3, 1)), 0.02 * generator.standard_normal((3, 7))
        levels = 0.6 + by_seed + by_both + numpy.r_[0.15, 0.05 * generator.standard_normal(6)]
        hardness = generator.random(n) if parallel else generator.random((7, n))
        draws = 0.5 * hardness + 0.5 * generator.random((3, 7, n))
        # Sums of two uniform numbers on [0, 0.5]: the levels' quantiles in the middle, where they are near linear.
        right = draws < numpy.where(levels < 0.5, (levels / 2) ** 0.5, 1 - ((1 - levels) / 2) ** 0.5)[:, :, None]
        counts = as_mean(right.astype(numpy.float32))[None]
        parts = (counts,) if parallel else tuple(counts[:, :, [at]] for at in range(7))
        outcomes = Outcomes(parts, languages=(names,) if parallel else tuple((name,) for name in names))
        found = interval_of_gap(outcomes, "en", names[1:])
        inside += found.low <= 0.15 <= found.high
    assert 0.935 <= inside / repeats <= 0.99


def test_outcomes_and_stored_scores_give_the_same(tmp_path: Path) -> None:
    right = {name: numpy.random.default_rng(at).random((2, 80)) < 0.7 for at, name in enumerate(("en", "de", "zh"))}
    system = write(tmp_path, right, parallel=True)
    counts = as_mean(numpy.stack(list(right.values()), axis=1).astype(numpy.float32))[None]
    found = interval_of_gap(Outcomes((counts,), languages=(tuple(right),)), "en", ("de", "zh"))
    stored = gap_interval(system)
    assert stored is not None
    assert (found.low, found.high) == (pytest.approx(stored.low, abs=1e-6), pytest.approx(stored.high, abs=1e-6))

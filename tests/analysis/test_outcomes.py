"""Outcomes of examples for the metrics of every kind: they add up to what is recorded, and tests are made of them."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
from scipy import stats

from tests.diagnosis.kinds import KINDS, LANGUAGES, write_system, write_task
from xbench.analysis.compare import compare_examples
from xbench.analysis.intervals import difference_interval, mean_interval
from xbench.analysis.outcomes import load_outcomes
from xbench.analysis.results import load_results
from xbench.analysis.scoring import score
from xbench.analysis.systems import TaskScores, task_scores
from xbench.metrics import METRICS

METRICS_OF = {
    "tagging": ("span_f1", "token_accuracy", "xtreme_f1"),
    "extractive-qa": ("f1", "exact_match", "squad_f1", "squad_exact_match"),
    "generation": ("rougeL", "rouge1", "rouge2"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("outcomes")
    for kind in KINDS:
        write_task(path / "tasks", kind, 60)
        for method, quality in (("good", 0.95), ("worse", 0.6)):
            write_system(path / kind, path / "tasks", kind, method, lambda n, quality=quality: quality)
    return path


def systems(folder: Path, kind: str, metric: str) -> dict[str, TaskScores]:
    """Both systems, scored again by a metric alone."""
    for cell in load_results(folder / kind):
        score(cell, lambda pair: ((metric,), ()))
    (found,) = task_scores(load_results(folder / kind)).values()
    return {scores.label: scores for scores in found}


@pytest.mark.parametrize(("kind", "metric"), [(kind, name) for kind, names in METRICS_OF.items() for name in names])
def test_outcomes_add_up_to_the_recorded_metric(folder: Path, kind: str, metric: str) -> None:
    both = systems(folder, kind, metric)
    found = load_outcomes(list(both.values()), (1, 2), LANGUAGES)
    assert found is not None
    order = [name for names in found.languages for name in names]
    recorded = numpy.stack([scores.columns(order) for scores in both.values()])
    numpy.testing.assert_allclose(found.measured(), recorded, atol=1e-6)
    mean = mean_interval(both["good"])
    assert mean is not None and 0 <= mean.low < mean.value < mean.high <= 1
    difference = difference_interval(both["good"], both["worse"])
    assert difference is not None and difference.low < difference.value < difference.high and difference.value > 0


@pytest.mark.parametrize(
    ("kind", "metric"), [("extractive-qa", "f1"), ("extractive-qa", "exact_match"), ("tagging", "span_f1")]
)
def test_examples_are_compared_by_the_tests_that_fit(folder: Path, kind: str, metric: str) -> None:
    both = systems(folder, kind, metric)
    (found,) = compare_examples(load_results(folder / kind), baseline="worse")
    assert {row.language for row in found.examples} == set(LANGUAGES)
    for row in found.examples:
        one, other = (both[name].columns([row.language]).mean() for name in ("good", "worse"))
        assert row.tests.difference == pytest.approx(one - other, abs=1e-6)
        assert row.tests.low < row.tests.difference < row.tests.high
        assert len(row.tests.mcnemar) == (2 if METRICS[metric].right_or_wrong else 0)


def test_the_permutation_of_f1_is_scipys(folder: Path) -> None:
    both = systems(folder, "extractive-qa", "f1")
    results = load_results(folder / "extractive-qa", language="en", seed=1)
    ((row,),) = (found.examples for found in compare_examples(results, baseline="worse"))
    outcomes = load_outcomes([both["good"], both["worse"]], (1,), ["en"])
    assert outcomes is not None
    first, second = outcomes.parts[0][:, 0, 0, :, 0]
    expected = stats.permutation_test(
        (first, second), lambda a, b, axis: numpy.mean(a - b, axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=10_000, rng=0,
    )  # fmt: skip
    assert row.tests.permutation.p == pytest.approx(expected.pvalue, abs=0.01)

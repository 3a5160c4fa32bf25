"""Which test gives MPT's printed p-values: each candidate against scipy, and the finding that the docs state."""

from __future__ import annotations

import pandas
import pytest
from scipy import stats

from xbench.published.p_values import CLOSEST, OBSERVATIONS, TESTS, p_value_candidates, rank_candidates
from xbench.published.recomputation import recompute
from xbench.published.tables import load_table

NAME, BASELINE = "mpt/table-2", "Original MPT"
FULL = [50.7, 52.7, 53.1, 52.2, 55.4, 53.8, 53.1, 50.2, 51.0, 46.2, 51.5, 50.4, 49.1, 53.0, 52.3]
WITHOUT_DATA = [47.3, 48.7, 49.4, 48.8, 52.8, 50.3, 50.6, 46.8, 47.1, 42.2, 48.6, 47.2, 46.0, 49.4, 49.5]


@pytest.fixture(scope="module")
def candidates() -> pandas.DataFrame:
    return p_value_candidates(load_table(NAME), BASELINE)


def p_of(candidates: pandas.DataFrame, test: str, observations: str, row: str = "w/o external data") -> float:
    chosen = candidates[(candidates["test"] == test) & (candidates["observations"] == observations)]
    (p,) = chosen.loc[chosen["row"] == row, "p"]
    return p


def test_every_test_is_tried_on_every_set_of_observations(candidates: pandas.DataFrame) -> None:
    assert len(candidates) == 4 * len(TESTS) * len(OBSERVATIONS)
    assert set(candidates["n"]) == {14, 15, 16}


def test_candidates_are_scipys_on_the_printed_rows(candidates: pandas.DataFrame) -> None:
    every, targets, averaged = OBSERVATIONS
    independent, welch, _, paired, wilcoxon, _ = TESTS
    assert p_of(candidates, independent, every) == pytest.approx(stats.ttest_ind(FULL, WITHOUT_DATA).pvalue)
    assert p_of(candidates, welch, every) == pytest.approx(stats.ttest_ind(FULL, WITHOUT_DATA, equal_var=False).pvalue)
    assert p_of(candidates, paired, every) == pytest.approx(stats.ttest_rel(FULL, WITHOUT_DATA).pvalue)
    assert p_of(candidates, wilcoxon, every) == pytest.approx(2 / 2**15)  # all of 15 differences are positive
    without_english = [[value for place, value in enumerate(row) if place != 4] for row in (FULL, WITHOUT_DATA)]
    assert p_of(candidates, independent, targets) == pytest.approx(stats.ttest_ind(*without_english).pvalue)
    with_average = stats.ttest_ind([*FULL, 51.7], [*WITHOUT_DATA, 48.3]).pvalue
    assert p_of(candidates, independent, averaged) == pytest.approx(with_average)


def test_the_finding(candidates: pandas.DataFrame) -> None:
    """Independent samples, equal variances, the column of averages counted as a sixteenth language."""
    ranked = rank_candidates(candidates)
    assert tuple(ranked.loc[0, ["test", "observations"]]) == CLOSEST
    assert ranked.loc[0, "residual"] < 0.02 < 0.09 < ranked.loc[1, "residual"]
    nearest = candidates[(candidates["test"] == CLOSEST[0]) & (candidates["observations"] == CLOSEST[1])]
    assert nearest["ratio"].between(1.02, 1.05).all()
    found = recompute(NAME)
    assert set(found.loc[found["rule"] == "t-test", "verdict"]) == {"follows", "rounding"}


def test_paired_tests_are_orders_of_magnitude_away(candidates: pandas.DataFrame) -> None:
    paired = candidates[candidates["test"] == "paired t"]
    assert (paired["ratio"] < 0.02).all()

"""Which test gives a paper's printed p-values: every candidate on the printed rows, beside what is printed.

The paper names the test in words alone ("two-tailed t-tests"). What is left open are the observations (languages with
or without the source, with or without the column of averages) and the kind of test; seeds cannot be tried, since no
value of one seed is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy
import pandas
from scipy import stats

from xbench.analysis.significance.wilcoxon import wilcoxon
from xbench.published.tables import PublishedTable

Test = Callable[[numpy.ndarray, numpy.ndarray], float]

TESTS: Mapping[str, Test] = {
    "independent t, equal variances": lambda a, b: float(stats.ttest_ind(a, b).pvalue),
    "independent t, unequal variances (Welch)": lambda a, b: float(stats.ttest_ind(a, b, equal_var=False).pvalue),
    "one-sample t, against the other row's mean": lambda a, b: float(stats.ttest_1samp(b, a.mean()).pvalue),
    "paired t": lambda a, b: float(stats.ttest_rel(a, b).pvalue),
    "paired Wilcoxon signed-rank, exact": lambda a, b: wilcoxon(a.tolist(), b.tolist()).p,
    "Mann-Whitney": lambda a, b: float(stats.mannwhitneyu(a, b).pvalue),
}
OBSERVATIONS = ("all languages", "target languages", "all languages and their average")
CLOSEST = ("independent t, equal variances", "all languages and their average")
DRAWS = 4000


def p_value_candidates(table: PublishedTable, baseline: str, source: str = "en") -> pandas.DataFrame:
    """p of every test over every set of observations, for each row of the table that has a printed p.

    Columns: row, printed, test, observations, n (a row's observations), p, ratio (p / printed).
    """
    rows = []
    for row, printed in _printed(table).items():
        for observations in OBSERVATIONS:
            first, second = (_values(table, name, observations, source) for name in (baseline, row))
            for test, p_of in TESTS.items():
                p = p_of(first, second)
                rows.append((row, float(printed), test, observations, len(first), p, p / float(printed)))
    return pandas.DataFrame(rows, columns=["row", "printed", "test", "observations", "n", "p", "ratio"])


def rank_candidates(candidates: pandas.DataFrame) -> pandas.DataFrame:
    """Candidates by their residual, nearest first: root mean square over rows of log10(p / printed)."""
    logs = candidates.assign(
        residual=numpy.log10(candidates["ratio"]) ** 2, worst=abs(numpy.log10(candidates["ratio"]))
    )
    groups = logs.groupby(["test", "observations", "n"], sort=False)
    found = groups.agg(residual=("residual", lambda values: float(numpy.sqrt(values.mean()))), worst=("worst", "max"))
    return found.reset_index().sort_values("residual", ignore_index=True, kind="stable")


def rounding_range(first: numpy.ndarray, second: numpy.ndarray, seed: int = 0) -> tuple[float, float]:
    """The smallest and largest p of the closest test among redrawn cells, each uniform within what rounds to its value.

    For two rows [observations] printed with one decimal.
    """
    draws = numpy.random.default_rng(seed)
    redrawn = [row + draws.uniform(-0.05, 0.05, (DRAWS, len(row))) for row in (first, second)]  # [draws, observations]
    found = stats.ttest_ind(*redrawn, axis=1).pvalue
    return float(found.min()), float(found.max())


def t_test_rows(table: PublishedTable, baseline: str) -> Iterator[dict[str, Any]]:
    """For `recompute`: the closest candidate for each printed p, and whether rounding explains the rest."""
    test, observations = CLOSEST
    for row, printed in _printed(table).items():
        first, second = (_values(table, name, observations, "en") for name in (baseline, row))
        low, high = rounding_range(first, second)
        value, p = float(printed), TESTS[test](first, second)
        yield {
            **_key(table, row),
            "printed": value,
            "recomputed": p,
            "tolerance": (high - low) / 2,
            "verdict": "follows" if f"{p:.1e}" == f"{value:.1e}" else "rounding" if low <= value <= high else "slip",
        }


def _printed(table: PublishedTable) -> dict[str, str]:
    cells = table.cells[table.cells["statistic"] == "p-value"]
    return dict(zip(cells["row"], cells["value"], strict=True))


def _key(table: PublishedTable, row: str) -> dict[str, str]:
    cells = table.cells[(table.cells["statistic"] == "p-value") & (table.cells["row"] == row)]
    return cells[["group", "row", "run", "column", "metric", "statistic"]].iloc[0].to_dict()


def _values(table: PublishedTable, row: str, observations: str, source: str) -> numpy.ndarray:
    cells = table.cells[table.cells["row"] == row]
    scores = cells[cells["statistic"] == "score"]
    if observations == "target languages":
        scores = scores[scores["language"] != source]
    values = scores["number"].to_numpy(dtype=float)
    if observations == "all languages and their average":
        values = numpy.append(values, cells.loc[cells["statistic"] == "average", "number"].to_numpy(dtype=float))
    return values

"""Numbers that follow from others: hand-computed, all of them flagged where they do not, none by rounding alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.published import recomputation
from xbench.published.recomputation import COLUMNS, checked, recompute, slips
from xbench.published.tables import PublishedTable, load_table, table_index

KEY = {"group": "", "row": "r", "run": "", "column": "Avg.", "metric": "accuracy", "statistic": "average"}


def one(table: str, row: str, column: str, group: str = "", run: str = "", statistic: str = "") -> dict[str, Any]:
    found = recompute(table)
    chosen = found[
        (found["row"] == row) & (found["column"] == column) & (found["group"] == group) & (found["run"] == run)
    ]
    chosen = chosen[chosen["statistic"] == statistic] if statistic else chosen
    (entry,) = chosen.to_dict("records")
    return entry


def test_what_does_not_follow_is_flagged_and_nothing_else() -> None:
    index = table_index()
    for name in index.loc[index["state"] == "here", "name"]:
        cells = load_table(name).cells
        flagged = cells[cells["flag"].str.contains("slip")]
        found = slips(name)
        assert list(found) == list(COLUMNS)
        keys = ["group", "row", "run", "column"]
        assert sorted(map(tuple, flagged[keys].values)) == sorted(map(tuple, found[keys].values)), name


def test_the_page_says_how_many_follow() -> None:
    index = table_index()
    names = index.loc[index["state"] == "here", "name"]
    verdicts = pandas.concat([recompute(name) for name in names])["verdict"].value_counts()
    page = " ".join((Path(__file__).resolve().parents[2] / "docs" / "published.md").read_text("utf-8").split())
    assert f"computes {verdicts.sum()} numbers again" in page
    follow, rounding, slip = (verdicts[name] for name in ("follows", "rounding", "slip"))
    assert f"Found: {follow} follow, {rounding} are within rounding, {slip} are slips" in page


def test_a_row_of_mpt_by_hand() -> None:
    entry = one("mpt/table-2", "w/o external data", "Avg.", "64")
    total = 47.3 + 48.7 + 49.4 + 48.8 + 52.8 + 50.3 + 50.6 + 46.8 + 47.1 + 42.2 + 48.6 + 47.2 + 46.0 + 49.4 + 49.5
    assert entry["recomputed"] == pytest.approx(total / 15) and entry["verdict"] == "follows"
    assert entry["tolerance"] == pytest.approx(0.1)


def test_known_slips_of_tu_et_al() -> None:
    entry = one("prefix/table-8", "FT", "avg EM", run="1")
    total = 60.5 + 51.5 + 50.4 + 51.0 + 62.5 + 49.6 + 45.3 + 44.7 + 56.7
    assert entry["recomputed"] == pytest.approx(total / 9) and entry["verdict"] == "slip"
    pawsx = one("prefix/table-6", "FT", "avg", run="1")
    assert pawsx["recomputed"] == pytest.approx(608.1 / 7) and pawsx["verdict"] == "slip"
    assert round((608.1 + 10) / 7, 1) == 88.3  # as its note says: es 91.4 in place of 81.4


def test_spreads_are_deviations_over_n_and_not_over_n_minus_one() -> None:
    found = recompute("prefix/table-1")
    spreads = found[found["statistic"] == "spread"]
    assert len(spreads) == 12 and (spreads["verdict"] == "follows").all()
    unbiased = spreads["recomputed"] * (5 / 4) ** 0.5
    assert (abs(unbiased - spreads["printed"]) > 0.05).sum() == 7


def test_polyprompts_average_is_that_of_ten_columns() -> None:
    entry = one("polyprompt/table-2", "Vanilla mT5", "Avg.", "In-language training")
    columns = [72.93, 57.22, 81.44, 70.78, 62.93, 44.61, 91.71, 93.99, 84.85, 69.52]
    assert entry["recomputed"] == pytest.approx(sum(columns) / 10) and entry["verdict"] == "follows"
    data_sets = [sum(columns[:2]) / 2, sum(columns[2:4]) / 2, sum(columns[4:6]) / 2, *columns[6:]]
    assert abs(sum(data_sets) / 7 - entry["printed"]) > 3  # what the caption says would be another number


def test_gaps_and_relative_differences_by_hand() -> None:
    gap = one("prefix/table-2", "Prompt Tuning", "XNLI")
    english = (88.5 + 88.7 + 88.8 + 89.1 + 89.0) / 5
    others = [
        [78.3, 82.8, 82.2, 82.5, 84.2, 83.0, 76.1, 80.4, 71.0, 77.6, 79.2, 72.5, 80.0, 78.3],
        [78.7, 82.9, 82.1, 82.8, 84.3, 83.2, 76.1, 80.4, 71.0, 77.6, 79.2, 72.5, 80.0, 78.3],
        [78.1, 82.7, 81.7, 81.9, 84.0, 83.2, 75.9, 80.7, 71.4, 77.5, 79.3, 72.5, 79.4, 78.7],
        [79.2, 83.2, 82.1, 82.4, 84.1, 83.0, 76.2, 80.8, 70.7, 77.7, 79.5, 72.5, 79.9, 78.4],
        [78.7, 83.2, 82.2, 82.8, 84.3, 83.4, 76.2, 80.8, 71.3, 77.9, 79.2, 72.5, 80.3, 78.2],
    ]
    assert gap["recomputed"] == pytest.approx(english - sum(map(sum, others)) / 70)
    ratio = one("prefix/table-4", "FT rel-diff (%)", "en-es", "Training on PAWS")
    assert ratio["recomputed"] == pytest.approx(100 * (92.1 / 13.2 - 1)) and ratio["verdict"] == "follows"


@pytest.mark.parametrize(
    ("recomputed", "verdict"),
    [(50.0, "follows"), (50.05, "follows"), (50.06, "rounding"), (49.9, "rounding"), (50.11, "slip"), (49.0, "slip")],
)
def test_verdicts(recomputed: float, verdict: str) -> None:
    assert checked(KEY, "50.0", recomputed, 0.05)["verdict"] == verdict


def table_of(scores: list[str], average: str) -> PublishedTable:
    cells = pandas.DataFrame(
        [KEY | {"column": str(place), "statistic": "score", "value": text} for place, text in enumerate(scores)]
        + [KEY | {"value": average}]
    )
    cells["number"] = cells["value"].astype(float)
    return PublishedTable("a/table-1", {"unit": "percent"}, cells)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=20))
def test_honest_rounding_is_never_a_slip_and_a_wrong_average_is(scores: list[float]) -> None:
    mean = sum(scores) / len(scores)
    for average, wrong in ((mean, False), (mean + 0.21, True)):
        table = table_of([f"{score:.1f}" for score in scores], f"{average:.1f}")
        (entry,) = recomputation._means(table, {})
        assert (entry["verdict"] == "slip") == wrong

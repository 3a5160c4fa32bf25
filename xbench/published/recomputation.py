"""Printed numbers that follow from other printed numbers, computed again.

Each rule of `derivations.csv` gives, for the numbers it is about, what follows from the cells they are made of, and how
far rounding of those cells and of the number itself can carry them apart at the worst. Verdicts: `follows` where the
recomputed number rounds to the printed one, `rounding` where the worst rounding explains the distance, and `slip`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy
import pandas

from xbench.published.p_values import t_test_rows
from xbench.published.tables import PublishedTable, decimals, load_table, read_derivations

KEY = ("group", "row", "run", "column", "metric", "statistic")
COLUMNS = ("table", *KEY, "rule", "printed", "recomputed", "difference", "tolerance", "verdict", "note")
SLACK = 1e-9  # of binary fractions
Row = dict[str, Any]


def recompute(table: PublishedTable | str) -> pandas.DataFrame:
    """Every number of a table that follows from others, with the columns `COLUMNS`; in the table's own unit.

    `difference` is recomputed minus printed. Raises RequestError for a table that there is not.
    """
    table = load_table(table) if isinstance(table, str) else table
    rules = read_derivations()
    rows = [
        {"table": table.name, "note": rule["note"], **row, "rule": rule["rule"]}
        for rule in rules[rules["table"] == table.name].to_dict("records")
        for row in RULES[rule["rule"]](table, rule)
    ]
    return pandas.DataFrame(rows, columns=list(COLUMNS))


def slips(table: PublishedTable | str) -> pandas.DataFrame:
    """The numbers of a table that do not follow, whatever was rounded."""
    found = recompute(table)
    return found[found["verdict"] == "slip"]


def checked(key: Mapping[str, str], printed: str, recomputed: float, from_inputs: float) -> Row:
    """A row of `recompute`; `from_inputs` is what rounding of the inputs can do to the recomputed number."""
    half = 0.5 * 10.0 ** -decimals(printed)
    value = float(printed)
    distance = abs(recomputed - value)
    verdict = (
        "follows" if distance <= half + SLACK else "rounding" if distance <= half + from_inputs + SLACK else "slip"
    )
    return {
        **key,
        "printed": value,
        "recomputed": recomputed,
        "difference": recomputed - value,
        "tolerance": half + from_inputs,
        "verdict": verdict,
    }


def _half_step(table: PublishedTable, statistic: str) -> float:
    """Half of the last printed place of a table's numbers; a zero left off at the end is a place as well."""
    cells = table.cells[table.cells["statistic"] == statistic]
    return float(0.5 * 10.0 ** -cells["value"].map(decimals).max())


def _means(table: PublishedTable, rule: Mapping[str, str]) -> Iterator[Row]:
    """Averages of a row's scores; of those of its metric, or of all where the average is of several metrics."""
    half = _half_step(table, "score")
    for _, row in table.cells.groupby(["group", "row", "run"], sort=False):
        scores = row[row["statistic"] == "score"]
        for cell in row[row["statistic"] == "average"].to_dict("records"):
            of_metric = scores[scores["metric"] == cell["metric"]]
            chosen = of_metric if len(of_metric) else scores
            yield checked(_key(cell), cell["value"], float(chosen["number"].mean()), half)


def _same(table: PublishedTable, rule: Mapping[str, str]) -> Iterator[Row]:
    """Cells that stand in two tables."""
    mine = _chosen(table.cells, rule["group"], rule["row"], rule["column"])
    theirs = _chosen(load_table(rule["source"]).cells, rule["source_group"], rule["source_row"], rule["source_column"])
    others = dict(zip(theirs["column"], theirs["value"], strict=True))
    for cell in mine.to_dict("records"):
        name = rule["source_column"] or cell["column"]
        if name in others:
            yield checked(_key(cell), cell["value"], float(others[name]), 0.0)


def _means_of_runs(table: PublishedTable, rule: Mapping[str, str]) -> Iterator[Row]:
    """Mean and standard deviation over runs of printed averages; the deviation over all runs (divided by n)."""
    source = load_table(rule["source"])
    averages = _runs(source, rule, "average")["number"]
    half = _half_step(source, "average")
    (cell,) = _chosen(table.cells, rule["group"], rule["row"], rule["column"]).to_dict("records")
    yield checked(_key(cell), cell["value"], float(averages.mean()), half)
    # A deviation changes by no more than its values do.
    spread = {**_key(cell), "statistic": "spread"}
    yield {
        **checked(spread, cell["spread"], float(numpy.std(averages)), half),
        "note": "standard deviation over n runs",
    }


def _gaps(table: PublishedTable, rule: Mapping[str, str]) -> Iterator[Row]:
    """Source minus mean of the other languages, averaged over runs; two means of rounded cells."""
    source = load_table(rule["source"])
    scores = _runs(source, rule, "score")
    english = scores["language"] == "en"
    (cell,) = _chosen(table.cells, rule["group"], rule["row"], rule["column"]).to_dict("records")
    gap = scores.loc[english, "number"].mean() - scores.loc[~english, "number"].mean()
    yield checked(_key(cell), cell["value"], float(gap), 2 * _half_step(source, "score"))


def _relative_differences(table: PublishedTable, rule: Mapping[str, str]) -> Iterator[Row]:
    """100 (pairs / other pairs - 1), from the rows `X` and `X-neg` above a row `X rel-diff (%)`."""
    half = _half_step(table, "score")
    cells = table.cells.set_index(["group", "row", "column"])["number"]
    for cell in table.cells[table.cells["statistic"] == "relative-difference"].to_dict("records"):
        name = cell["row"].partition(" ")[0]
        pairs, others = (cells[cell["group"], row, cell["column"]] for row in (name, f"{name}-neg"))
        value = 100 * (pairs / others - 1)
        farthest = 100 * ((pairs + half) / (others - half) - 1)
        yield checked(_key(cell), cell["value"], value, farthest - value)


def _t_tests(table: PublishedTable, rule: Mapping[str, str]) -> Iterator[Row]:
    """p-values, by the test that comes closest; the tolerance is that of redrawn rounding."""
    for row in t_test_rows(table, rule["source_row"]):
        yield {**row, "difference": row["recomputed"] - row["printed"]}


def _key(cell: Mapping[str, Any]) -> Row:
    return {name: cell[name] for name in KEY}


def _chosen(cells: pandas.DataFrame, group: str, row: str, column: str) -> pandas.DataFrame:
    """The cells of a group, row and column; an empty name takes all."""
    wanted = pandas.Series(True, index=cells.index)
    for name, value in (("group", group), ("row", row), ("column", column)):
        if value:
            wanted &= cells[name] == value
    return cells[wanted]


def _runs(source: PublishedTable, rule: Mapping[str, str], statistic: str) -> pandas.DataFrame:
    cells = _chosen(source.cells, rule["source_group"], rule["source_row"], rule["source_column"])
    return cells[(cells["statistic"] == statistic) & (cells["metric"] == rule["metric"])]


RULES: Mapping[str, Callable[[PublishedTable, Mapping[str, str]], Iterator[Row]]] = {
    "mean": _means,
    "same": _same,
    "mean-of-runs": _means_of_runs,
    "gap": _gaps,
    "relative-difference": _relative_differences,
    "t-test": _t_tests,
}

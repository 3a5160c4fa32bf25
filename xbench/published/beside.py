"""Measured results beside published ones, wherever a published number may stand (`xbench.published.matching`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas

from xbench.analysis.adapted_values import values_by_seed
from xbench.published.matching import differences
from xbench.published.systems import CONDITIONS, printed_numbers

COLUMNS = (
    *("task", "method", "variant", "model", "data", "setting", "shots", "language", "metric"),
    *("measured", "seeds", "published", "difference", "paper_table", "row", "flag", "system"),
)
AVERAGE, GAP = "average", "gap"
NUMBER = ["paper_table", "row", *CONDITIONS, "language", "languages"]


def published_results() -> pandas.DataFrame:
    """Printed scores, averages and gaps of the systems that are methods here, as fractions.

    The columns `NUMBER`, published (the mean of runs that a table lists one by one) and flag. `language` is `average`
    or `gap` of what is over several, `languages` those that it is over.
    """
    numbers = printed_numbers()
    numbers = numbers[numbers["languages"].map(bool)]
    one = numbers["languages"].map(lambda languages: languages[0] if len(languages) == 1 else AVERAGE)
    numbers["language"] = one.where(numbers["statistic"] != GAP, GAP)
    groups = numbers.groupby(NUMBER, sort=False)
    return groups.agg(published=("published", "mean"), flag=("flag", _flags)).reset_index()


def beside(results: pandas.DataFrame) -> pandas.DataFrame:
    """Measured means over seeds beside published numbers, with the columns `COLUMNS`; fractions.

    `results` is what `load_results(...).to_pandas()` gives. An average or a gap is compared where the languages that
    it is over were measured.
    """
    published = dict(iter(published_results().groupby(["task", "method", "variant", "metric"], sort=False)))
    alike = ["task", "method", "variant", "metric", "system"]
    rows = [
        row
        for key, measured in results.groupby(alike, sort=False)
        if key[:-1] in published
        for row in _rows(measured, published[key[:-1]])
    ]
    order = ["task", "paper_table", "row", "shots", "system", "language"]
    return pandas.DataFrame(rows, columns=list(COLUMNS)).sort_values(order, ignore_index=True)


def _rows(measured: pandas.DataFrame, published: pandas.DataFrame) -> Iterator[dict[str, Any]]:
    """The published numbers that may stand beside one system's on one task, each with the measured mean."""
    values = values_by_seed(measured)
    for printed in published.to_dict("records"):
        inside = values["language"].isin(printed["languages"])
        if differences(measured[measured["language"].isin(printed["languages"])], printed):
            continue
        by_language = values[inside].groupby("language")["value"].mean()
        value = by_language.mean()
        if printed["language"] == GAP:
            value = by_language[printed["source"]] - by_language.drop(printed["source"]).mean()
        yield {
            **printed,
            **{name: measured.iloc[0][name] for name in ("model", "data", "system")},
            "measured": float(value),
            "seeds": int(values[inside].groupby("language")["seed"].nunique().min()),
            "difference": float(value) - printed["published"],
        }


def _flags(flags: pandas.Series[str]) -> str:
    return " ".join(sorted({flag for flag in flags if flag}))

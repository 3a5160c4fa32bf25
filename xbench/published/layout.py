"""Published tables as people read them: a row for each system, a column for each printed column; remarks; checks."""

from __future__ import annotations

from collections.abc import Iterator

import pandas

from xbench.published.tables import PublishedTable

MARK = "!"


def as_printed(table: PublishedTable) -> pandas.DataFrame:
    """The table's texts, with `value ± spread` where there is a spread, and `!` behind a flagged number."""
    cells = table.cells
    texts = cells["value"].where(cells["spread"] == "", cells["value"] + " ± " + cells["spread"])
    texts = texts.where(cells["flag"].isin(["", "label"]), texts + MARK)  # a label is about whole rows
    names = [name for name in ("group", "row", "run") if (cells[name] != "").any()]
    keys = list(cells[names].itertuples(index=False, name=None))
    columns = list(dict.fromkeys(cells["column"]))
    found = dict(zip(zip(keys, cells["column"], strict=True), texts, strict=True))
    rows = [[*key, *(found.get((key, column), "") for column in columns)] for key in dict.fromkeys(keys)]
    return pandas.DataFrame(rows, columns=[*names, *columns])


def remarks(table: PublishedTable) -> Iterator[str]:
    """A line for each flag and note: which numbers they are about."""
    flagged = table.cells[table.cells["flag"] != ""]
    for (flag, note), cells in flagged.groupby(["flag", "note"], sort=False):
        first = cells.iloc[0]
        place = ", ".join(first[name] for name in ("group", "row", "run", "column") if first[name])
        others = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        yield f"{flag}: {place} ({first['value']}){others}: {note}."


def for_people(checks: pandas.DataFrame) -> pandas.DataFrame:
    """What `recompute` gives with the place of a number in one column, without notes."""
    names = ["group", "row", "run", "column"]
    places = [", ".join(part for part in parts if part) for parts in checks[names].values]
    places = [
        f"{place} ({what})" if what == "spread" else place
        for place, what in zip(places, checks["statistic"], strict=True)
    ]
    kept = checks[["table", "rule", "printed", "recomputed", "difference", "verdict"]].copy()
    kept.insert(1, "number", places)
    return kept

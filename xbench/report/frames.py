"""Any data frame as a table for terminals, csv, json, Markdown or LaTeX.

csv and json hold every number in full; the others show what `text` makes of a value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection
from typing import IO, Any

import pandas

from xbench.report.formats import check_format
from xbench.report.grids import print_grid
from xbench.report.table_text import latex_table, markdown_table
from xbench.report.terminal import make_console

Text = Callable[[str, Any], str]


def plain_text(column: str, value: Any) -> str:
    """A value as people read it: floats with four significant digits, nothing where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def write_frame(
    frame: pandas.DataFrame,
    format: str,
    file: IO[str],
    *,
    title: str = "",
    text: Text = plain_text,
    numbers: Collection[str] = (),
) -> None:
    """Writes a frame in one of the formats `table`, `csv`, `json`, `markdown` and `latex`.

    Columns of numbers are aligned to the right, and those of texts that `numbers` names. Raises RequestError for a
    format that there is not.
    """
    check_format(format)
    if format == "csv":
        frame.to_csv(file, index=False, lineterminator="\n")
        return
    if format == "json":
        # pandas' own writer keeps 15 decimals, which is little of a small p.
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        file.write(json.dumps(records, ensure_ascii=False, indent=1, default=_plain) + "\n")
        return
    names = list(frame)
    rows = [[text(name, value) for name, value in zip(names, row, strict=True)] for row in frame.values.tolist()]
    right = [name in numbers or _is_number(frame[name]) for name in names]
    if format == "table":
        print_grid(make_console(file), names, rows, right, title)
    elif format == "markdown":
        lines = [f"**{title}**", ""] if title else []
        file.write("\n".join([*lines, *markdown_table(names, rows, right), "", ""]))
    else:
        lines = [f"% {title}"] if title else []
        file.write("\n".join([*lines, *latex_table(names, rows, right), ""]))


def _plain(value: Any) -> Any:
    """A scalar of numpy as Python's own."""
    return value.item() if hasattr(value, "item") else str(value)


def _is_number(column: pandas.Series) -> bool:
    return pandas.api.types.is_numeric_dtype(column) and column.dtype.kind != "b"

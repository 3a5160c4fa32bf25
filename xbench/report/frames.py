"""Any data frame as a table for terminals, csv, json, Markdown or LaTeX.

csv and json hold every number in full; the others show what `text` makes of a value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import IO, Any

import pandas

from xbench.report.formats import check_format
from xbench.report.terminal import make_console

LONGEST_WORD = 16  # what is longer may be folded
Text = Callable[[str, Any], str]


def plain_text(column: str, value: Any) -> str:
    """A value as people read it: floats with four significant digits, nothing where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def write_frame(
    frame: pandas.DataFrame, format: str, file: IO[str], *, title: str = "", text: Text = plain_text
) -> None:
    """Writes a frame in one of the formats `table`, `csv`, `json`, `markdown` and `latex`.

    Raises RequestError for a format that there is not.
    """
    check_format(format)
    if format == "csv":
        frame.to_csv(file, index=False, lineterminator="\n")
    elif format == "json":
        # pandas' own writer keeps 15 decimals, which is little of a small p.
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        file.write(json.dumps(records, ensure_ascii=False, indent=1, default=_plain) + "\n")
    else:
        rows = [[text(name, value) for name, value in zip(frame, row, strict=True)] for row in frame.values.tolist()]
        write = {"table": _table, "markdown": _markdown, "latex": _latex}[format]
        write(title, list(frame), _numeric(frame), rows, file)


def _plain(value: Any) -> Any:
    """A scalar of numpy as Python's own."""
    return value.item() if hasattr(value, "item") else str(value)


def _numeric(frame: pandas.DataFrame) -> list[bool]:
    return [pandas.api.types.is_numeric_dtype(kind) and kind.kind != "b" for kind in frame.dtypes]


def _table(title: str, names: list[str], numeric: list[bool], rows: list[list[str]], file: IO[str]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = make_console(file)
    grid = Table(title=Text(title) if title else None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    whole = [right or width <= LONGEST_WORD for right, width in zip(numeric, widths, strict=True)]
    for name, right, fixed in zip(names, numeric, whole, strict=True):
        grid.add_column(Text(name), justify="right" if right else "left", no_wrap=fixed, overflow="fold")
    for row in rows:
        grid.add_row(*map(Text, row))
    # Numbers are never cut: long texts fold, and where that is not enough a terminal wraps lines itself.
    least = [width if fixed else LONGEST_WORD for width, fixed in zip(widths, whole, strict=True)]
    console.width = max(console.width, sum(least) + 3 * len(least))
    console.print(grid)


def _markdown(title: str, names: list[str], numeric: list[bool], rows: list[list[str]], file: IO[str]) -> None:
    def line(cells: list[str]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace('<', '&lt;') for cell in cells)} |\n"

    file.write(f"**{title}**\n\n" if title else "")
    file.write(line(names) + line(["--:" if right else "---" for right in numeric]))
    file.writelines(map(line, rows))
    file.write("\n")


def _latex(title: str, names: list[str], numeric: list[bool], rows: list[list[str]], file: IO[str]) -> None:
    from xbench.report.formats import LATEX

    def line(cells: list[str]) -> str:
        return " & ".join("".join(LATEX.get(sign, sign) for sign in cell) for cell in cells) + r" \\" + "\n"

    file.write(f"% {title}\n" if title else "")
    file.write(rf"\begin{{tabular}}{{{''.join('r' if right else 'l' for right in numeric)}}}" + "\n\\toprule\n")
    file.write(line(names) + "\\midrule\n")
    file.writelines(map(line, rows))
    file.write("\\bottomrule\n\\end{tabular}\n")

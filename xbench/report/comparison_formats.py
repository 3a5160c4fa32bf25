"""Comparisons in five formats: tables for terminals, pages and papers; one row a pair as csv; everything as json."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

import numpy

from xbench.analysis.compare import Comparisons, examples_to_pandas, to_pandas
from xbench.report.comparison import Grid, grids, notes, title
from xbench.report.formats import LATEX, check_format
from xbench.report.terminal import make_console

UNBOUNDED = 10_000


def write_comparisons(comparisons: Sequence[Comparisons], name: str, file: IO[str]) -> None:
    """Writes comparisons in the format `name`; csv and json hold fractions. Raises RequestError for an unknown one."""
    check_format(name)
    if name == "csv":
        frame = examples_to_pandas if any(group.examples for group in comparisons) else to_pandas
        frame(comparisons).to_csv(file, index=False, lineterminator="\n")
    elif name == "json":
        json.dump([as_json(group) for group in comparisons], file, ensure_ascii=False, indent=1, allow_nan=False)
        file.write("\n")
    elif name == "table":
        for group in comparisons:
            _print(group, file)
    else:
        write = _markdown if name == "markdown" else _latex
        file.write("\n".join(write(group) for group in comparisons))


def as_json(comparisons: Comparisons) -> dict[str, Any]:
    """Plain JSON types; what is no number is null."""
    return {
        "conditions": comparisons.conditions._asdict(),
        "warning": title(comparisons)[1],
        "systems": list(comparisons.systems),
        "blocks": [_plain(asdict(block)) for block in comparisons.blocks],
        "examples": [_plain(asdict(row)) for row in comparisons.examples],
        "notes": notes(comparisons),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, numpy.ndarray)):
        return [_plain(entry) for entry in value]
    if isinstance(value, numpy.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print(comparisons: Comparisons, file: IO[str]) -> None:
    from rich import box
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    console = make_console(file)
    heading, warning = title(comparisons)
    console.print()
    console.print(heading, style="bold")
    if warning:
        console.print(warning, style="yellow")
    width = console.width
    unbounded = console.options.update(max_width=UNBOUNDED)
    for grid in grids(comparisons):
        table = Table(
            title=Text(grid.caption, style="bold"),
            title_justify="left",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            collapse_padding=True,
        )
        for index, name in enumerate(grid.header):
            table.add_column(Text(name), justify="right" if index else "left", no_wrap=True)
        for row in grid.rows:
            table.add_row(*map(Text, row))
        # Nothing is cut: a terminal that is narrower wraps lines itself.
        console.width = max(width, Measurement.get(console, unbounded, table).maximum)
        console.print()
        console.print(table)
        console.width = width
        if grid.note:
            console.print(grid.note)
    for note in notes(comparisons):
        console.print(note, style="dim")


def _markdown(comparisons: Comparisons) -> str:
    heading, warning = title(comparisons)
    lines = [f"## {_escaped(heading)}", ""]
    lines += [f"**{warning}**", ""] if warning else []
    for grid in grids(comparisons):
        rows = [_one_line(grid.header), ("---", *["--:"] * (len(grid.header) - 1)), *grid.rows]
        lines += [f"### {_escaped(grid.caption)}", ""]
        lines += [f"| {' | '.join(row if row[:2] == '--' else _escaped(row) for row in cells)} |" for cells in rows]
        lines += ["", *([_escaped(grid.note), ""] if grid.note else [])]
    return "\n".join([*lines, *(f"- {_escaped(note)}" for note in notes(comparisons)), ""])


def _escaped(text: str) -> str:
    for character in "\\|<*_`[]":
        text = text.replace(character, "&lt;" if character == "<" else f"\\{character}")
    return text


def _latex(comparisons: Comparisons) -> str:
    heading, warning = title(comparisons)
    lines = [f"% {line}" for line in (heading, warning) if line]
    for grid in grids(comparisons):
        lines += _latex_table(grid, ". ".join(part.rstrip(".") for part in (grid.caption, heading, warning) if part))
    return "\n".join([*lines, *(f"% {note}" for note in notes(comparisons)), ""])


def _latex_table(grid: Grid, caption: str) -> list[str]:
    rows = [" & ".join(map(_latex_text, row)) + r" \\" for row in (_one_line(grid.header), *grid.rows)]
    return [
        r"\begin{table}",
        rf"\caption{{{_latex_text(caption)}.{' ' + _latex_text(grid.note) if grid.note else ''}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(grid.header) - 1)}}}",
        *(r"\toprule", rows[0], r"\midrule", *rows[1:], r"\bottomrule", r"\end{tabular}", r"\end{table}"),
    ]


def _latex_text(text: str) -> str:
    more = {"−": "$-$", "≤": r"$\leq$"}
    return "".join(more.get(character, LATEX.get(character, character)) for character in text)


def _one_line(header: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.replace("-\n", "-").replace("\n", " ") for name in header)

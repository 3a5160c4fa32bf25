"""Comparisons in five formats: tables for terminals, pages and papers; one row a pair as csv; everything as json."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

import numpy

from xbench.analysis.compare import Comparisons, examples_to_pandas, to_pandas
from xbench.report.comparison import grids, notes, title
from xbench.report.formats import check_format
from xbench.report.grids import print_grid
from xbench.report.table_text import after_first, latex_table, markdown_table, markdown_text, sentences
from xbench.report.terminal import make_console


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
    console = make_console(file)
    heading, warning = title(comparisons)
    console.print()
    console.print(heading, style="bold")
    if warning:
        console.print(warning, style="yellow")
    for grid in grids(comparisons):
        console.print()
        print_grid(console, grid.header, grid.rows, after_first(grid.header), grid.caption)
        if grid.note:
            console.print(grid.note)
    for note in notes(comparisons):
        console.print(note, style="dim")


def _markdown(comparisons: Comparisons) -> str:
    heading, warning = title(comparisons)
    lines = [f"## {markdown_text(heading)}", ""]
    lines += [f"**{warning}**", ""] if warning else []
    for grid in grids(comparisons):
        lines += [f"### {markdown_text(grid.caption)}", ""]
        lines += [*markdown_table(grid.header, grid.rows, after_first(grid.header)), ""]
        lines += [markdown_text(grid.note), ""] if grid.note else []
    return "\n".join([*lines, *(f"- {markdown_text(note)}" for note in notes(comparisons)), ""])


def _latex(comparisons: Comparisons) -> str:
    heading, warning = title(comparisons)
    lines = [f"% {line}" for line in (heading, warning) if line]
    for grid in grids(comparisons):
        caption = sentences(grid.caption, heading, warning, grid.note)
        lines += latex_table(grid.header, grid.rows, after_first(grid.header), caption)
    return "\n".join([*lines, *(f"% {note}" for note in notes(comparisons)), ""])

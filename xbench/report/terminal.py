"""Result tables on a terminal."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import IO, TYPE_CHECKING

from xbench.analysis.results import Results, load_results
from xbench.report import wording
from xbench.report.result_table import BASELINE, ResultTable, TaskTable, result_tables
from xbench.store import RunStore

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH_OF_A_FILE = 120
LEAST_NAME = 9


def print_result_table(
    results: Results | RunStore | str | os.PathLike[str],
    *,
    baseline: str = BASELINE,
    cells: Collection[str] | None = None,
    file: IO[str] | None = None,
) -> None:
    """Prints the tables of results, or of a run store's cells of these ids, to `file` (standard output).

    Raises StoreError for a prediction file that is missing or damaged.
    """
    if not isinstance(results, Results):
        results = load_results(results.path if isinstance(results, RunStore) else results)
    if cells is not None:
        results = results.only(cells)
    console = make_console(file)
    for table in result_tables(results, baseline):
        _print_table(console, table)


def make_console(file: IO[str] | None = None) -> Console:
    """A console that takes texts as they are; a file or a pipe is wide enough for a table."""
    from rich.console import Console

    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_OF_A_FILE
    return console


def _print_table(console: Console, table: ResultTable) -> None:
    console.print()
    console.print(table.title, style="bold")
    if table.warning:
        console.print(table.warning, style="yellow")
    for task in table.tasks:
        console.print()
        console.print(_grid(task, console))
    for note in wording.all_notes(table):
        console.print(note, style="dim")


def _grid(table: TaskTable, console: Console) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = Text(wording.caption(table), style="bold")
    grid = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    rows, header = wording.body(table), wording.header(table)
    grid.add_column(Text(header[0]), overflow="fold")
    widths = [
        max(len(line) for cell in column for line in cell.split("\n")) for column in zip(header, *rows, strict=True)
    ]
    for name, width in zip(header[1:], widths[1:], strict=True):
        grid.add_column(Text(name), justify="right", width=width)
    for row in rows:
        grid.add_row(*map(Text, row))
    # A number is never cut: method names fold where the terminal is narrow, and after that it wraps lines itself.
    console.width = max(console.width, sum(widths[1:]) + 2 * len(widths) + LEAST_NAME)
    return grid

"""Result tables on a terminal."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import IO, TYPE_CHECKING

from xbench.analysis.results import Results, load_results
from xbench.report import wording
from xbench.report.grids import print_grid
from xbench.report.result_table import BASELINE, ResultTable, result_tables
from xbench.report.table_text import after_first
from xbench.store import RunStore

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_A_FILE = 120


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
        header = wording.header(task)
        console.print()
        print_grid(console, header, wording.body(task), after_first(header), wording.caption(task))
    for note in wording.all_notes(table):
        console.print(note, style="dim")

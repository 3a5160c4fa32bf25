"""Tables on a terminal: numbers are never cut, long texts fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

LONGEST_WORD = 16  # what is longer may be folded


def print_grid(
    console: Console,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    title: str = "",
) -> None:
    """Prints a table; `right` says which columns hold numbers, aligned to the right.

    Texts fold where a terminal is narrow, and after that it wraps lines itself; a file or a pipe gets whole lines.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if title:
        console.print(title, style="bold")
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    widths = [_width(column) for column in zip(header, *rows, strict=True)]
    kept = [side or width <= LONGEST_WORD or not console.is_terminal for side, width in zip(right, widths, strict=True)]
    for name, side, whole in zip(header, right, kept, strict=True):
        grid.add_column(Text(name), justify="right" if side else "left", no_wrap=whole, overflow="fold")
    for row in rows:
        grid.add_row(*map(Text, row))
    usual = console.width
    least = [width if whole else LONGEST_WORD for width, whole in zip(widths, kept, strict=True)]
    console.width = max(usual, sum(least) + 2 * len(least))
    console.print(grid)
    console.width = usual


def _width(cells: Sequence[str]) -> int:
    """Columns of a terminal that the widest line takes."""
    from rich.cells import cell_len

    return max(cell_len(line) for cell in cells for line in cell.split("\n"))

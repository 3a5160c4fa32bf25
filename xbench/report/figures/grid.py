"""Coloured cells for heat maps, drawn as shapes: sharp at any size, and the same bytes on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from xbench.report.figures.style import SEQUENTIAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Not quite black and white: pages turn pure black into their own text colour, which must not happen on a coloured cell.
ON_BRIGHT, ON_DARK = "#010101", "#fefefe"


def draw_grid(axis: Axes, values: numpy.ndarray, low: float, high: float) -> None:
    """Cells [rows, columns], the first row on top, with centres at whole numbers; NaN stays empty."""
    rows, columns = values.shape
    edges = numpy.arange(columns + 1) - 0.5, numpy.arange(rows + 1) - 0.5
    axis.pcolormesh(*edges, numpy.ma.masked_invalid(values), cmap=SEQUENTIAL, vmin=low, vmax=high)
    axis.invert_yaxis()

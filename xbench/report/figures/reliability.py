"""Reliability diagrams (Guo et al. 2017, figure 1): accuracy against confidence, one panel a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.report.figures.style import COLORS, GREY, Spaces, Used, new_figure
from xbench.report.numbers import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xbench.diagnosis.calibration import Calibration

COLUMNS = 4
SPACES = Spaces(left=0.55, right=0.15, bottom=0.45, top=0.25, columns=0.4, rows=0.65)


def reliability_figure(calibration: Calibration, *, used: Used | None = None) -> Figure:
    """A bar under the diagonal: the system is surer than it is right. Bars are as opaque as their bin is full.

    `used` as in `new_figure`.
    """
    from matplotlib.collections import PolyCollection

    summary = calibration.summary
    count = max(len(summary), 1)
    rows = -(-count // COLUMNS)
    columns = min(count, COLUMNS)
    width, height = 1.75 * columns + 0.5, 1.75 * rows + 0.3
    figure, axes = new_figure(width, height, rows=rows, columns=columns, spaces=SPACES, used=used)
    for axis in axes[len(summary) :]:
        axis.set_axis_off()
    for place, (axis, row) in enumerate(zip(axes, summary.itertuples(), strict=False)):
        bins = calibration.bins[calibration.bins["language"] == row.language]
        shares = bins["n"] / bins["n"].max()
        axis.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--")
        colors = [(COLORS[0], 0.25 + 0.75 * share) for share in shares]
        sides = zip(bins["lower"], bins["upper"], bins["accuracy"], strict=True)
        bars = [[(left, 0), (left, height), (right, height), (right, 0)] for left, right, height in sides]
        axis.add_collection(PolyCollection(bars, facecolors=colors))
        axis.set_xlim(0, 1)
        axis.set_ylim(0, 1)
        axis.set_xticks([0, 0.5, 1], ["0", "50", "100"])
        axis.set_yticks([0, 0.5, 1], ["0", "50", "100"])
        axis.set_title(f"{row.language}  ECE {number(row.ece)}", loc="left", fontsize=9, y=1.0)
        if place % columns == 0:
            axis.set_ylabel("accuracy")
        if place + columns >= len(summary):
            label = axis.set_xlabel("confidence")
            label.set_in_layout(place // columns == rows - 1)  # above a gap in the last row there is room
    return figure

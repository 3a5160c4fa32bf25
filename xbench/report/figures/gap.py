"""Source and mean of targets of every system, and the gap between them."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from xbench.report.figures.style import COLORS, GREY, SMALL, fitted, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LETTERS = 17  # of the smallest text in an inch


def name_conditions(figure: Figure, frame: pandas.DataFrame) -> None:
    """Says above a figure what it is of, and that sample data are sample data."""
    first = frame.iloc[0]
    size = f"{first['shots']} shots" if str(first["shots"]).isdigit() else first["shots"]
    text = " · ".join([first["model"], f"{first['data']} data", first["setting"], size])
    if first["data"] == "sample":
        text += " (shows the machinery, not results about real models)"
    lines = textwrap.wrap(text, round(LETTERS * figure.get_figwidth()))
    figure.suptitle("\n".join(lines), fontsize=SMALL, color=GREY, x=0.01, ha="left")


def gap_figure(frame: pandas.DataFrame) -> Figure:
    """`frame` as `gap_frame` gives it, of one set of conditions; a panel a task, the smallest gap on top.

    A filled dot is the mean of targets, a ring the source, the line between them the gap, times 100 beside it
    with its 95 % interval, which is also the pale band around the dot: where the targets may lie, seen from the source.
    The dashed line is chance on the source.
    """
    tasks = list(dict.fromkeys(frame["task"]))
    rows = int(frame.groupby("task").size().max())
    figure, axes = new_figure(1.1 + 3.1 * len(tasks), 1.45 + 0.28 * rows, columns=len(tasks))
    for axis, task in zip(axes, tasks, strict=True):
        part = frame[(frame["task"] == task) & frame["gap"].notna()].sort_values("gap", ascending=False)
        _panel(axis, part)
        axis.set_title(f"{task}, {frame.loc[frame['task'] == task, 'metric'].iloc[0]}", loc="left", fontsize=9)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)
    name_conditions(figure, frame)
    return figure


def _panel(axis: Axes, part: pandas.DataFrame) -> None:
    blue, orange = COLORS[:2]
    for place, row in enumerate(part.itertuples()):
        source, targets = 100 * row.source_value, 100 * row.targets_value
        first = not place  # the legend names each kind once
        text = f"{100 * row.gap:+.1f}"
        if not math.isnan(row.gap_low):
            text += f" [{100 * row.gap_low:+.1f}, {100 * row.gap_high:+.1f}]"
            ends = [min(max(source - 100 * end, 0), 100) for end in (row.gap_high, row.gap_low)]
            label = "gap's 95 % interval" if first else None
            axis.plot(ends, [place, place], color=blue, alpha=0.25, linewidth=7, solid_capstyle="butt", label=label)
        axis.plot([targets, source], [place, place], color=GREY, linewidth=1.2)
        axis.plot([targets], [place], "o", color=blue, markersize=5, label="targets, mean" if first else None)
        label = f"source ({row.source})" if first else None
        axis.plot([source], [place], "o", color=orange, markerfacecolor="white", markersize=5, label=label)
        beside = axis.get_yaxis_transform()
        axis.text(1.02, place, text, transform=beside, va="center", fontsize=SMALL)
    if part["chance"].notna().any():
        level = 100 * part["chance"].dropna().iloc[0]
        axis.axvline(level, color=GREY, linestyle="--", linewidth=0.8, zorder=0, label="chance")
    axis.set_yticks(range(len(part)), map(fitted, part["method"]))
    axis.set_ylim(-0.6, max(len(part), 1) - 0.4)
    axis.locator_params(axis="x", nbins=5)
    axis.tick_params(axis="y", length=0)

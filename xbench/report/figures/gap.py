"""Source and mean of targets of every system, and the gap between them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xbench.report.figures.style import COLORS, GREY, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


def name_conditions(figure: Figure, frame: pandas.DataFrame) -> None:
    """Says above a figure what it is of, and that sample data are sample data."""
    first = frame.iloc[0]
    size = f"{first['shots']} shots" if str(first["shots"]).isdigit() else first["shots"]
    text = " · ".join([first["model"], f"{first['data']} data", first["setting"], size])
    if first["data"] == "sample":
        text += " (shows the machinery, not results about real models)"
    figure.suptitle(text, fontsize=7, color=GREY, x=0.01, ha="left")


def gap_figure(frame: pandas.DataFrame) -> Figure:
    """`frame` as `gap_frame` gives it, of one set of conditions; a panel a task, the smallest gap on top.

    A filled dot is the mean of targets, a ring the source, the line between them the gap, times 100 beside it
    with its 95 % interval. The dashed line is chance on the source.
    """
    tasks = list(dict.fromkeys(frame["task"]))
    rows = int(frame.groupby("task").size().max())
    figure, axes = new_figure(1.2 + 3.2 * len(tasks), 0.9 + 0.3 * rows, columns=len(tasks))
    for axis, task in zip(axes, tasks, strict=True):
        part = frame[(frame["task"] == task) & frame["gap"].notna()].sort_values("gap", ascending=False)
        for place, row in enumerate(part.itertuples()):
            source, targets = 100 * row.source_value, 100 * row.targets_value
            first = not place  # the legend names each kind once
            label = f"source ({row.source})" if first else None
            axis.plot([targets, source], [place, place], color=GREY, linewidth=1.5, zorder=1)
            axis.plot([targets], [place], "o", color=COLORS[0], zorder=2, label="targets, mean" if first else None)
            axis.plot([source], [place], "o", color=COLORS[1], markerfacecolor="white", zorder=2, label=label)
            right = max(source, targets)
            known = not math.isnan(row.gap_low)
            text = f"{100 * row.gap:+.1f}" + (
                f" [{100 * row.gap_low:+.1f}, {100 * row.gap_high:+.1f}]" if known else ""
            )
            axis.annotate(text, (right, place), (6, 0), textcoords="offset points", va="center", fontsize=7)
        if part["chance"].notna().any():
            axis.axvline(
                100 * part["chance"].dropna().iloc[0], color=GREY, linestyle="--", linewidth=0.8, label="chance"
            )
        axis.set_yticks(range(len(part)), part["method"])
        axis.set_ylim(-0.6, max(len(part), 1) - 0.4)
        low, high = axis.get_xlim()
        axis.set_xticks([tick for tick in axis.get_xticks() if low <= tick <= 100])
        axis.set_xlim(low, high + 0.5 * (high - low))  # room for the numbers
        axis.set_title(f"{task}, {frame.loc[frame['task'] == task, 'metric'].iloc[0]}", loc="left", fontsize=9)
        axis.tick_params(axis="y", length=0)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    name_conditions(figure, frame)
    return figure

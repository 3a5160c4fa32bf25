"""Source and mean of targets of every system, and the gap between them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xbench.report.figures.style import COLORS, GREY, SMALL, Spaces, Used, fitted, new_figure
from xbench.report.numbers import number

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LETTERS = 17  # of the smallest text in an inch
PANEL, BESIDE = 1.8, 1.3  # widths of a panel without its labels, and of the numbers beside it, in inches


def name_conditions(figure: Figure, frame: pandas.DataFrame) -> None:
    """Says above a figure what it is of, and that sample data are sample data."""
    lines = _conditions(frame, figure.get_figwidth())
    figure.suptitle("\n".join(lines), fontsize=SMALL, color=GREY, x=0.01, ha="left")


def _conditions(frame: pandas.DataFrame, width: float) -> list[str]:
    first = frame.iloc[0]
    size = f"{first['shots']} shots" if str(first["shots"]).isdigit() else first["shots"]
    text = " · ".join([first["model"], f"{first['data']} data", first["setting"], size])
    if first["data"] == "sample":
        text += " (shows the machinery, not results about real models)"
    return textwrap.wrap(text, round(LETTERS * width))


def gap_figure(frame: pandas.DataFrame, *, used: Used | None = None) -> Figure:
    """`frame` as `gap_frame` gives it, of one set of conditions; a panel a task, the smallest gap on top.

    A filled dot is the mean of targets, a ring the source, the line between them the gap, times 100 beside it
    with its 95 % interval, which is also the pale band around the dot: where the targets may lie, seen from the source.
    The dashed line is chance on the source. `used` as in `new_figure`.
    """
    tasks = list(dict.fromkeys(frame["task"]))
    rows = int(frame.groupby("task").size().max())
    names = {label: fitted(label) for label in frame["method"]}
    letters = max(len(line) for name in names.values() for line in name.splitlines())
    left = 0.2 + letters / LETTERS * 9 / SMALL
    width = (left + PANEL + BESIDE) * len(tasks)
    top = 0.3 + 0.14 * len(_conditions(frame, width))
    spaces = Spaces(left=left, right=BESIDE, bottom=0.75, top=top, columns=left + BESIDE)
    height = spaces.bottom + top + rows * (0.33 if any("\n" in name for name in names.values()) else 0.27)
    figure, axes = new_figure(width, height, columns=len(tasks), spaces=spaces, used=used)
    for axis, task in zip(axes, tasks, strict=True):
        part = frame[(frame["task"] == task) & frame["gap"].notna()].sort_values("gap", ascending=False)
        _panel(axis, part, names)
        title = f"{task}, {frame.loc[frame['task'] == task, 'metric'].iloc[0]}"
        axis.set_title(title, loc="left", fontsize=9, y=1.0)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=2, fontsize=SMALL, frameon=False)
    name_conditions(figure, frame)
    return figure


def _panel(axis: Axes, part: pandas.DataFrame, names: Mapping[str, str]) -> None:
    from matplotlib.collections import LineCollection

    blue, orange = COLORS[:2]
    places, source, targets = range(len(part)), 100 * part["source_value"], 100 * part["targets_value"]
    ends = [(100 * part[name]).rsub(source).clip(0, 100) for name in ("gap_high", "gap_low")]
    bands = [((low, place), (high, place)) for place, low, high in zip(places, *ends, strict=True) if low == low]
    gaps = [((one, place), (other, place)) for place, one, other in zip(places, targets, source, strict=True)]
    if bands:
        band = LineCollection(
            bands, colors=blue, alpha=0.25, linewidths=7, capstyle="butt", label="gap's 95 % interval"
        )
        axis.add_collection(band)
    axis.add_collection(LineCollection(gaps, colors=GREY, linewidths=1.2))
    axis.scatter(targets, places, s=25, color=blue, zorder=2, label="targets, mean")
    if len(part):
        name = f"source ({part['source'].iloc[0]})"
        axis.scatter(source, places, s=25, edgecolors=orange, facecolors="white", zorder=2, label=name)
    for place, row in enumerate(part.itertuples()):
        text = number(row.gap, "+")
        if not math.isnan(row.gap_low):
            text += f" [{number(row.gap_low, '+')}, {number(row.gap_high, '+')}]"
        axis.text(1.02, place, text, transform=axis.get_yaxis_transform(), va="center", fontsize=SMALL)
    axis.autoscale_view()
    if part["chance"].notna().any():
        level = 100 * part["chance"].dropna().iloc[0]
        axis.axvline(level, color=GREY, linestyle="--", linewidth=0.8, zorder=0, label="chance")
    axis.set_yticks(places, map(names.__getitem__, part["method"]))
    axis.set_ylim(-0.6, max(len(part), 1) - 0.4)
    axis.locator_params(axis="x", nbins=5)
    axis.tick_params(axis="y", length=0)

"""Gaps by group of target languages (family or script): every system a marker, every group a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.report.figures.gap import name_conditions
from xbench.report.figures.style import COLORS, GREY, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

MARKERS = "osD^vPX*<>"


def group_figure(frame: pandas.DataFrame) -> Figure:
    """`frame` as `group_frame` gives it, of one set of conditions; a panel a task, the smallest mean gap on top."""
    tasks, methods = (list(dict.fromkeys(frame[name])) for name in ("task", "method"))
    rows = int(frame.groupby("task")["group"].nunique().max())
    figure, axes = new_figure(1.2 + 3.4 * len(tasks), 1.1 + 0.3 * rows, columns=len(tasks))
    for axis, task in zip(axes, tasks, strict=True):
        part = frame[frame["task"] == task]
        order = list(part.groupby("group")["gap"].mean().sort_values(ascending=False).index)
        names = {row.group: f"{row.group} ({row.languages})" for row in part.itertuples()}
        for place in range(len(order)):
            axis.axhline(place, color="#e4e4e4", linewidth=0.8, zorder=0)
        axis.axvline(0, color=GREY, linewidth=0.8, zorder=0)
        for at, method in enumerate(methods):
            own = part[part["method"] == method]
            marker, color = MARKERS[at % len(MARKERS)], COLORS[at % len(COLORS)]
            places = [order.index(group) for group in own["group"]]
            axis.plot(100 * own["gap"], places, marker, color=color, markersize=5, alpha=0.9, label=method)
        axis.set_yticks(range(len(order)), [names[group] for group in order])
        axis.set_ylim(-0.6, len(order) - 0.4)
        axis.set_xlabel("gap: source - group, times 100")
        axis.set_title(f"{task}, {part['metric'].iloc[0]}", loc="left", fontsize=9)
        axis.tick_params(axis="y", length=0)
    handles = {label: handle for axis in axes for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5, fontsize=8, frameon=False)
    name_conditions(figure, frame)
    return figure

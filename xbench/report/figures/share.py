"""Gaps against the languages' shares of the pretraining data, laid out as PolyPrompt's figure 7: lines over bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xbench.report.figures.families import MARKERS
from xbench.report.figures.gap import name_conditions
from xbench.report.figures.style import COLORS, GREY, SMALL, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def share_figure(frame: pandas.DataFrame) -> Figure:
    """`frame` as `share_frame` gives it, of one set of conditions; a column a task.

    Languages stand by their share, the largest on the left; those whose share is not known are left out. The legend
    has each system's rank correlation of share and gap, with p and n.
    """
    tasks, methods = (list(dict.fromkeys(frame[name])) for name in ("task", "method"))
    longest = max(int(frame.groupby("task")["language"].nunique().max()), 5)
    figure, axes = new_figure(len(tasks) * (1.4 + 0.26 * longest), 4.2, rows=2, columns=len(tasks))
    for at, task in enumerate(tasks):
        part = frame[(frame["task"] == task) & frame["share"].notna()]
        shares = part.drop_duplicates("language").set_index("language")["share"].sort_values(ascending=False)
        _lines(axes[at], part, list(shares.index), methods)
        axes[at].set_title(f"{task}, {frame.loc[frame['task'] == task, 'metric'].iloc[0]}", loc="left", fontsize=9)
        below = axes[len(tasks) + at]
        below.bar(range(len(shares)), 100 * shares.to_numpy(), color="#b9b9b9", width=0.7)
        below.set_xticks(range(len(shares)), shares.index)
        below.set_xlim(-0.6, max(len(shares), 1) - 0.4)
        if not at:
            axes[at].set_ylabel("gap, times 100")
            below.set_ylabel("share, %")
    corpus = frame["corpus"].iloc[0] or "an unknown corpus"
    figure.supxlabel(f"target languages by their share of {corpus}", fontsize=8)
    name_conditions(figure, frame)
    return figure


def _lines(axis: Axes, part: pandas.DataFrame, languages: list[str], methods: list[str]) -> None:
    for at, method in enumerate(methods):
        own = part[part["method"] == method].set_index("language")
        if own.empty:
            continue
        gaps = [100 * own["gap"].get(language, math.nan) for language in languages]
        first = own.iloc[0]
        found = ""
        if not math.isnan(first["rho"]):
            p = "p <0.001" if first["p"] < 0.001 else f"p {first['p']:.3f}"
            found = f": rho {first['rho']:+.2f}, {p} (n {first['n']:.0f})"
        marker, color = MARKERS[at % len(MARKERS)], COLORS[at % len(COLORS)]
        places = range(len(languages))
        axis.plot(places, gaps, f"{marker}-", linewidth=0.8, markersize=4, color=color, label=f"{method}{found}")
    axis.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    axis.set_xticks(range(len(languages)), [""] * len(languages))
    axis.set_xlim(-0.6, max(len(languages), 1) - 0.4)
    axis.legend(fontsize=SMALL, loc="upper left", bbox_to_anchor=(0, -0.02), frameon=False)

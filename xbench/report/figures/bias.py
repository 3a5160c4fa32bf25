"""Dataset bias as a figure: mean attributes by language, data sets side by side (PolyPrompt, figure 4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xbench.diagnosis.bias import attribute_order, half_widths
from xbench.report.figures.style import COLORS, GREY, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS_IN_A_ROW = 4
MARKERS = ("o", "s", "D", "^", "v", "P", "X")


def bias_figure(profile: pandas.DataFrame) -> Figure:
    """One panel an attribute: a line a language, a mark for the mean of each data set that has it.

    `profile` is that of `xbench.diagnosis.bias.dataset_profile`. Marks carry 95 % intervals of the mean (Student's,
    often smaller than the mark). Languages come in the order of the profile, from the top.
    """
    shown = profile[profile["n"] > 0]
    attributes, tasks = attribute_order(shown), list(profile["task"].unique())
    languages = list(profile["language"].unique())
    columns = max(1, min(PANELS_IN_A_ROW, len(attributes)))
    rows = max(1, math.ceil(len(attributes) / columns))
    height = 0.55 + rows * (0.75 + 0.17 * len(languages))
    figure, panels = new_figure(max(3.2, 1.9 * columns + 0.4), height, rows=rows, columns=columns)
    for place, panel in enumerate(panels):
        if place >= len(attributes):
            panel.set_axis_off()
            continue
        _panel(panel, shown[shown["attribute"] == attributes[place]], tasks, languages)
        panel.set_title(attributes[place], loc="left", fontsize=9)
        panel.tick_params(labelleft=place % columns == 0)
    handles = {
        label: handle for panel in panels for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    if handles:
        shown_tasks = [task for task in tasks if task in handles]
        figure.legend(
            [handles[task] for task in shown_tasks],
            shown_tasks,
            loc="outside upper left",
            ncols=len(shown_tasks),
            frameon=False,
            fontsize=9,
        )
    figure.supxlabel("mean over the test examples, with its 95 % interval", fontsize=9)
    return figure


def _panel(panel: Axes, rows: pandas.DataFrame, tasks: list[str], languages: list[str]) -> None:
    for row in range(len(languages)):
        panel.axhline(row, color=GREY, alpha=0.25, linewidth=0.6, zorder=0)
    # Marks of data sets stand a little apart, so that equal means do not hide one another.
    offsets = [0.3 * ((place + 0.5) / len(tasks) - 0.5) for place in range(len(tasks))]
    for place, task in enumerate(tasks):
        own = rows[rows["task"] == task]
        if own.empty:
            continue
        panel.errorbar(
            own["mean"],
            [languages.index(language) + offsets[place] for language in own["language"]],
            xerr=half_widths(own),
            fmt=MARKERS[place % len(MARKERS)],
            color=COLORS[place % len(COLORS)],
            markersize=4.5,
            elinewidth=1,
            label=task,
        )
    panel.set_yticks(range(len(languages)), languages)
    panel.set_ylim(len(languages) - 0.5, -0.5)
    panel.margins(x=0.08)
    panel.locator_params(axis="x", nbins=4)

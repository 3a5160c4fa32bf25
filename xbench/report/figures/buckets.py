"""One system by language and bucket: one heat map an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from xbench.report.figures.grid import ON_BRIGHT, ON_DARK, draw_grid
from xbench.report.figures.style import SMALL, new_figure
from xbench.report.numbers import number

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


def bucket_figure(performance: pandas.DataFrame) -> Figure:
    """`performance` as `bucket_performance` gives it. A bucket that is too small is left blank.

    Brighter is better; all maps share one scale. Numbers are the metric times 100.
    """
    counted = performance[performance["attribute"] != ""]
    attributes = list(dict.fromkeys(counted["attribute"]))
    languages = list(dict.fromkeys(performance["language"]))
    figure, axes = new_figure(
        1.2 + 2.2 * max(len(attributes), 1), 0.9 + 0.26 * len(languages), columns=max(len(attributes), 1)
    )
    if not attributes:
        axes[0].set_axis_off()
        return figure
    shown = counted.loc[~counted["too_small"], "value"]
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    for place, (axis, attribute) in enumerate(zip(axes, attributes, strict=True)):
        part = counted[counted["attribute"] == attribute]
        names = list(dict.fromkeys(part["bucket"]))
        grid = numpy.full((len(languages), len(names)), numpy.nan)
        for row in part[~part["too_small"]].itertuples():
            grid[languages.index(row.language), names.index(row.bucket)] = row.value
        draw_grid(axis, grid, low, max(high, low + 1e-9))
        middle = (low + high) / 2
        for (row_place, column), value in numpy.ndenumerate(grid):
            if not numpy.isnan(value):
                color = ON_BRIGHT if value > middle else ON_DARK
                axis.text(column, row_place, number(value), ha="center", va="center", fontsize=SMALL, color=color)
        axis.set_title(attribute, loc="left", fontsize=9)
        axis.set_xticks(range(len(names)), names)
        axis.set_yticks(range(len(languages)), languages if place == 0 else [""] * len(languages))
        axis.tick_params(length=0)
        for side in axis.spines.values():
            side.set_visible(False)
    return figure

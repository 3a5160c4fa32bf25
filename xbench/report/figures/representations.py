"""Texts of several languages in a plane, before and after tuning, with each language's boundaries between labels.

After figure 2 of Tu et al. 2022. A picture to look at, not to conclude from: its notes say where the numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from xbench.report.figures.style import COLORS, GREY, SETTINGS, SMALL, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = "o^sxD+v*"
GRID = 300
WARNING = "t-SNE keeps neighbourhoods, not distances: look at the plane, conclude from the numbers above it."


@dataclass(frozen=True)
class Panel:
    """One state: points [n, 2] and labels by language, and functions from points to scores [n, labels].

    Scores have a column for each label of all languages, in sorted order. `title` and `note` stand above.
    """

    title: str
    note: str
    points: Mapping[str, numpy.ndarray]
    labels: Mapping[str, Sequence[str]]
    boundaries: Mapping[str, Callable[[numpy.ndarray], numpy.ndarray]]


def draw(panels: Sequence[Panel], caption: str = "") -> Figure:
    """The panels side by side; a colour for each language, also of its boundaries, and a mark for each label.

    At most seven languages and eight labels can be told apart.
    """
    import matplotlib
    from matplotlib.lines import Line2D

    languages = list(dict.fromkeys(name for panel in panels for name in panel.points))
    labels = sorted({label for panel in panels for each in panel.labels.values() for label in each})
    colors = dict(zip(languages, COLORS, strict=False))
    markers = dict(zip(labels, MARKERS, strict=False))
    if len(colors) < len(languages) or len(markers) < len(labels):
        raise ValueError(f"{len(languages)} languages and {len(labels)} labels are more than can be told apart")
    figure, axes = new_figure(4.2 * len(panels), 4.9, columns=len(panels))
    with matplotlib.rc_context(SETTINGS):
        for ax, panel in zip(axes, panels, strict=True):
            _panel(ax, panel, colors, markers)
        handles = [Line2D([], [], color=color, linewidth=1.5, label=name) for name, color in colors.items()]
        handles += [_mark(mark, label) for label, mark in markers.items()]
        figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 12), fontsize=8)
        figure.supxlabel("\n".join(part for part in (WARNING, caption) if part), fontsize=SMALL, color=GREY)
    return figure


def _panel(ax: Axes, panel: Panel, colors: Mapping[str, str], markers: Mapping[str, str]) -> None:
    for language, points in panel.points.items():
        own = numpy.array(panel.labels[language])
        for label, mark in markers.items():
            chosen = points[own == label]
            ax.plot(*chosen.T, mark, color=colors[language], markersize=3, markeredgewidth=0.7, alpha=0.6)
    low, high = _limits(numpy.concatenate(list(panel.points.values())))
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    for language, scores in panel.boundaries.items():
        _boundaries(ax, scores, low, high, colors[language])
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title("\n".join(part for part in (panel.title, panel.note) if part), fontsize=8)


def _limits(points: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    low, high = points.min(0), points.max(0)
    margin = 0.04 * (high - low)
    return low - margin, high + margin


def _boundaries(
    ax: Axes, scores: Callable[[numpy.ndarray], numpy.ndarray], low: numpy.ndarray, high: numpy.ndarray, color: str
) -> None:
    """The lines where a label's lead over the best of the others is zero."""
    x, y = (numpy.linspace(low[side], high[side], GRID) for side in (0, 1))
    across, up = numpy.meshgrid(x, y)
    values = scores(numpy.column_stack([across.ravel(), up.ravel()]))
    present = numpy.isfinite(values).all(axis=0)
    values = values[:, present]
    for number in range(values.shape[1] - (values.shape[1] == 2)):  # of two labels, both have the same line
        lead = values[:, number] - numpy.delete(values, number, axis=1).max(axis=1)
        if lead.min() < 0 < lead.max():
            ax.contour(x, y, lead.reshape(GRID, GRID), levels=[0.0], colors=[color], linewidths=1.4)


def _mark(mark: str, label: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=GREY, marker=mark, linestyle="", markersize=5, label=label)

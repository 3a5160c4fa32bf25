"""Two systems, after PolyPrompt's table 3 (Fu et al. 2022, section 5.2.2): where one gains and where it loses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy

from xbench.report.figures.style import COLORS, GREY, SMALL, Spaces, Used, fitted, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS_IN_A_ROW = 3
WIDTH, ROW = 3.3, 0.21  # of a panel, and of a language in it, in inches
SPACES = Spaces(left=0.55, right=0.1, bottom=0.3, top=0.65, columns=0.55, rows=0.75)
TITLE = 0.3  # above panels that have no legend
GAIN, LOSS = COLORS[0], COLORS[1]  # as in the site's tables: blue is ahead, orange behind
PALE = 0.3
DOT = 20  # square points


def pair_figure(differences: pandas.DataFrame, gains: pandas.DataFrame, systems: Sequence[str]) -> Figure:
    """All panels together. A row is a language, values are times 100.

    First both systems on all examples, with the 95 % interval of their difference as a band around the first: the two
    differ where it leaves out the second. Then for every attribute the first system's largest gain (blue) and loss
    (orange) over the second, with the bucket where it happens. Full colour: real after Holm's correction; pale: may be
    chance.
    """
    attributes = list(dict.fromkeys(gains["attribute"]))
    count = 1 + len(attributes)
    columns = min(count, PANELS_IN_A_ROW)
    rows = -(-count // columns)
    languages = (differences["attribute"] == "").sum()
    height = rows * (SPACES.bottom + SPACES.top + ROW * languages)
    figure, axes = new_figure(WIDTH * columns, height, rows=rows, columns=columns, spaces=SPACES)
    for axis in axes[count:]:
        axis.set_axis_off()
    for axis, draw in zip(axes, _panels(differences, gains, systems), strict=False):
        draw(axis)
    return figure


def pair_panels(
    differences: pandas.DataFrame, gains: pandas.DataFrame, systems: Sequence[str], *, used: Used | None = None
) -> Iterator[Figure]:
    """The same as a figure a panel, for pages that are narrow or wide; each is gone when the next is asked for.

    `used` as in `new_figure`.
    """
    used = {} if used is None else used
    panels = _panels(differences, gains, systems)
    languages = (differences["attribute"] == "").sum()
    for place, draw in enumerate(panels):
        top = TITLE if place else SPACES.top  # the first has a legend above
        size = WIDTH, SPACES.bottom + top + ROW * languages
        figure, (axis,) = new_figure(*size, spaces=replace(SPACES, top=top), used=used)
        draw(axis)
        yield figure


def _panels(
    differences: pandas.DataFrame, gains: pandas.DataFrame, systems: Sequence[str]
) -> list[Callable[[Axes], None]]:
    """What draws each panel."""
    overall = differences[differences["attribute"] == ""]
    languages = list(overall["language"])
    sizes = gains[["gain", "loss"]].abs().to_numpy(dtype=float)
    reach = 135 * float(numpy.nanmax(sizes)) if len(gains) and not numpy.isnan(sizes).all() else 1.0
    by_attribute = {name: part.set_index("language").reindex(languages) for name, part in gains.groupby("attribute")}

    def whole(axis: Axes) -> None:
        _overall(axis, overall, systems)
        _rows(axis, languages)

    def attribute(name: str, axis: Axes) -> None:
        _attribute(axis, by_attribute[name], reach or 1.0)
        axis.set_title(f"{name}: largest gain and loss", loc="left", fontsize=9, y=1.0)
        _rows(axis, languages)

    return [whole, *(partial(attribute, name) for name in dict.fromkeys(gains["attribute"]))]


def _rows(axis: Axes, languages: Sequence[str]) -> None:
    axis.set_yticks(range(len(languages)), languages)
    axis.set_ylim(len(languages) - 0.4, -0.6)
    axis.locator_params(axis="x", nbins=5)
    axis.tick_params(axis="y", length=0)


def _overall(axis: Axes, overall: pandas.DataFrame, systems: Sequence[str]) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    places, first, second = range(len(overall)), 100 * overall["first"], 100 * overall["second"]
    low, high = (second + 100 * overall[name] for name in ("low", "high"))
    colors = [GAIN if difference >= 0 else LOSS for difference in overall["difference"]]
    shades = [(color, 1.0 if real else PALE) for color, real in zip(colors, overall["real"], strict=True)]
    for starts, ends, drawn, width in (
        (low, high, [(color, PALE) for color in colors], 6),
        (second, first, shades, 1.2),
    ):
        lines = [((start, at), (end, at)) for start, end, at in zip(starts, ends, places, strict=True)]
        axis.add_collection(LineCollection(lines, colors=drawn, linewidths=width, capstyle="butt"))
    axis.scatter(second, places, s=DOT, edgecolors=GREY, facecolors="white", zorder=2)
    axis.scatter(first, places, s=DOT, color=colors, zorder=2)
    axis.autoscale_view()
    dot = {"color": GREY, "marker": "o", "linestyle": "", "markersize": 4.5}
    handles = [
        Line2D([], [], **dot, markerfacecolor=face, label=fitted(name, 42, 1))  # type: ignore[arg-type]
        for name, face in zip(systems, (GREY, "white"), strict=True)
    ]
    axis.set_title("all examples", loc="left", fontsize=9, pad=30, y=1.0)
    axis.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(-0.03, 1.0),
        borderaxespad=0,
        frameon=False,
        fontsize=SMALL,
        handletextpad=0.1,
    )


def _attribute(axis: Axes, part: pandas.DataFrame, reach: float) -> None:
    axis.axvline(0, color=GREY, linewidth=0.8)
    for side, color, direction in (("gain", GAIN, 1), ("loss", LOSS, -1)):
        rows: list[tuple[int, dict[Any, Any]]] = [
            (place, row) for place, row in enumerate(part.to_dict("records")) if row[side] == row[side]
        ]
        shades = [(color, 1.0 if row[f"{side}_real"] is True else PALE) for _, row in rows]
        axis.barh([place for place, _ in rows], [100 * row[side] for _, row in rows], 0.55, color=shades)
        for place, row in rows:
            end = 100 * row[side] + direction * 0.03 * reach
            align = "left" if direction > 0 else "right"
            axis.text(end, place, row[f"{side}_bucket"], ha=align, va="center", fontsize=SMALL)
    axis.set_xlim(-reach, reach)

"""Two systems, as PolyPrompt's table 3 shows them (Fu et al. 2022, section 5.2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from xbench.report.figures.style import COLORS, GREY, Spaces, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

SPACES = Spaces(left=0.5, right=0.1, bottom=0.25, top=0.5, rows=0.5)
FIRST, SECOND, GAIN, LOSS = COLORS[2], COLORS[3], COLORS[1], COLORS[0]
MARKERS = {"XS": "x", "S": "+", "L": "o", "XL": "s"}  # the paper's


def pair_figure(differences: pandas.DataFrame, gains: pandas.DataFrame, systems: Sequence[str]) -> Figure:
    """Overall bars with intervals, then for every attribute and language the largest gain and loss.

    The marker at a bar's end is the bucket where it happens (a number, where buckets are not XS to XL). Full colour:
    real after Holm's correction; pale: may be chance.
    """
    overall = differences[differences["attribute"] == ""]
    languages = list(overall["language"])
    attributes = list(dict.fromkeys(gains["attribute"]))
    figure, axes = new_figure(
        max(4.5, 1.4 + 0.42 * len(languages)), 2.1 + 1.25 * len(attributes), rows=1 + len(attributes), spaces=SPACES
    )
    _overall(axes[0], overall, systems)
    sizes = gains[["gain", "loss"]].abs().to_numpy(dtype=float)
    reach = 130 * float(numpy.nanmax(sizes)) if len(gains) and not numpy.isnan(sizes).all() else 1.0
    for axis, attribute in zip(axes[1:], attributes, strict=True):
        part = gains[gains["attribute"] == attribute].set_index("language").reindex(languages)
        _attribute(axis, part, reach)
        axis.set_title(attribute, loc="left", fontsize=9)
    for axis in axes:
        axis.set_xticks(range(len(languages)), languages)
        axis.set_xlim(-0.7, len(languages) - 0.3)
    if attributes and set(gains["gain_bucket"]) | set(gains["loss_bucket"]) <= {*MARKERS, ""}:
        _legend(axes[1])
    return figure


def _overall(axis: Any, overall: pandas.DataFrame, systems: Sequence[str]) -> None:
    places = numpy.arange(len(overall))
    for shift, column, color, name in ((-0.2, "first", FIRST, systems[0]), (0.2, "second", SECOND, systems[1])):
        axis.bar(places + shift, 100 * overall[column], 0.38, color=color, label=name)
    top = 100 * overall[["first", "second"]].max(axis=1)
    for place, height, real in zip(places, top, overall["real"], strict=True):
        if real:
            axis.text(place, height, "*", ha="center", va="bottom", fontsize=9)
    axis.set_title("all examples (*: real)", loc="left", fontsize=9, pad=20)
    axis.set_ylim(0, 112)
    axis.set_yticks([0, 50, 100])
    axis.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0, frameon=False, fontsize=8)


def _attribute(axis: Any, part: pandas.DataFrame, reach: float) -> None:
    axis.axhline(0, color=GREY, linewidth=0.8)
    for side, color, direction in (("gain", GAIN, 1), ("loss", LOSS, -1)):
        rows = [(place, row) for place, row in enumerate(part.to_dict("records")) if row[side] == row[side]]
        shades = [(color, 1.0 if row[f"{side}_real"] is True else 0.3) for _, row in rows]
        axis.bar([place for place, _ in rows], [100 * row[side] for _, row in rows], 0.5, color=shades)
        ends: dict[str, list[tuple[int, float]]] = {}
        for place, row in rows:
            end = 100 * row[side] + direction * 0.12 * reach
            ends.setdefault(row[f"{side}_bucket"], []).append((place, end))
        for bucket, places in ends.items():
            if bucket in MARKERS:
                axis.plot(*zip(*places, strict=True), MARKERS[bucket], color=color, markersize=5)
            else:
                for place, end in places:
                    axis.text(place, end, bucket, color=color, ha="center", va="center", fontsize=7)
    axis.set_ylim(-reach, reach)


def _legend(axis: Any) -> None:
    marks = [axis.plot([], [], mark, color=GREY, markersize=5, label=name)[0] for name, mark in MARKERS.items()]
    axis.legend(
        handles=marks,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=4,
        frameon=False,
        borderaxespad=0,
        handletextpad=0.1,
        columnspacing=1.0,
    )

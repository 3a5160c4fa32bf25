"""Learning curves: score on the dev set and loss by training step, one panel a task, one line a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from xbench.report.figures.style import COLORS, GREY, SMALL, Spaces, Used, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curve = Sequence[Mapping[str, Any]]  # of `step`, `dev` (a fraction) and `loss`
Point = tuple[float, float]
Dash = Literal["-", "--", ":", "-."]
DASHES: tuple[Dash, ...] = ("-", "--", ":", "-.")
SPACES = Spaces(left=0.65, right=0.1, bottom=0.45, top=0.25, columns=0.5, rows=0.15)
WIDTH, DOT = 1.2, 16  # of a line in points, of a dot in square points
TICKS = 4  # parts of an axis
NAMED = 6  # seeds; of more the legend would hide the lines


def curve_figure(tasks: Mapping[str, Mapping[int, tuple[Curve, int]]], *, used: Used | None = None) -> Figure:
    """`tasks` has, by task and seed, the curve and the step that was kept.

    Above: the dev score times 100, a dot at the step kept. Below: the training loss, on a log scale where it falls far.
    `used` as in `new_figure`.
    """
    columns = max(1, len(tasks))
    figure, axes = new_figure(0.6 + 2.9 * columns, 3.1, rows=2, columns=columns, spaces=SPACES, used=used)
    for place, (task, seeds) in enumerate(tasks.items()):
        _draw(axes[place], axes[columns + place], seeds)
        axes[place].set_title(task, loc="left", fontsize=9, y=1.0)
    axes[0].set_ylabel("dev score")
    axes[columns].set_ylabel("loss")
    return figure


def _draw(above: Axes, below: Axes, seeds: Mapping[int, tuple[Curve, int]]) -> None:
    curves = [curve for _, (curve, _) in sorted(seeds.items())]
    scores = [_points(curve, "dev", 100.0) for curve in curves]
    losses = [_points(curve, "loss", 1.0) for curve in curves]
    kept = [best for _, (_, best) in sorted(seeds.items())]
    _lines(above, scores)
    _lines(below, losses)
    _dots(above, [[point for point in points if point[0] == best] for points, best in zip(scores, kept, strict=True)])
    if 0 < len(seeds) <= NAMED:
        _legend(above, sorted(seeds))
    positive = [loss for points in losses for _, loss in points if loss > 0]
    if positive and max(positive) > 50 * min(positive):
        below.set_yscale("log")
        below.yaxis.set_major_formatter("{x:g}")  # matplotlib's own writes powers as formulas
        below.yaxis.set_minor_formatter("")
    above.set_xticks([])
    below.set_xlabel("step")
    below.locator_params(axis="x", nbins=TICKS)
    for axis in (above, below):
        if axis.get_yscale() == "linear":
            axis.locator_params(axis="y", nbins=TICKS)
        axis.grid(axis="y", color=GREY, alpha=0.2, linewidth=0.6)


def _points(curve: Curve, name: str, factor: float) -> list[Point]:
    return [(point["step"], factor * point[name]) for point in curve if point.get(name) is not None]


def _color(place: int) -> str:
    return COLORS[place % len(COLORS)]


def _dash(place: int) -> Dash:
    return DASHES[place % len(DASHES)]


def _lines(axis: Axes, curves: Sequence[Sequence[Point]]) -> None:
    """A line a seed, all as one artist, which is several times faster; a dot for a curve of one point."""
    from matplotlib.collections import LineCollection

    places = [place for place, points in enumerate(curves) if len(points) > 1]
    lines = LineCollection(
        [curves[place] for place in places],
        colors=[_color(place) for place in places],
        linestyles=[_dash(place) for place in places],
        linewidths=WIDTH,
    )
    axis.add_collection(lines)
    _dots(axis, [points if len(points) == 1 else [] for points in curves])
    axis.autoscale_view()


def _dots(axis: Axes, curves: Sequence[Sequence[Point]]) -> None:
    found = [(*point, _color(place)) for place, points in enumerate(curves) for point in points]
    if found:
        steps, values, colors = zip(*found, strict=True)
        axis.scatter(steps, values, s=DOT, c=colors)


def _legend(axis: Axes, seeds: Iterable[int]) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=_color(place), linestyle=_dash(place), linewidth=WIDTH, label=f"seed {seed}")
        for place, seed in enumerate(seeds)
    ]
    axis.legend(handles=lines, fontsize=SMALL, loc="lower right")

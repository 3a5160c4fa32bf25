"""Learning curves: score on the dev set and loss by training step, one panel a task, one line a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xbench.report.figures.style import COLORS, GREY, SMALL, Spaces, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curve = Sequence[Mapping[str, Any]]  # of `step`, `dev` (a fraction) and `loss`
DASHES = ("-", "--", ":", "-.")
SPACES = Spaces(left=0.65, right=0.1, bottom=0.45, top=0.25, columns=0.5, rows=0.15)
NAMED = 6  # seeds; of more the legend would hide the lines


def curve_figure(tasks: Mapping[str, Mapping[int, tuple[Curve, int]]]) -> Figure:
    """`tasks` has, by task and seed, the curve and the step that was kept.

    Above: the dev score times 100, a dot at the step kept. Below: the training loss, on a log scale where it falls far.
    """
    columns = max(1, len(tasks))
    figure, axes = new_figure(0.6 + 2.9 * columns, 3.1, rows=2, columns=columns, spaces=SPACES)
    for place, (task, seeds) in enumerate(tasks.items()):
        above, below = axes[place], axes[columns + place]
        for at, (seed, (curve, best)) in enumerate(sorted(seeds.items())):
            style = {"color": COLORS[at % len(COLORS)], "linestyle": DASHES[at % len(DASHES)], "linewidth": 1.2}
            _line(above, curve, "dev", 100.0, style, f"seed {seed}")
            _line(below, curve, "loss", 1.0, style, "")
            kept = [point["dev"] for point in curve if point.get("step") == best and point.get("dev") is not None]
            if kept:
                above.plot([best], [100 * kept[0]], "o", color=style["color"], markersize=4)
        above.set_title(task, loc="left", fontsize=9)
        above.tick_params(labelbottom=False)
        if 0 < len(seeds) <= NAMED:
            above.legend(fontsize=SMALL, loc="lower right")
        losses = [point["loss"] for curve, _ in seeds.values() for point in curve if (point.get("loss") or 0) > 0]
        if losses and max(losses) > 50 * min(losses):
            below.set_yscale("log")
            below.yaxis.set_major_formatter("{x:g}")  # matplotlib's own writes powers as formulas
            below.yaxis.set_minor_formatter("")
        below.set_xlabel("step")
        for axis in (above, below):
            axis.grid(axis="y", color=GREY, alpha=0.2, linewidth=0.6)
        if place == 0:
            above.set_ylabel("dev score")
            below.set_ylabel("loss")
    return figure


def _line(axis: Axes, curve: Curve, name: str, factor: float, style: Mapping[str, Any], label: str) -> None:
    known = [(point["step"], factor * point[name]) for point in curve if point.get(name) is not None]
    if known:
        steps, values = zip(*known, strict=True)
        marker = "o" if len(known) == 1 else ""
        axis.plot(steps, values, marker=marker, markersize=3, label=label or None, **style)

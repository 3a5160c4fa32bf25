"""Critical-difference diagrams (Demšar 2006, figure 1): mean ranks, with a bar over systems not told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xbench.analysis.significance import Ranks
from xbench.report.figures.style import COLORS, GREY, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP = 0.32  # between two labels, in inches as all heights below
BAR = 0.14  # between two bars
TOP = 0.62  # above the axis: the critical difference and the title
WIDTH = 6.5


def critical_difference(panels: Sequence[tuple[str, Ranks]]) -> Figure:
    """One diagram a panel (its title, its ranks), the best rank to the left.

    Ours instead of scikit-posthocs' drawing, which has neither the critical difference nor room for long names.
    """
    heights = [_height(ranks) for _, ranks in panels]
    figure, axes = new_figure(WIDTH, sum(heights), rows=len(panels))
    grid = axes[0].get_gridspec()
    assert grid is not None
    grid.set_height_ratios(heights)
    for axis, height, (title, ranks) in zip(axes, heights, panels, strict=True):
        _draw(axis, height, title, ranks)
    return figure


def _height(ranks: Ranks) -> float:
    return TOP + 0.3 + BAR * (len(ranks.cliques) + 1) + STEP * ((len(ranks.systems) + 1) // 2) + 0.1


def _draw(axis: Axes, height: float, title: str, ranks: Ranks) -> None:
    count = len(ranks.systems)
    room = 0.55 * (count - 1)
    axis.set_xlim(1 - room, count + room)
    axis.set_ylim(height - TOP, -TOP)  # downwards from the axis of ranks, in inches
    axis.set_axis_off()
    axis.set_title(title, loc="left", fontsize=8)
    axis.plot([1, count], [0, 0], color="black", linewidth=1)
    for rank in range(1, count + 1):
        axis.plot([rank, rank], [-0.06, 0], color="black", linewidth=1)
        axis.text(rank, -0.09, str(rank), ha="center", va="bottom")
    _draw_critical_difference(axis, count, ranks.critical_difference)
    where = dict(zip(ranks.systems, ranks.mean_ranks, strict=True))
    for level, clique in enumerate(ranks.cliques):
        low, high = (pick(where[name] for name in clique) for pick in (min, max))
        depth = 0.13 + BAR * level
        axis.plot([low - 0.03, high + 0.03], [depth, depth], color=COLORS[0], linewidth=3, solid_capstyle="butt")
    first = 0.3 + BAR * len(ranks.cliques)
    order = sorted(where, key=lambda name: (where[name], name))
    left = (count + 1) // 2
    for index, name in enumerate(order):
        on_left = index < left
        depth = first + STEP * (index if on_left else count - 1 - index)
        edge = 1 - 0.15 if on_left else count + 0.15
        axis.plot([where[name], where[name], edge], [0, depth, depth], color=GREY, linewidth=0.8)
        text = f"{name} ({where[name]:.2f})" if on_left else f"({where[name]:.2f}) {name}"
        axis.text(edge + (-0.05 if on_left else 0.05), depth, text, ha="right" if on_left else "left", va="center")


def _draw_critical_difference(axis: Axes, count: int, width: float) -> None:
    shown = min(width, count - 1)
    text = f"critical difference {width:.2f}" + ("" if shown == width else ": more than ranks can differ")
    axis.plot([1, 1 + shown], [-0.36, -0.36], color="black", linewidth=1)
    for end in (1, 1 + shown):
        axis.plot([end, end], [-0.40, -0.32], color="black", linewidth=1)
    axis.text(1 + shown + 0.08, -0.36, text, ha="left", va="center", fontsize=8)

"""How far training moved a prompt or prefix, layer by layer (after figure 5 of Chen & Chen 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.report.figures.style import COLORS, GREY, SETTINGS, SMALL, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

FADED = 0.25
"""How strong a bar is where nothing trained."""


def draw(change: pandas.DataFrame, title: str, caption: str = "") -> Figure:
    """Bars of the mean absolute change of each layer and part; faded where nothing trained.

    `change` has the columns layer (0: the input), part, change and trained.
    """
    import matplotlib

    layers = sorted(set(change["layer"]))
    parts = list(dict.fromkeys(change["part"]))
    figure, (ax,) = new_figure(max(3.6, 1.6 + 0.35 * len(layers)), 3.0)
    width = 0.8 / len(parts)
    with matplotlib.rc_context(SETTINGS):
        for number, part in enumerate(parts):
            rows = change[change["part"] == part]
            places = [layers.index(layer) + (number - (len(parts) - 1) / 2) * width for layer in rows["layer"]]
            bars = ax.bar(places, rows["change"], width, color=COLORS[number], label=part)
            for bar, trained in zip(bars, rows["trained"], strict=True):
                bar.set_alpha(1.0 if trained else FADED)
        ax.set_xticks(range(len(layers)), ["input" if layer == 0 else str(layer) for layer in layers])
        middle, half = (len(layers) - 1) / 2, max(len(layers), 3) / 2
        ax.set_xlim(middle - half, middle + half)  # a single bar is no wall
        ax.set_xlabel("layer")
        ax.set_ylabel("mean absolute change")
        ax.set_ylim(bottom=0)
        ax.set_title(title)
        if len(parts) > 1:
            ax.legend()
        if caption:
            figure.supxlabel(caption, fontsize=SMALL, color=GREY)
    return figure

"""Confusion of labels: one panel a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.report.figures.grid import ON_BRIGHT, ON_DARK, draw_grid
from xbench.report.figures.style import SMALL, new_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

COLUMNS = 4
MOST_NUMBERS = 8  # labels; of more the numbers would not fit


def confusion_figure(confusion: pandas.DataFrame) -> Figure:
    """Rows are gold labels, columns answers; a row's shares add up to 100. Labels that no gold has are left out."""
    languages = list(dict.fromkeys(confusion["language"]))
    outside = bool(confusion.loc[confusion["prediction"] == "(none)", "count"].sum()) if len(confusion) else False
    kept = confusion if outside else confusion[confusion["prediction"] != "(none)"]
    golds, answers = list(dict.fromkeys(kept["gold"])), list(dict.fromkeys(kept["prediction"]))
    count = max(len(languages), 1)
    columns, rows = min(count, COLUMNS), -(-count // COLUMNS)
    figure, axes = new_figure(1.75 * columns + 1.0, 1.7 * rows + 0.7, rows=rows, columns=columns)
    for axis in axes[len(languages) :]:
        axis.set_axis_off()
    for place, (axis, language) in enumerate(zip(axes, languages, strict=False)):
        part = kept[kept["language"] == language]
        grid = part.pivot(index="gold", columns="prediction", values="share").reindex(index=golds, columns=answers)
        draw_grid(axis, grid.to_numpy(dtype=float), 0, 1)
        if len(answers) <= MOST_NUMBERS:
            for y, gold in enumerate(golds):
                for x, answer in enumerate(answers):
                    value = grid.loc[gold, answer]
                    if value == value:
                        color = ON_BRIGHT if value > 0.5 else ON_DARK
                        axis.text(x, y, f"{100 * value:.0f}", ha="center", va="center", fontsize=SMALL, color=color)
        axis.set_title(language, loc="left", fontsize=9)
        bottom, left = place + columns >= len(languages), place % columns == 0
        axis.set_xticks(range(len(answers)), answers if bottom else [""] * len(answers), rotation=90)
        for label in axis.get_xticklabels():
            label.set_in_layout(place // columns == rows - 1)  # above a gap in the last row there is room
        axis.set_yticks(range(len(golds)), golds if left else [""] * len(golds))
        axis.tick_params(length=0)
        for side in axis.spines.values():
            side.set_visible(False)
    figure.supxlabel("answer", fontsize=9)
    figure.supylabel("gold", fontsize=9)
    return figure

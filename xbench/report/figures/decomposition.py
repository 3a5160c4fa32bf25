"""One system's gap in parts: by target, and by bucket of an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.report.figures.gap import name_conditions
from xbench.report.figures.style import COLORS, GREY, new_figure
from xbench.report.transfer_decomposition import MEAN, WHOLE

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TERMS = {"mix": COLORS[5], "behaviour": COLORS[1], "unmatched": "#b9b9b9"}


def decomposition_figure(frame: pandas.DataFrame) -> Figure:
    """`frame` as `decomposition_frame` gives it, of one system on one task.

    Left: each target's gap as a bar of its parts, with the gap and its 95 % interval as a dot. Right: the same for the
    buckets of the mean over targets, in the order of their values.
    """
    whole = frame[frame["bucket"] == WHOLE]
    targets = whole[whole["target"] != MEAN].sort_values("total")
    whole = type(frame)([*targets.to_dict("records"), *whole[whole["target"] == MEAN].to_dict("records")])
    buckets = frame[(frame["target"] == MEAN) & (frame["bucket"] != WHOLE)].iloc[::-1]
    rows = max(len(whole), len(buckets))
    figure, axes = new_figure(7.2, 1.3 + 0.3 * rows, columns=2)
    task, method, source, attribute = frame[["task", "method", "source", "attribute"]].iloc[0]
    _bars(axes[0], whole, list(whole["target"]))
    axes[0].set_title(f"{task}, {method}: {source} - target, times 100", loc="left", fontsize=9)
    _bars(axes[1], buckets, [_label(row) for row in buckets.to_dict("records")])
    axes[1].set_title(f"mean, by bucket of {attribute}", loc="left", fontsize=9)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    name_conditions(figure, frame)
    return figure


def _label(row: dict[str, float]) -> str:
    lower, upper = row["lower"], row["upper"]
    if lower != lower and upper != upper:
        return str(row["bucket"])
    limits = (
        f"≤ {upper:.4g}" if lower != lower else f"> {lower:.4g}" if upper != upper else f"{lower:.4g} – {upper:.4g}"
    )
    return f"{row['bucket']}  {limits}"


def _bars(axis: Axes, rows: pandas.DataFrame, names: list[str]) -> None:
    places = range(len(rows))
    above, below = [0.0] * len(rows), [0.0] * len(rows)
    for term, color in TERMS.items():
        values = [100 * value for value in rows[term]]
        # Positive parts grow to the right of zero and negative ones to the left, so that no part hides another.
        lefts = [above[at] if value >= 0 else below[at] for at, value in enumerate(values)]
        axis.barh(places, values, left=lefts, color=color, height=0.6, label=term)
        for at, value in enumerate(values):
            above[at] += max(value, 0)
            below[at] += min(value, 0)
    gaps = [100 * value for value in rows["total"]]
    half = [50 * (high - low) for low, high in zip(rows["total_low"], rows["total_high"], strict=True)]
    axis.errorbar(gaps, places, xerr=half, fmt="o", color="black", markersize=3, linewidth=0.8, label="sum, 95 %")
    axis.axvline(0, color=GREY, linewidth=0.8)
    axis.set_yticks(places, names)
    axis.tick_params(axis="y", length=0)

"""The look that all figures share, and files that are the same bytes whenever they are drawn."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import RequestError, nearest
from xbench.report.figures.fonts import FONT, set_texts, without_glyph_warnings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png")
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's colours, which colour-blind readers tell apart."""
GREY = "#6b6b6b"
SMALL = 8  # the smallest text, in points
LINE = 0.2  # of text, in inches
SEQUENTIAL, DIVERGING = "cividis", "PuOr"

SETTINGS: dict[Any, Any] = {
    "font.family": [FONT, "sans-serif"],
    "font.sans-serif": [FONT],
    "font.size": 9,
    "text.parse_math": False,  # a $ in a label is a $
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "xbench",
    "pdf.fonttype": 42,
}


@dataclass(frozen=True)
class Spaces:
    """Inches around a grid of axes, and between them, for labels whose size is known beforehand."""

    left: float
    right: float
    bottom: float
    top: float
    columns: float = 0.0
    rows: float = 0.0

    def places(self, width: float, height: float, rows: int, columns: int) -> dict[str, float]:
        """What `Figure.subplots_adjust` takes, for a figure of that size in inches."""
        wide = (width - self.left - self.right - (columns - 1) * self.columns) / columns
        high = (height - self.bottom - self.top - (rows - 1) * self.rows) / rows
        outside = {"left": self.left / width, "right": 1 - self.right / width}
        outside |= {"bottom": self.bottom / height, "top": 1 - self.top / height}
        return outside | {"wspace": self.columns / wide, "hspace": self.rows / high}

    def place_labels(self, axis: Axes, width: float, height: float) -> None:
        """Puts the labels of axes at the edge of a figure of that size: otherwise every tick is measured for them."""
        box = axis.get_position()
        axis.yaxis.set_label_coords((LINE - self.left) / (box.width * width), 0.5)
        axis.xaxis.set_label_coords(0.5, (LINE - self.bottom) / (box.height * height))


Used = dict[tuple[object, ...], "Figure"]
"""Figures by their size, of one function, to be drawn on again."""


def new_figure(
    width: float = 6.0,
    height: float = 3.0,
    *,
    rows: int = 1,
    columns: int = 1,
    spaces: Spaces | None = None,
    used: Used | None = None,
) -> tuple[Figure, list[Axes]]:
    """A figure of that size in inches and its axes, row by row. No window, and no global state of pyplot.

    Without `spaces` its labels are measured when it is drawn, which takes as long as drawing. `used` are figures of the
    same function that are no longer needed: one of this size is emptied, which is faster than to make one, and a new
    one joins them.
    """
    import matplotlib
    from matplotlib.figure import Figure

    size = width, height, rows, columns, spaces
    if used and size in used:
        for legend in list(used[size].legends):
            legend.remove()
        return used[size], [_emptied(axis) for axis in used[size].axes]
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout=None if spaces else "constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
        if spaces:
            figure.subplots_adjust(**spaces.places(width, height, rows, columns))
            for axis in axes.flat:
                spaces.place_labels(axis, width, height)
    if used is not None:
        used[size] = figure
    return figure, list(axes.flat)


def _emptied(axis: Axes) -> Axes:
    """Axes without what was drawn on them; ticks, labels and title are there to be set again."""
    for artist in (*axis.lines, *axis.collections, *axis.patches, *axis.texts):
        artist.remove()
    if legend := axis.get_legend():
        legend.remove()
    if (axis.get_xscale(), axis.get_yscale()) != ("linear", "linear"):
        axis.set_xscale("linear")
        axis.set_yscale("linear")
    axis.ignore_existing_data_limits = True
    return axis


def fitted(label: str, letters: int = 20, lines: int = 2) -> str:
    """A label in lines of so many letters, cut where it would take more lines."""
    return "\n".join(textwrap.wrap(label, letters, max_lines=lines, placeholder="…")) or label[:letters]


def lay_out(figure: Figure) -> None:
    """Gives the axes of an SVG their places for good: saving would draw the whole figure once more, only for that."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    engine = figure.get_layout_engine()
    if engine is not None:
        set_texts(figure)  # first, for their sizes
        FigureCanvasSVG(figure)
        with matplotlib.rc_context(SETTINGS), without_glyph_warnings():
            engine.execute(figure)
        figure.set_layout_engine("none")


def svg_text(figure: Figure) -> str:
    """A figure as SVG; two calls give the same text. Its letters are as they were set, whatever fonts are here."""
    import matplotlib

    written = BytesIO()
    with matplotlib.rc_context(SETTINGS), without_glyph_warnings():
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue().decode()


def save_figure(figure: Figure, path: Path) -> Path:
    """Writes a figure as svg, pdf or png, by the path's ending; two calls give the same bytes.

    Raises:
        RequestError: another ending.
    """
    import matplotlib

    kind = path.suffix.removeprefix(".")
    if kind not in FORMATS:
        raise RequestError(f"{path}: a figure is {', '.join(FORMATS)}.{nearest(kind, FORMATS)}")
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}, "png": {}}
    missing = set_texts(figure)
    if missing and kind != "svg":  # whoever shows an SVG has fonts of their own
        print(
            f"{path}: no font here has glyphs for '{missing}'; install one (Noto) and draw it again.", file=sys.stderr
        )
    with matplotlib.rc_context(SETTINGS), without_glyph_warnings():
        figure.savefig(path, metadata=dates[kind], dpi=200)
    return path

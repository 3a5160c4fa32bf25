"""The look that all figures share, and files that are the same bytes whenever they are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import RequestError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png")
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's colours, which colour-blind readers tell apart."""
GREY = "#6b6b6b"
SEQUENTIAL, DIVERGING = "cividis", "PuOr"

SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "xbench",
    "pdf.fonttype": 42,
}


def new_figure(
    width: float = 6.0, height: float = 3.0, *, rows: int = 1, columns: int = 1
) -> tuple[Figure, list[Axes]]:
    """A figure of that size in inches and its axes, row by row. No window, and no global state of pyplot."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
    return figure, list(axes.flat)


def lay_out(figure: Figure) -> None:
    """Gives an SVG's axes their places, for good; saving would otherwise draw all of the figure first, only for that."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    engine = figure.get_layout_engine()
    if engine is not None:
        FigureCanvasSVG(figure)
        with matplotlib.rc_context(SETTINGS):
            engine.execute(figure)
        figure.set_layout_engine("none")


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
    with matplotlib.rc_context(SETTINGS):
        figure.savefig(path, metadata=dates[kind], dpi=200)
    return path

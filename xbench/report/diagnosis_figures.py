"""The figures of a diagnosis: files for a paper, and drawings inside a page."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.diagnosis.diagnose import Diagnosis, PairDiagnosis
from xbench.report.figures.style import FORMATS, lay_out, save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAPTIONS = {
    "pair": "Both systems, and for every attribute and language the largest gain and loss with its bucket.",
    "buckets": "By language and bucket.",
    "reliability": "Accuracy against confidence; bars below the diagonal are surer than they are right.",
    "confusion": "Gold labels against answers, in percent of a row.",
}


def diagnosis_figures(diagnosis: Diagnosis) -> dict[str, Figure]:
    """Name -> figure, of those that the diagnosis has something for."""
    from xbench.report.figures.buckets import bucket_figure
    from xbench.report.figures.confusion import confusion_figure
    from xbench.report.figures.pair import pair_figure
    from xbench.report.figures.reliability import reliability_figure

    if isinstance(diagnosis, PairDiagnosis):
        return {"pair": pair_figure(diagnosis.differences, diagnosis.gains, diagnosis.about.systems)}
    figures = {"buckets": bucket_figure(diagnosis.performance)} if diagnosis.about.attributes else {}
    if len(diagnosis.calibration.summary):
        figures["reliability"] = reliability_figure(diagnosis.calibration)
    if len(diagnosis.confusion):
        figures["confusion"] = confusion_figure(diagnosis.confusion)
    return figures


def write_figures(diagnosis: Diagnosis, folder: Path) -> list[Path]:
    """Writes every figure as svg, pdf and png into a folder, which is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        save_figure(figure, folder / f"{name}.{kind}")
        for name, figure in diagnosis_figures(diagnosis).items()
        for kind in FORMATS
    ]


def inline_svg(figure: Figure, name: str) -> str:
    """A figure as an `<svg>` element for a page: no background, black in the page's text colour, ids of its own."""
    lay_out(figure)
    with tempfile.TemporaryDirectory() as folder:
        text = save_figure(figure, Path(folder) / "figure.svg").read_text(encoding="utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\1{name}-", text)
    text = re.sub(r'(<g id="[\w-]*patch_1">\s*<path[^>]*style=")fill: #ffffff', r"\1fill: none", text)
    # Titles, axes and ticks are pure black; what stands on a colour is drawn in other shades and stays.
    text = text.replace("#ffffff", "transparent").replace("stroke: #000000", "stroke: currentColor")
    return re.sub(r"<text(?![^>]*fill:)", '<text fill="currentColor"', text)

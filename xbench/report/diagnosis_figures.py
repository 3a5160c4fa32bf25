"""The figures of a diagnosis: files for a paper, and drawings inside a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.diagnosis.diagnose import Diagnosis, PairDiagnosis
from xbench.report.figures.fonts import set_texts
from xbench.report.figures.style import FORMATS, GREY, SETTINGS, lay_out, save_figure, svg_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Characters without a shape that could end or reorder the text around them.
ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

CAPTIONS = {
    "pair": "Both systems on all examples, with the 95 % interval of their difference as a band around the first; then "
    "the first's largest gain (blue) and loss (orange) by attribute and language, with the bucket where it happens. "
    "Full colour: real; pale: may be chance.",
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
    """A figure as an `<svg>` element for a page: in the page's font and colours, without background, ids of its own."""
    set_texts(figure)
    return _inline(figure, name)


def _inline(figure: Figure, name: str) -> str:
    lay_out(figure)
    text = svg_text(figure)
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\1{name}-", text)
    text = re.sub(r'(<g id="[\w-]*patch_1">\s*<path[^>]*style=")fill: #ffffff', r"\1fill: none", text)
    text = re.sub(r"font-family: [^;\"]*; ", "", text)
    # Black is the text's colour, also where matplotlib leaves it out. What stands on a colour is never quite black.
    text = text.replace("<svg ", '<svg fill="currentColor" stroke-linejoin="round" ', 1)
    for drawn, shown in (("#ffffff", "var(--paper, #ffffff)"), (GREY, f"var(--soft, {GREY})")):
        text = text.replace(drawn, shown)
    return ACTING.sub("\ufffd", text.replace("stroke: #000000", "stroke: currentColor"))


def inline_panels(figures: Iterable[Figure], name: str) -> str:
    """Small figures side by side, as many in a row as a page has room for. They are made as they are asked for."""
    import matplotlib

    # Made under these settings, their texts need no look at each: a page has fonts of its own.
    with matplotlib.rc_context(SETTINGS):
        drawn = [_inline(figure, f"{name}-{place}") for place, figure in enumerate(figures, start=1)]
    return f'<div class="multiples">{"".join(drawn)}</div>'

"""The HTML report of a diagnosis: one file that needs nothing else, and asks no network for anything."""

from __future__ import annotations

from pathlib import Path

from xbench.diagnosis.diagnose import Diagnosis
from xbench.report.diagnosis import sections, subtitle, title, warning
from xbench.report.diagnosis_figures import CAPTIONS, diagnosis_figures, inline_svg


def diagnosis_page(diagnosis: Diagnosis) -> str:
    """The report as HTML. Everything that comes from data is escaped; drawings are inline SVG."""
    from importlib.resources import files

    from jinja2 import DictLoader, Environment, StrictUndefined

    source = files("xbench.leaderboard").joinpath("templates", "diagnosis.html").read_text(encoding="utf-8")
    environment = Environment(
        loader=DictLoader({"diagnosis.html": source}), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    drawings = [
        {"name": name, "svg": inline_svg(figure, name), "caption": CAPTIONS[name]}
        for name, figure in diagnosis_figures(diagnosis).items()
    ]
    return environment.get_template("diagnosis.html").render(
        title=title(diagnosis),
        subtitle=subtitle(diagnosis.about),
        warning=warning(diagnosis.about),
        drawings=drawings,
        sections=sections(diagnosis),
        notes=diagnosis.about.notes,
    )


def write_page(diagnosis: Diagnosis, path: Path) -> None:
    """Writes the report to a file, whose folder is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(diagnosis_page(diagnosis), encoding="utf-8")

"""A diagnosis in five formats: tables for people, the buckets as CSV, everything as JSON."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from xbench.diagnosis.diagnose import Diagnosis, PairDiagnosis
from xbench.report.diagnosis import Section, sections, subtitle, title, warning
from xbench.report.formats import check_format
from xbench.report.grids import print_grid
from xbench.report.table_text import latex_table, markdown_table, markdown_text, sentences
from xbench.report.terminal import make_console

if TYPE_CHECKING:
    import pandas


def write_diagnosis(diagnosis: Diagnosis, name: str, file: IO[str]) -> None:
    """Writes a diagnosis in the format `name`.

    csv: one row a language and bucket, fractions. json: every part of it. Raises RequestError for an unknown format.
    """
    check_format(name)
    if name == "csv":
        diagnosis.to_pandas().assign(**_identity(diagnosis)).to_csv(file, index=False, lineterminator="\n")
    elif name == "json":
        json.dump(as_json(diagnosis), file, ensure_ascii=False, indent=1)
        file.write("\n")
    elif name == "table":
        _print(diagnosis, file)
    else:
        file.write(markdown(diagnosis) if name == "markdown" else latex(diagnosis))


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """Plain JSON types: `about`, and each part as a list of rows; what is not a number is null."""
    about = diagnosis.about
    given: dict[str, Any] = {"task": about.task, "kind": about.kind, "metric": about.metric}
    given |= {"systems": list(about.systems)}
    given |= {**about.conditions, "sample": about.is_sample}
    given |= {"seeds": [list(seeds) for seeds in about.seeds], "languages": list(about.languages)}
    given |= {"attributes": list(about.attributes), "edges": about.edges, "buckets": about.buckets}
    given |= {"notes": list(about.notes)}
    return {"about": given, **{name: _records(frame) for name, frame in _frames(diagnosis).items()}}


def _frames(diagnosis: Diagnosis) -> dict[str, pandas.DataFrame]:
    if isinstance(diagnosis, PairDiagnosis):
        names = ("findings", "differences", "gains", "only_one_right", "examples")
        return {name: getattr(diagnosis, name) for name in names}
    parts = {name: getattr(diagnosis, name) for name in ("performance", "labels", "confusion", "errors")}
    return {**parts, "calibration": diagnosis.calibration.summary, "calibration_bins": diagnosis.calibration.bins}


def _records(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return rows


def _identity(diagnosis: Diagnosis) -> dict[str, Any]:
    """What every row of the csv is of."""
    about = diagnosis.about
    names = ("first_system", "second_system") if len(about.systems) == 2 else ("system",)
    systems = dict(zip(names, about.systems, strict=True))
    return {"task": about.task, "metric": about.metric, **systems, **about.conditions}


def _print(diagnosis: Diagnosis, file: IO[str]) -> None:
    console = make_console(file)
    console.print(title(diagnosis), style="bold")
    console.print(subtitle(diagnosis.about))
    if told := warning(diagnosis.about):
        console.print(told, style="yellow")
    for section in sections(diagnosis):
        console.print()
        console.print(section.title, style="bold")
        if section.rows:
            print_grid(console, section.header, section.rows, _right(section))
        for note in section.notes:
            console.print(note, style="dim")
    for note in diagnosis.about.notes:
        console.print(note, style="dim")


def markdown(diagnosis: Diagnosis) -> str:
    """The tables as Markdown."""
    lines = [f"## {markdown_text(title(diagnosis))}", "", markdown_text(subtitle(diagnosis.about)), ""]
    if told := warning(diagnosis.about):
        lines += [f"**{told}**", ""]
    for section in sections(diagnosis):
        lines += [f"### {markdown_text(section.title)}", ""]
        if section.rows:
            lines += [*markdown_table(section.header, section.rows, _right(section)), ""]
        lines += [*(f"{markdown_text(note)}\n" for note in section.notes)]
    return "\n".join([*lines, *(f"- {markdown_text(note)}" for note in diagnosis.about.notes), ""])


def latex(diagnosis: Diagnosis) -> str:
    """The tables as LaTeX; they need the packages booktabs and, where there are texts, a font that has them."""
    about = diagnosis.about
    lines = [f"% {line}" for line in (title(diagnosis), subtitle(about), warning(about), *about.notes) if line]
    for section in sections(diagnosis):
        if section.rows:
            caption = sentences(
                f"{section.title}: {title(diagnosis)} ({subtitle(about)})", *section.notes, warning(about)
            )
            lines += latex_table(section.header, section.rows, _right(section), caption)
    return "\n".join([*lines, ""])


def _right(section: Section) -> list[bool]:
    return [place not in section.texts for place in range(len(section.header))]

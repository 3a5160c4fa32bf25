"""`xbench diagnose` shows where a system is good or bad, and where two systems differ."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from xbench.cli.filters import Format, Selection, TasksDirs, reads_results


@reads_results
def diagnose(
    selection: Selection,
    first: Annotated[str | None, typer.Argument(help="a method or a variant of one: mpt, 'mpt[alpha=1]'")] = None,
    second: Annotated[str | None, typer.Argument(help="another, to compare the first with")] = None,
    attributes: Annotated[str | None, typer.Option(help="a,b: in place of the task's own; all: every one")] = None,
    buckets: Annotated[int, typer.Option(help="how many buckets, at most")] = 4,
    edges: Annotated[str, typer.Option(help="per-language or shared")] = "per-language",
    basic_words: Annotated[Path | None, typer.Option(help="a file of basic words, one a line")] = None,
    entity_tagger: Annotated[str | None, typer.Option(help="module:function that finds entities")] = None,
    html: Annotated[Path | None, typer.Option(help="write the report to this file")] = None,
    figures: Annotated[Path | None, typer.Option(help="write svg, pdf and png figures into this folder")] = None,
    format: Format = "table",
    tasks_dir: TasksDirs = None,
) -> None:
    """Shows accuracy by language, bucket and label, confusion and calibration; of two systems, where they differ."""
    from xbench.cli.options import words
    from xbench.diagnosis.diagnose import diagnose_results
    from xbench.report.formats import check_format

    check_format(format)
    found = diagnose_results(
        selection.load(),
        [name for name in (first, second) if name],
        words(attributes, "--attributes") or None,
        buckets,
        edges,
        tuple(tasks_dir or ()),
        basic_words=basic_words,
        entity_tagger=entity_tagger,
        workers=os.cpu_count() or 1,
    )
    from xbench.report.diagnosis_formats import write_diagnosis

    write_diagnosis(found, format, sys.stdout)
    if html is not None:
        from xbench.report.diagnosis_page import write_page

        write_page(found, html)
        print(f"Wrote {html}", file=sys.stderr)
    if figures is not None:
        from xbench.report.diagnosis_figures import write_figures

        for path in write_figures(found, figures):
            print(f"Wrote {path}", file=sys.stderr)

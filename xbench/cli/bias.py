"""`xbench bias`: what the test sets of tasks and languages are like, as mean attributes of their examples."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from xbench.cli.filters import Format, Selection, TasksDirs, reads_results


@reads_results
def bias(
    selection: Selection,
    attributes: Annotated[str | None, typer.Option(help="a,b: in place of the tasks' own; module:function")] = None,
    tokenizer: Annotated[str | None, typer.Option(help="whose subwords are counted; else the backbone's")] = None,
    basic_words: Annotated[Path | None, typer.Option(help="a file of basic words, one a line")] = None,
    entity_tagger: Annotated[str | None, typer.Option(help="module:function that finds entities")] = None,
    tasks_dir: TasksDirs = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="also draws it: a .svg, .pdf or .png")] = None,
    format: Format = "table",
) -> None:
    """Shows the mean attributes of each data set and language (PolyPrompt's dataset bias)."""
    from xbench.cli.options import words
    from xbench.diagnosis.bias import profile_table, stored_profile
    from xbench.report.formats import check_format
    from xbench.report.frames import write_frame

    check_format(format)
    found = selection.load()
    if not len(found):
        return
    profile = stored_profile(
        found,
        words(attributes, "--attributes") or None,
        tasks_dirs=tuple(tasks_dir or ()),
        tokenizer=tokenizer,
        basic_words=basic_words,
        entity_tagger=entity_tagger,
    )
    if figure is not None:
        from xbench.report.figures.bias import bias_figure
        from xbench.report.figures.style import save_figure

        save_figure(bias_figure(profile.frame), figure)
        print(f"Drawn: {figure}", file=sys.stderr)
    if format in ("csv", "json"):
        write_frame(profile.frame.assign(data=profile.data), format, sys.stdout)
    else:
        title = "Sample data: mean attributes" if profile.data == "sample" else "Mean attributes"
        write_frame(profile_table(profile.frame).reset_index(), format, sys.stdout, title=title, text=_text)
    for note in profile.notes:
        print(note, file=sys.stderr)


def _text(column: str, value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else f"{value:.2f}"

"""`xbench bias`: what the test sets of tasks and languages are like, as mean attributes of their examples."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from xbench.cli.filters import Data, Language, Method, Model, Runs, Seed, Setting, Shots, Task, filters, load


def bias(
    runs: Runs = None,
    task: Task = None,
    method: Method = None,
    model: Model = None,
    data: Data = None,
    setting: Setting = None,
    shots: Shots = None,
    language: Language = None,
    seed: Seed = None,
    attributes: Annotated[str | None, typer.Option(help="a,b: in place of the tasks' own; module:function")] = None,
    tokenizer: Annotated[str | None, typer.Option(help="whose subwords are counted; else the backbone's")] = None,
    basic_words: Annotated[Path | None, typer.Option(help="a file of basic words, one a line")] = None,
    entity_tagger: Annotated[str | None, typer.Option(help="module:function that finds entities")] = None,
    tasks_dir: Annotated[list[Path] | None, typer.Option(help="a folder with task YAMLs of your own")] = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="also draws it: a .svg, .pdf or .png")] = None,
    format: Annotated[str, typer.Option("--format", help="table, csv, json, markdown or latex")] = "table",
) -> None:
    """Shows the mean attributes of each data set and language (PolyPrompt's dataset bias)."""
    from xbench.cli.options import words
    from xbench.diagnosis.bias import profile_table, stored_profile
    from xbench.report.formats import check_format
    from xbench.report.frames import write_frame

    check_format(format)
    chosen = filters(
        task=task, method=method, model=model, data=data, setting=setting, shots=shots, language=language, seed=seed
    )
    found = load(runs, chosen)
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

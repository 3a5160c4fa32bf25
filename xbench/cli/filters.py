"""The options that all reading commands share: run stores, filters, format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

Runs = Annotated[list[Path] | None, typer.Option("--runs", help="a run store; may be given again")]
Task = Annotated[list[str] | None, typer.Option("--task", help="only this task; may be given again, or as a,b")]
Method = Annotated[list[str] | None, typer.Option("--method", help="only this method, or a variant of it")]
Model = Annotated[list[str] | None, typer.Option("--model", help="only this backbone")]
Data = Annotated[list[str] | None, typer.Option("--data", help="only sample, hub or files")]
Setting = Annotated[list[str] | None, typer.Option("--setting", help="only zero-shot, in-language or cross-task")]
Shots = Annotated[list[str] | None, typer.Option("--shots", help="only this train size: 16, total:50, full")]
Language = Annotated[list[str] | None, typer.Option("--language", help="only this evaluated language")]
Seed = Annotated[list[str] | None, typer.Option("--seed", help="only this seed")]


def filters(**options: Sequence[str] | None) -> dict[str, Any]:
    """Filters for `load_results`; each option may be given several times, and with commas.

    Raises RequestError for an empty entry.
    """
    from xbench.cli.options import words

    given = {name: values for name, values in options.items() if values}
    return {name: [word for text in values for word in words(text, f"--{name}")] for name, values in given.items()}


def load(runs: Sequence[Path] | None, chosen: dict[str, Any]) -> Any:
    """The results asked for; says on stderr where there are none. Raises RequestError as `load_results` does."""
    import sys

    from xbench.analysis import load_results
    from xbench.store import default_path

    results = load_results(*(runs or ()), **chosen)
    if not len(results):
        places = ", ".join(str(path) for path in runs or [default_path()])
        which = "that match these filters " if chosen else ""
        print(f"No results {which}in {places} yet; `xbench eval` makes some.", file=sys.stderr)
    return results

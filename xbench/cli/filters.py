"""The options that all reading commands share: run stores and filters.

A command takes one parameter `selection: Selection` and is decorated with `reads_results`, which puts the options in
its place.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from xbench.analysis import Results

Returned = TypeVar("Returned")

Runs = Annotated[list[Path] | None, typer.Option("--runs", help="a run store; may be given again")]
Format = Annotated[str, typer.Option("--format", help="table, csv, json, markdown or latex")]
TasksDirs = Annotated[list[Path] | None, typer.Option("--tasks-dir", help="a folder with task YAMLs of your own")]

FILTERS = {
    "task": "only this task; may be given again, or as a,b",
    "method": "only this method, or a variant of it",
    "model": "only this backbone",
    "data": "only sample, hub or files",
    "setting": "only zero-shot, in-language or cross-task",
    "shots": "only this train size: 16, total:50, full",
    "language": "only this evaluated language",
    "seed": "only this seed",
}


@dataclass(frozen=True)
class Selection:
    """What a reading command is asked about: cells of these run stores that the filters let through."""

    runs: tuple[Path, ...] = ()
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def load(self) -> Results:
        """The results; says on stderr where there are none. Raises RequestError as `load_results` does."""
        from xbench.analysis import load_results
        from xbench.store import default_path

        results = load_results(*self.runs, **dict(self.filters))
        if not len(results):
            places = ", ".join(str(path) for path in self.runs or [default_path()])
            which = "that match these filters " if self.filters else ""
            print(f"No results {which}in {places} yet; `xbench eval` makes some.", file=sys.stderr)
        return results


def reads_results(command: Callable[..., Returned]) -> Callable[..., Returned]:
    """Gives a command the shared options in place of its parameter `selection`, which holds what they say."""
    signature = inspect.signature(command, eval_str=True)
    places = list(signature.parameters)
    shared = [_option("runs", Runs), *(_option(name, _filter(name)) for name in FILTERS)]

    @functools.wraps(command)
    def with_options(**given: Any) -> Returned:
        chosen = {name: given.pop(name) for name in FILTERS}
        runs = tuple(given.pop("runs") or ())
        return command(selection=Selection(runs, _words(chosen)), **given)

    parameters: list[inspect.Parameter] = []
    for name in places:
        own = signature.parameters[name].replace(kind=inspect.Parameter.KEYWORD_ONLY)
        parameters += shared if name == "selection" else [own]
    # Typer reads the signature and the annotations, and would follow `__wrapped__` to those of the command.
    del with_options.__wrapped__
    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options


def _filter(name: str) -> Any:
    return Annotated[list[str] | None, typer.Option(f"--{name}", help=FILTERS[name])]


def _option(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _words(chosen: Mapping[str, Sequence[str] | None]) -> dict[str, list[str]]:
    """Filters for `load_results`; each option may be given several times, and with commas.

    Raises RequestError for an empty entry.
    """
    from xbench.cli.options import words

    given = {name: values for name, values in chosen.items() if values}
    return {name: [word for text in values for word in words(text, f"--{name}")] for name, values in given.items()}

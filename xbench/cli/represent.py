"""`xbench represent`: what training did to a cell's representations."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xbench.cli.filters import Runs, Selection

if TYPE_CHECKING:
    from xbench.analysis.results import StoredCell
    from xbench.representations.comparison import Comparison
    from xbench.representations.states import Layer, Token
    from xbench.runner.rebuild import RebuiltCell


def represent(
    cell: Annotated[str, typer.Argument(help="a cell's id, or how it begins (`xbench runs list`)")],
    against: Annotated[
        str, typer.Option(help="backbone as pretrained, untrained (the method's model before training), or a cell")
    ] = "backbone",
    task: Annotated[str | None, typer.Option(help="the task, where the cell has several")] = None,
    languages: Annotated[str | None, typer.Option(help="languages, en,de; all that the cell has by default")] = None,
    token: Annotated[
        str | None, typer.Option(help="whose state: the first token's, the mask's, or the mean over tokens")
    ] = None,
    layer: Annotated[str, typer.Option(help="last, or a number from 1")] = "last",
    limit: Annotated[int, typer.Option(help="texts of each language; 0: all")] = 1000,
    figures: Annotated[Path | None, typer.Option(help="a folder for figures")] = None,
    figure_format: Annotated[str, typer.Option(help="svg, pdf or png")] = "svg",
    format: Annotated[str, typer.Option("--format", help="table, csv, json, markdown or latex")] = "table",
    seed: Annotated[int, typer.Option(help="draws splits, intervals and the t-SNE")] = 0,
    runs: Runs = None,
    tasks_dir: Annotated[list[Path] | None, typer.Option(help="a folder with task YAMLs of your own")] = None,
    methods_dir: Annotated[list[Path] | None, typer.Option(help="a folder with methods of your own")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, mps; the best there is by default")] = None,
) -> None:
    """Compares representations before and after tuning: cosines, translations, boundaries, change of a prompt."""
    from xbench.cli.options import words
    from xbench.cli.represent_output import write
    from xbench.report.formats import check_format

    check_format(format)
    _check_figure_format(figure_format)
    names = words(languages, "--languages")
    chosen_token, chosen_layer = _token(token), _layer(layer)
    cells = list(Selection(tuple(runs or ())).load())
    found = find_cell(cells, cell, "CELL")
    other = None if against in ("backbone", "untrained") else find_cell(cells, against, "--against")

    from xbench.representations.comparison import Choices, compare

    directories = (tuple(tasks_dir or ()), tuple(methods_dir or ()))
    rebuilt = _rebuild(found, directories, device)
    choices = Choices(chosen_token, chosen_layer, limit or None, seed)
    before: Any = against if other is None else _rebuild(other, directories, device)
    comparison = compare(rebuilt, task, names, before, choices)
    _warn_of_versions(rebuilt, comparison)
    write(rebuilt.record, comparison, against, format, sys.stdout)
    if figures is not None:
        from xbench.cli.represent_figures import write_figures

        for path in write_figures(rebuilt.record, comparison, figures, figure_format, seed):
            print(f"Wrote {path}", file=sys.stderr)


def find_cell(cells: Sequence[StoredCell], head: str, what: str) -> StoredCell:
    """The cell whose id begins so. Raises RequestError where none does, or several."""
    from xbench.errors import RequestError, nearest

    matching = [cell for cell in cells if cell.record.id.startswith(head)]
    ids = sorted({cell.record.id for cell in matching})
    if len(ids) == 1:
        return matching[0]
    if ids:
        choices = "; ".join(f"{cell.record.id} ({cell.record.label}, seed {cell.record.seed})" for cell in matching)
        raise RequestError(f"{what} '{head}': several cells begin so: {choices}.")
    known = [cell.record.id for cell in cells] + (["backbone", "untrained"] if what == "--against" else [])
    hint = nearest(head, known) if len(known) < 8 or " Did you" in nearest(head, known) else ""
    raise RequestError(f"{what} '{head}': there is no such cell.{hint} `xbench runs list` shows them.")


def _rebuild(
    found: StoredCell, directories: tuple[tuple[Path, ...], tuple[Path, ...]], device: str | None
) -> RebuiltCell:
    import torch

    from xbench import micro
    from xbench.runner.cell import Workplace
    from xbench.runner.processes import make_accelerator
    from xbench.runner.rebuild import RebuiltCell

    if found.record.model in micro.NAMES:
        torch.set_num_threads(1)  # so small are the sums that a second thread only waits for the first
    tasks_dirs, methods_dirs = directories
    place = Workplace(found.store, make_accelerator(device), tasks_dirs)
    return RebuiltCell(found.record, place, methods_dirs)


def _warn_of_versions(cell: RebuiltCell, comparison: Comparison) -> None:
    """New parameters are drawn again from the seed, and only the same torch is sure to draw the same."""
    import torch

    then, now = cell.record.versions.get("torch", ""), torch.__version__
    redrawn = len(comparison.prompt) > 0 or "before training" in comparison.names[0]
    if redrawn and then != now:
        print(
            f"The cell was trained with torch {then or '(not recorded)'}, this is {now}: values before training are "
            "drawn again from the seed, and another torch may draw others.",
            file=sys.stderr,
        )


def _token(text: str | None) -> Token | None:
    from xbench.errors import RequestError, nearest

    choices: tuple[Token, ...] = ("first", "mean", "mask")
    for choice in choices:
        if text == choice:
            return choice
    if text is None:
        return None
    raise RequestError(f"--token '{text}' is none of {', '.join(choices)}.{nearest(text, choices)}")


def _layer(text: str) -> Layer:
    from xbench.errors import RequestError

    if text == "last":
        return "last"
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise RequestError(f"--layer '{text}': say last, or the layer's number from 1, the one nearest to the input.")


def _check_figure_format(name: str) -> None:
    from xbench.errors import RequestError, nearest
    from xbench.report.figures.style import FORMATS

    if name not in FORMATS:
        raise RequestError(f"--figure-format '{name}' is none of {', '.join(FORMATS)}.{nearest(name, FORMATS)}")

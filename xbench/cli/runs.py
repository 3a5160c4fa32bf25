"""`xbench runs`: what the run store holds, removing from it, and merging stores of several machines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xbench.cli.filters import Selection, reads_results

if TYPE_CHECKING:
    from xbench.analysis import Results

app = typer.Typer(help="The run store: list, remove, merge.", no_args_is_help=True)

CELL_COLUMNS = (
    *("cell", "method", "variant", "model", "data", "profile", "setting", "shots", "seed", "tasks"),
    *("languages", "train_seconds", "created", "runs"),
)


@app.command("list")
@reads_results
def list_cells(
    selection: Selection,
    format: Annotated[str, typer.Option("--format", help="table, csv or json")] = "table",
) -> None:
    """Lists the cells of the run store."""
    from xbench.errors import RequestError, nearest

    if format not in ("table", "csv", "json"):
        raise RequestError(f"There is no format '{format}' here.{nearest(format, ('table', 'csv', 'json'))}")
    _write(_cells(selection.load()), format)


@app.command("rm")
@reads_results
def remove_cells(
    selection: Selection,
    cells: Annotated[
        list[str] | None, typer.Argument(help="ids of cells, or how they begin", metavar="[CELL]...")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="every cell; needed where no filter is given")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> int:
    """Removes cells, or tasks and languages of them, and the trained weights that nothing else in the store uses."""
    from xbench.errors import RequestError
    from xbench.store.removal import remove

    if not selection.filters and not cells and not all_:
        raise RequestError("Say which cells to remove: by their ids, by filters such as --method, or --all.")
    found = selection.load()
    if cells:
        found = found.only(_full_ids(found, cells))
    if not len(found):
        return 0
    if not yes and not _agreed(found):
        print("Nothing was removed.", file=sys.stderr)
        return 0
    for store in {cell.store.path: cell.store for cell in found}.values():
        removal = remove(store, [cell.record for cell in found if cell.store is store])
        print(
            f"{store.path}: removed {removal.pairs} predictions of {removal.cells} cells, and {removal.artifacts} "
            "artifacts that only they were made from.",
            file=sys.stderr,
        )
    return 0


@app.command("merge")
def merge_stores(
    sources: Annotated[list[Path], typer.Argument(help="run stores to take from", metavar="SRC...")],
    into: Annotated[Path, typer.Option("--into", help="the run store to add to; made where there is none")],
) -> int:
    """Copies what a run store lacks from others. Where two predict differently, the conflict is named and kept out."""
    from xbench.errors import RequestError
    from xbench.store import RunStore
    from xbench.store.merge import merge

    for source in sources:
        if not source.is_dir():
            raise RequestError(f"{source}: there is no run store.")
        if into.exists() and source.samefile(into):
            raise RequestError(f"{source}: a run store cannot be merged into itself.")
    target, conflicts = RunStore(into), 0
    for source in sources:
        result = merge(RunStore(source), target)
        for conflict in result.conflicts:
            print(f"Conflict: {conflict}", file=sys.stderr)
        conflicts += len(result.conflicts)
        print(
            f"{source}: {result.taken} predictions taken, {result.present} were there, "
            f"{len(result.conflicts)} conflicts.",
            file=sys.stderr,
        )
    return 1 if conflicts else 0


def _cells(results: Results) -> list[dict[str, Any]]:
    rows = []
    for cell in results:
        record = cell.record
        measured: dict[str, list[str]] = {}
        for pair in record.predictions:
            measured.setdefault(pair.task, []).append(pair.language)
        about: dict[str, Any] = {name: getattr(record, name, "") for name in CELL_COLUMNS}
        about |= {
            "cell": record.id,
            "tasks": "+".join(measured),
            "languages": "+".join(sorted({language for languages in measured.values() for language in languages})),
            "train_seconds": round(record.train_seconds, 1),
            "runs": str(cell.store.path),
        }
        rows.append(about)
    return sorted(
        rows, key=lambda row: tuple(str(row[name]) for name in ("method", "variant", "tasks", "seed", "cell"))
    )


def _write(rows: list[dict[str, Any]], format: str) -> None:
    if format == "json":
        import json

        print(json.dumps(rows, ensure_ascii=False, indent=1))
    elif format == "csv":
        import csv

        writer = csv.DictWriter(sys.stdout, CELL_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    elif rows:
        _write_table(rows)


def _write_table(rows: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from xbench.report.terminal import make_console

    names = ("cell", "method", "model", "data", "setting", "shots", "seed", "tasks", "languages", "created")
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        grid.add_column(name, overflow="fold")
    for row in rows:
        method = f"{row['method']}[{row['variant']}]" if row["variant"] else row["method"]
        shown = {**row, "method": method, "cell": row["cell"][:8], "languages": row["languages"].replace("+", " ")}
        grid.add_row(*(Text(str(shown[name])) for name in names))
    make_console().print(grid)


def _full_ids(results: Results, heads: list[str]) -> set[str]:
    """The ids that begin so. Raises RequestError for a head that none, or several, begin with."""
    from xbench.errors import RequestError

    ids = {cell.record.id for cell in results}
    found = set()
    for head in heads:
        matching = sorted(id for id in ids if id.startswith(head))
        if len(matching) != 1:
            which = f"several cells begin with '{head}': {', '.join(matching)}." if matching else f"no cell '{head}'."
            raise RequestError(f"Among the cells asked for there are {which} `xbench runs list` shows them.")
        found.add(matching[0])
    return found


def _agreed(results: Results) -> bool:
    """Whether the user, shown what would go, agrees. Raises RequestError where there is nobody to ask."""
    from xbench.errors import RequestError

    for cell in results:
        record = cell.record
        pairs = " ".join(f"{pair.task}:{pair.language}" for pair in record.predictions)
        print(f"{record.id[:8]}  {record.label}  seed {record.seed}  {pairs}  in {cell.store.path}", file=sys.stderr)
    if not sys.stdin.isatty():
        raise RequestError("There is no terminal to ask on; give --yes to remove these cells.")
    return typer.confirm(f"Remove {len(results)} cells?", err=True)

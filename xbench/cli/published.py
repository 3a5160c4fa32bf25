"""`xbench published`: the papers' tables as printed, what follows from them, and measured results beside them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xbench.cli.filters import Format, Selection, reads_results

if TYPE_CHECKING:
    import pandas

app = typer.Typer(no_args_is_help=True, help="The papers' tables: list, show, check, compare with measured results.")

Name = Annotated[str, typer.Argument(help="A table, such as mpt/table-2.")]


@app.command("list")
def list_tables(format: Format = "table") -> None:
    """The tables there are, and those that the papers' text at hand does not have."""
    from xbench.published.tables import table_index
    from xbench.report.frames import write_frame

    write_frame(table_index()[["name", "citation", "title", "unit", "numbers", "state", "note"]], format, sys.stdout)


@app.command("show")
def show(name: Name, format: Format = "table") -> None:
    """A table's numbers as printed; flagged ones and their notes are told on stderr where the format has no room."""
    from xbench.published.layout import as_printed, remarks
    from xbench.published.tables import load_table
    from xbench.report.frames import write_frame

    table = load_table(name)
    if format in ("csv", "json"):
        write_frame(table.cells.drop(columns=["number", "spread_number"]), format, sys.stdout)
        return
    title = f"{table.about['citation']}, {table.about['table']}: {table.about['title']} ({table.about['unit']})"
    write_frame(as_printed(table), format, sys.stdout, title=title)
    for line in remarks(table):
        print(line, file=sys.stderr)


@app.command("check")
def check(
    name: Annotated[str | None, typer.Argument(help="A table, such as mpt/table-2; every one by default.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the numbers that follow.")] = False,
    format: Format = "table",
) -> None:
    """Computes again what follows from other printed numbers: averages, gaps, deviations, p-values."""
    recomputed(name, format, everything)


def recomputed(name: str | None, format: str, everything: bool = True) -> None:
    """Prints what `check` does; also for `xbench compare --published NAME`.

    Raises RequestError for a table that there is not.
    """
    import pandas

    from xbench.published.layout import for_people
    from xbench.published.recomputation import recompute
    from xbench.published.tables import load_table, table_index
    from xbench.report.frames import write_frame

    index = table_index()
    names = [load_table(name).name] if name else list(index.loc[index["state"] == "here", "name"])
    found = [recompute(table) for table in names]
    rows = pandas.concat([frame for frame in found if len(frame)] or found[:1], ignore_index=True)
    _say(rows, name)
    if format in ("csv", "json"):
        write_frame(rows, format, sys.stdout)
        return
    shown = rows if everything else rows[rows["verdict"] != "follows"]
    if len(shown):
        write_frame(for_people(shown), format, sys.stdout, text=_text)
    if name is not None:
        _write_p_values(name, format)


@app.command("beside")
@reads_results
def beside(
    selection: Selection,
    format: Format = "table",
) -> None:
    """Measured results beside published ones, wherever everything matches; never those on sample data.

    The same task, method and variant, backbone, setting, train size, source, training tasks, metric and languages, on
    the hub's data, under the profile paper, and on whole test sets.
    """
    from xbench.published.beside import beside as put_beside
    from xbench.report.formats import check_format
    from xbench.report.frames import write_frame

    check_format(format)
    results = selection.load().to_pandas()
    found = put_beside(results)
    if not len(found) and len(results):
        print(
            "None of these results has a published counterpart: the same task, method, backbone, setting, train size, "
            "source, metric and languages, on whole test sets of the hub, under --profile paper.",
            file=sys.stderr,
        )
    if len(found) or format in ("csv", "json"):
        write_frame(found, format, sys.stdout, text=_percentage)


def _say(rows: pandas.DataFrame, name: str | None) -> None:
    counts = rows["verdict"].value_counts()
    if not len(rows):
        print(f"Nothing in {name} follows from other printed numbers.", file=sys.stderr)
        return
    print(
        f"{len(rows)} numbers were computed again: {counts.get('follows', 0)} follow, "
        f"{counts.get('rounding', 0)} are within what rounding can do, {counts.get('slip', 0)} do not follow.",
        file=sys.stderr,
    )


def _write_p_values(name: str, format: str) -> None:
    """For a table with printed p-values and their rows: every test that was tried, the nearest first."""
    from xbench.published.p_values import p_value_candidates, rank_candidates
    from xbench.published.tables import load_table, read_derivations
    from xbench.report.frames import write_frame

    rules = read_derivations()
    for rule in rules[(rules["table"] == name) & (rules["rule"] == "t-test")].to_dict("records"):
        candidates = p_value_candidates(load_table(name), rule["source_row"])
        wide = candidates.pivot(index=["test", "observations", "n"], columns="row", values="p")
        ranked = rank_candidates(candidates).merge(wide[candidates["row"].unique()].reset_index())
        title = (
            "p of each test on the printed rows, nearest to the printed p first (residual: r.m.s. of log10 p/printed)"
        )
        write_frame(ranked.drop(columns="worst"), format, sys.stdout, title=title, text=_p_text)


def _text(column: str, value: Any) -> str:
    from xbench.report.frames import plain_text

    return f"{value:.1e}" if isinstance(value, float) and 0 < abs(value) < 1e-3 else plain_text(column, value)


def _p_text(column: str, value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if column == "residual" else f"{value:.1e}"
    return str(value)


def _percentage(column: str, value: Any) -> str:
    from xbench.report.frames import plain_text
    from xbench.report.numbers import number

    return number(value) if column in ("measured", "published", "difference") else plain_text(column, value)

"""`xbench leaderboard`: the static site of the results, a server for it, and model cards."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from xbench.cli.filters import Selection, TasksDirs, reads_results

app = typer.Typer(help="The leaderboard site: build, serve, model cards.", no_args_is_help=True)

TITLE, DEEP = "xbench leaderboard", 120

Baseline = Annotated[str | None, typer.Option(help="the method that others are compared with; fine-tuning by default")]


@app.command()
@reads_results
def build(
    selection: Selection,
    out: Annotated[Path, typer.Option(help="the folder that becomes the site")] = Path("site"),
    title: Annotated[str, typer.Option(help="what the site is called")] = TITLE,
    baseline: Baseline = None,
    pair: Annotated[
        list[str] | None, typer.Option(help="compare these two as well, as in mpt,pct; may be given again")
    ] = None,
    deep: Annotated[int, typer.Option(min=0, help="comparisons on a task that get buckets and examples")] = DEEP,
    tasks_dir: TasksDirs = None,
    workers: Annotated[int | None, typer.Option(help="processes; as many as there are cores by default")] = None,
) -> None:
    """Builds the site as a folder of files that any web server, or none, can show."""
    from xbench.report.result_table import BASELINE
    from xbench.site import Request
    from xbench.site import build as build_site
    from xbench.site.conflicts import conflicts

    request = Request(
        out=out,
        title=title,
        baseline=baseline or BASELINE,
        pairs=tuple(_two_systems(text) for text in pair or ()),
        tasks_dirs=tuple(tasks_dir or ()),
        workers=workers or os.cpu_count() or 1,
        deep=deep,
        command=_command(selection, out, title, baseline, pair, deep, tasks_dir),
        conflicts=tuple(conflicts(selection.runs)),
    )
    written = build_site(selection.load(), request)
    print(f"Wrote {len(written)} files into {out}; open {out / 'index.html'}.", file=sys.stderr)


@app.command()
def serve(
    out: Annotated[Path, typer.Option(help="the folder of the site")] = Path("site"),
    host: Annotated[str, typer.Option(help="the address to listen on; only this machine by default")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="the port; 0 takes any that is free")] = 8000,
) -> None:
    """Serves a built site until it is interrupted."""
    from xbench.site.serve import make_server

    with make_server(out, host, port) as server:
        address = f"[{host}]" if ":" in host else host
        print(
            f"{out} is at http://{address}:{server.server_address[1]}/ (Ctrl-C ends it).", file=sys.stderr, flush=True
        )
        server.serve_forever()


@app.command()
@reads_results
def card(
    system: Annotated[str, typer.Argument(help="a method, a variant of it, or the name of its page")],
    selection: Selection,
    tasks_dir: TasksDirs = None,
) -> None:
    """Prints a system's results as the model-index of a Hugging Face model card (YAML)."""
    from xbench.site.card import find_system, model_card

    print(model_card(*find_system(selection.load(), system), tuple(tasks_dir or ())), end="")


def _two_systems(text: str) -> tuple[str, str]:
    """Two systems of `--pair A,B`. Raises RequestError for fewer or more."""
    from xbench.cli.options import words
    from xbench.errors import RequestError

    names = words(text, "--pair")
    if len(names) != 2:
        raise RequestError(f"--pair takes two systems, as in --pair mpt,'soft[length=8]', not '{text}'.")
    return names[0], names[1]


def _command(
    selection: Selection,
    out: Path,
    title: str,
    baseline: str | None,
    pairs: Sequence[str] | None,
    deep: int,
    tasks_dirs: Sequence[Path] | None,
) -> str:
    """The command that builds the same site again."""
    import shlex

    words = ["xbench", "leaderboard", "build"]
    words += [word for path in selection.runs for word in ("--runs", str(path))]
    words += [word for name, values in selection.filters.items() for one in values for word in (f"--{name}", str(one))]
    words += ["--out", str(out), *(["--baseline", baseline] if baseline else [])]
    words += ["--title", title] if title != TITLE else []
    words += ["--deep", str(deep)] if deep != DEEP else []
    words += [word for path in tasks_dirs or () for word in ("--tasks-dir", str(path))]
    words += [word for text in pairs or () for word in ("--pair", text)]
    return shlex.join(words)

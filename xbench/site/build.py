"""Builds the site: what is asked for, and the pages one after another."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.errors import RequestError
from xbench.report.result_table import BASELINE
from xbench.site.assets import write_assets
from xbench.site.collect import Realm, realms
from xbench.site.conflicts import Conflict
from xbench.site.workers import Workers
from xbench.site.writing import Writer

if TYPE_CHECKING:
    from xbench.analysis.results import Results

MARK = "xbench-site.txt"
MARK_TEXT = "This folder was made by `xbench leaderboard build`, which replaces all of it.\n"


@dataclass(frozen=True)
class Request:
    """How to build a site: `baseline` is compared with every system, `pairs` are further ones to compare.

    As many as `deep` comparisons of two systems on a task get buckets, decompositions and examples, which take long.
    `command` is what builds the same again, without `--pair`, as pages show it.
    """

    out: Path
    title: str = "xbench leaderboard"
    baseline: str = BASELINE
    pairs: tuple[tuple[str, str], ...] = ()
    tasks_dirs: tuple[Path, ...] = ()
    workers: int = 1
    deep: int = 120
    command: str = "xbench leaderboard build"
    conflicts: tuple[Conflict, ...] = ()


def build(results: Results, request: Request) -> list[str]:
    """Builds the site into `request.out`, in place of one that is there; returns the files, sorted.

    Raises RequestError where the folder holds something that is no site of ours, and StoreError for damaged results.
    """
    _prepare(request.out)
    shared = Writer(request.out, title=request.title)
    shared.file(MARK, MARK_TEXT)
    shared.file(".nojekyll", "")
    write_assets(shared)
    written = list(shared.written)
    parts = realms(results)
    with Workers(request.workers) as workers:
        for realm in parts:
            is_second = realm.is_sample and len(parts) > 1
            other = "" if len(parts) == 1 else "index.html" if is_second else "sample/index.html"
            writer = Writer(request.out, "sample/" if is_second else "", realm.is_sample, other, request.title)
            _realm(writer, realm, request, workers)
            written += writer.written
    if not parts:
        writer = Writer(request.out, title=request.title)
        _empty(writer)
        written += writer.written
    return sorted(written)


def _realm(writer: Writer, realm: Realm, request: Request, workers: Workers) -> None:
    from xbench.analysis.systems import conditions
    from xbench.site.about import write_about
    from xbench.site.compare import write_compare
    from xbench.site.examples import begin_examples
    from xbench.site.home import write_home
    from xbench.site.pairs import begin_pairs, chosen_pairs, links
    from xbench.site.survey import survey
    from xbench.site.system import begin_figures, write_systems
    from xbench.site.task import write_tasks

    found = survey(realm, request.tasks_dirs, workers, request.baseline, request.pairs)
    pairs = chosen_pairs(found.realm, found.groups)
    parts = conditions(found.realm.results)
    # The processes have their work before this one begins to write: most of it, and the longest, first.
    compared = begin_pairs(found.realm, pairs, found.groups, parts, request.deep, request.tasks_dirs, workers)
    examples = begin_examples(writer, found, workers)
    figures = begin_figures(found, workers)  # last: pages of systems are written while figures come
    write_home(writer, found)
    write_tasks(writer, found, request.tasks_dirs)
    write_compare(writer, found, pairs, compared(), request.command)
    write_systems(writer, found, links(pairs), examples.pages, figures)
    for files in examples.files:
        writer.written.extend(files)
    tables = [path.removesuffix(".csv").removeprefix(writer.root) for path in writer.written if path.endswith(".csv")]
    write_about(writer, found.realm, request.conflicts, sorted(tables))


def _empty(writer: Writer) -> None:
    from xbench.site.home import write_empty

    write_empty(writer)


def _prepare(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise RequestError(f"{out}: a site is a folder, and this is a file. Name another with --out.")
    if out.is_dir() and any(out.iterdir()):
        if not (out / MARK).is_file():
            raise RequestError(
                f"{out}: holds files that are no site of xbench; nothing was changed. Name an empty folder with --out."
            )
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)

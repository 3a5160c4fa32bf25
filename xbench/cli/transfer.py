"""`xbench transfer`: gaps between source and targets, by family, script and share, and where a gap comes from."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xbench.cli.filters import Format, Selection, TasksDirs, reads_results

if TYPE_CHECKING:
    import pandas

    from xbench.analysis import Results

VIEWS = ("family", "script", "share")

By = Annotated[str | None, typer.Option("--by", help="family, script or share (of the backbone's pretraining data)")]
Decompose = Annotated[
    str | None, typer.Option("--decompose", metavar="ATTRIBUTE", help="the gap's parts over buckets of an attribute")
]
Corpus = Annotated[
    str | None, typer.Option(help="for --by share: cc100 or mc4, where the backbone's name does not tell")
]
FigureFile = Annotated[Path | None, typer.Option("--figure", help="also draws it: a .svg, .pdf or .png")]


@reads_results
def transfer_command(
    selection: Selection,
    by: By = None,
    decompose: Decompose = None,
    buckets: Annotated[int, typer.Option(help="for --decompose: how many")] = 4,
    basic_words: Annotated[Path | None, typer.Option(help="for t1basic: a file of basic words, one a line")] = None,
    entity_tagger: Annotated[str | None, typer.Option(help="for t1eNum: module:function that finds entities")] = None,
    corpus: Corpus = None,
    tasks_dir: TasksDirs = None,
    figure: FigureFile = None,
    format: Format = "table",
) -> None:
    """Shows how far targets stay behind the source: by system, --by family, script or share; or where it comes from."""
    from xbench.report.formats import check_format
    from xbench.report.transfer_formats import write_transfer

    check_format(format)
    _check(by, decompose, buckets, corpus)
    found = selection.load()
    if decompose is not None:
        supplied = {"basic_words": basic_words, "entity_tagger": entity_tagger, "tasks_dirs": tasks_dir or []}
        frame = _decomposition(found, decompose, buckets=buckets, **supplied)
    else:
        frame = _gaps(found, by, corpus)
    name = "decomposition" if decompose is not None else by or "gap"
    if figure is not None:
        _check_one(frame, name == "decomposition")
        _draw(frame, name, figure)
    write_transfer(frame, _tables(name)(frame), format, sys.stdout)


def _check(by: str | None, decompose: str | None, buckets: int, corpus: str | None) -> None:
    from xbench.errors import RequestError, nearest
    from xbench.languages import CORPORA

    if by is not None and by not in VIEWS:
        raise RequestError(f"--by {by}: it is {', '.join(VIEWS)}.{nearest(by, VIEWS)}")
    if by is not None and decompose is not None:
        raise RequestError("--by and --decompose show different things; give one of them.")
    if corpus is not None and by != "share":
        raise RequestError("--corpus is for --by share.")
    if corpus is not None and corpus not in CORPORA:
        raise RequestError(f"--corpus {corpus}: it is {' or '.join(CORPORA)}.{nearest(corpus, CORPORA)}")
    if buckets < 2:
        raise RequestError(f"--buckets {buckets}: it takes two or more to tell a mix from behaviour.")


def _gaps(found: Results, by: str | None, corpus: str | None) -> pandas.DataFrame:
    from xbench.report.transfer import gap_frame, group_frame, share_frame

    if by is None:
        return gap_frame(found)
    if by == "share":
        return share_frame(found, lambda model, languages: _shares(model, languages, corpus))
    return group_frame(found, by)


def _shares(model: str, languages: tuple[str, ...], corpus: str | None) -> tuple[str, Mapping[str, float]]:
    """The languages' shares of a backbone's pretraining data; an embedded backbone's are in its card."""
    from xbench.languages import CORPORA, corpus_of, shares
    from xbench.micro import NAMES, path

    if corpus is None and model in NAMES:
        card = json.loads((path(model) / "card.json").read_text(encoding="utf-8"))["language_share"]
        return f"{model}'s pretraining text, from its card", {name: float(card.get(name, 0)) for name in languages}
    key = corpus or corpus_of(model)
    if not key:
        print(f"The corpus of {model} is not known; --corpus names one: {', '.join(CORPORA)}.", file=sys.stderr)
        return "", {}
    return CORPORA[key].title, shares(key, languages)


def _decomposition(found: Results, attribute: str, **options: Any) -> pandas.DataFrame:
    from xbench.errors import RequestError
    from xbench.report.transfer import systems
    from xbench.report.transfer_decomposition import decompose_system, decomposition_frame

    decomposed, refused = [], []
    for group, scores in systems(found):
        try:
            decomposed.append(decompose_system(group, scores, attribute, **options))
        except RequestError as error:
            refused.append(str(error))
    if refused and not decomposed:
        raise RequestError("\n".join(dict.fromkeys(refused)))
    notes = [note for one in decomposed for note in one.notes]
    for text in dict.fromkeys([*(f"Left out: {reason}" for reason in refused), *notes]):
        print(text, file=sys.stderr)
    return decomposition_frame(decomposed)


def _tables(name: str) -> Any:
    from xbench.report import transfer_tables

    return getattr(transfer_tables, f"{'group' if name in ('family', 'script') else name}_tables")


def _draw(frame: pandas.DataFrame, name: str, file: Path) -> None:
    from xbench.report.figures import decomposition, families, gap, share
    from xbench.report.figures.style import save_figure

    draw = {
        "gap": gap.gap_figure,
        "family": families.group_figure,
        "script": families.group_figure,
        "share": share.share_figure,
        "decomposition": decomposition.decomposition_figure,
    }[name]
    save_figure(draw(frame), file)
    print(f"Drawn: {file}", file=sys.stderr)


def _check_one(frame: pandas.DataFrame, one_system: bool) -> None:
    """A figure is of one set of conditions, that of a decomposition of one system on one task."""
    from xbench.errors import RequestError
    from xbench.report.transfer import CONDITIONS

    columns = [*CONDITIONS, *(("task", "method") if one_system else ())]
    choices = frame.drop_duplicates(columns)[columns]
    if choices.empty:
        raise RequestError("There is nothing to draw.")
    if len(choices) > 1:
        differing = [name for name in columns if choices[name].nunique(dropna=False) > 1]
        lines = [", ".join(f"--{name} {row[name]}" for name in differing) for row in choices.to_dict("records")]
        raise RequestError("One figure cannot show all of these; choose one:\n" + "\n".join(f"  {x}" for x in lines))

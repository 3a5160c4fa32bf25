"""`xbench compare`: is one method better than another, by how much, and how sure is that."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from xbench.cli.filters import Format, Selection, reads_results

Baseline = Annotated[str | None, typer.Option(help="compare with this method alone; all pairs where none is given")]
Unit = Annotated[
    str,
    typer.Option(help="what is paired: language (seeds and tasks averaged first), task-language, or example"),
]
Correct = Annotated[str, typer.Option(help="correction over all pairs: holm")]
Resolve = Annotated[str, typer.Option(help="differences, times 100, for which the seeds needed are given")]
Figure = Annotated[Path | None, typer.Option(help="write a critical-difference diagram here: svg, pdf or png")]
Published = Annotated[
    str | None, typer.Option("--published", help="a paper's table, such as mpt/table-2: compute again what follows")
]
EXAMPLE = "example"


@reads_results
def compare(
    selection: Selection,
    baseline: Baseline = None,
    unit: Unit = "language",
    correct: Correct = "holm",
    resolve: Resolve = "1,2,5",
    figure: Figure = None,
    published: Published = None,
    format: Format = "table",
) -> None:
    """Compares methods: differences with intervals, tests, effect sizes, ranks, and how many seeds it would take."""
    from xbench.analysis.compare import UNITS, compare_all, compare_examples
    from xbench.report.comparison_figures import write_rank_figure
    from xbench.report.comparison_formats import write_comparisons
    from xbench.report.formats import check_format

    check_format(format)
    if published is not None:
        if any((selection.runs, selection.filters, baseline, figure)):
            from xbench.errors import RequestError

            raise RequestError(
                "--published is about a paper's table alone, without --runs and filters; "
                "`xbench published beside` puts results beside published ones."
            )
        from xbench.cli.published import recomputed

        recomputed(published, format)
        return
    _one_of(unit, (*UNITS, EXAMPLE), "unit")
    _one_of(correct, ("holm",), "correction")
    differences = _differences(resolve)
    found = selection.load()
    if unit == EXAMPLE:
        comparisons = compare_examples(found, baseline=baseline)
    else:
        comparisons = compare_all(found, unit=unit, baseline=baseline, differences=differences)
    if figure is not None:
        print(f"Wrote {write_rank_figure(comparisons, figure)}.", file=sys.stderr)
    write_comparisons(comparisons, format, sys.stdout)


def _one_of(given: str, known: tuple[str, ...], what: str) -> None:
    from xbench.errors import RequestError, nearest

    if given not in known:
        raise RequestError(f"There is no {what} '{given}', only {', '.join(known)}.{nearest(given, known)}")


def _differences(text: str) -> list[float]:
    """Differences as fractions, from text like '1,2.5'. Raises RequestError for what is no number above zero."""
    from xbench.cli.options import words
    from xbench.errors import RequestError

    found = []
    for word in words(text, "--resolve"):
        try:
            found.append(float(word) / 100)
        except ValueError:
            found.append(0.0)
        if not 0 < found[-1] <= 1:
            raise RequestError(f"--resolve takes differences times 100, above 0 and up to 100, not '{word}'.")
    return found

"""Results in five formats: a table for terminals, long form for programs, the summary for papers and pages."""

from __future__ import annotations

import csv
import json
from typing import IO

from xbench.analysis.results import COLUMNS, Results
from xbench.errors import RequestError, nearest
from xbench.report import wording
from xbench.report.result_table import BASELINE, ResultTable, TaskTable, result_tables
from xbench.report.terminal import print_result_table

FORMATS = ("table", "csv", "json", "markdown", "latex")


def check_format(name: str) -> None:
    """Raises RequestError for a format that there is not."""
    if name not in FORMATS:
        raise RequestError(f"There is no format '{name}'.{nearest(name, FORMATS)}")


def write_results(results: Results, name: str, file: IO[str], baseline: str = BASELINE) -> None:
    """Writes results in the format `name`: csv and json one row per measured number, the others the summary.

    Raises RequestError for an unknown format, and StoreError for a damaged prediction file.
    """
    check_format(name)
    if name == "csv":
        write_csv(results, file)
    elif name == "json":
        json.dump(results.rows(), file, ensure_ascii=False, indent=1)
        file.write("\n")
    elif name == "table":
        print_result_table(results, baseline=baseline, file=file)
    else:
        write = markdown if name == "markdown" else latex
        file.write("\n".join(write(table) for table in result_tables(results, baseline)))


def write_csv(results: Results, file: IO[str]) -> None:
    """The rows as comma-separated values, the header also where there is no row."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(results.rows())


def markdown(table: ResultTable) -> str:
    """The summary as a Markdown section."""
    lines = [f"## {_markdown_text(table.title)}", ""]
    if table.warning:
        lines += [f"**{table.warning}**", ""]
    for task in table.tasks:
        lines += [f"### {_markdown_text(wording.caption(task))}", "", *_markdown_rows(task), ""]
    return "\n".join([*lines, *(f"- {_markdown_text(note)}" for note in wording.all_notes(table)), ""])


def _markdown_rows(table: TaskTable) -> list[str]:
    header = _one_line(wording.header(table))
    rows = [header, ["---", *["--:"] * (len(header) - 1)], *wording.body(table)]
    return [f"| {' | '.join(map(_markdown_text, row))} |" for row in rows]


def _one_line(header: list[str]) -> list[str]:
    return [name.replace("\n", " ") for name in header]


def _markdown_text(text: str) -> str:
    for character in "\\|<*_`[]":
        text = text.replace(character, "&lt;" if character == "<" else f"\\{character}")
    return text


def latex(table: ResultTable) -> str:
    """The summary as LaTeX tables; they need the package booktabs."""
    lines = [f"% {line}" for line in (table.title, table.warning) if line]
    for task in table.tasks:
        lines += _latex_table(table, task)
    return "\n".join([*lines, *(f"% {note}" for note in wording.all_notes(table)), ""])


def _latex_table(table: ResultTable, task: TaskTable) -> list[str]:
    caption = ". ".join(part.rstrip(".") for part in (wording.caption(task), table.title, table.warning) if part)
    rows = [
        " & ".join(map(_latex_text, row)) + r" \\" for row in (_one_line(wording.header(task)), *wording.body(task))
    ]
    return [
        r"\begin{table}",
        rf"\caption{{{_latex_text(caption)}.}}",
        r"\begin{tabular}{lrrrrr}",
        r"\toprule",
        rows[0],
        r"\midrule",
        *rows[1:],
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$"},
    **{"·": r"\textperiodcentered{}", "†": r"$\dagger$"},
}


def _latex_text(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in text)

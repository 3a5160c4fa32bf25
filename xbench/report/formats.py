"""Results in five formats: a table for terminals, long form for programs, the summary for papers and pages."""

from __future__ import annotations

import csv
import json
from typing import IO

from xbench.analysis.results import COLUMNS, Results
from xbench.errors import RequestError, nearest
from xbench.report import wording
from xbench.report.result_table import BASELINE, ResultTable, result_tables
from xbench.report.table_text import after_first, latex_table, markdown_table, markdown_text, sentences
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
    lines = [f"## {markdown_text(table.title)}", ""]
    if table.warning:
        lines += [f"**{table.warning}**", ""]
    for task in table.tasks:
        header = wording.header(task)
        lines += [f"### {markdown_text(wording.caption(task))}", ""]
        lines += [*markdown_table(header, wording.body(task), after_first(header)), ""]
    return "\n".join([*lines, *(f"- {markdown_text(note)}" for note in wording.all_notes(table)), ""])


def latex(table: ResultTable) -> str:
    """The summary as LaTeX tables; they need the package booktabs."""
    lines = [f"% {line}" for line in (table.title, table.warning) if line]
    for task in table.tasks:
        header = wording.header(task)
        caption = sentences(wording.caption(task), table.title, table.warning)
        lines += latex_table(header, wording.body(task), after_first(header), caption)
    return "\n".join([*lines, *(f"% {note}" for note in wording.all_notes(table)), ""])

"""Transfer tables in five formats: csv and json hold the frame, one row a number; the others the tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING

from xbench.report.frames import write_frame
from xbench.report.sample import SAMPLE
from xbench.report.terminal import make_console
from xbench.report.transfer_tables import TransferTable

if TYPE_CHECKING:
    import pandas


def write_transfer(frame: pandas.DataFrame, tables: Iterable[TransferTable], format: str, file: IO[str]) -> None:
    """Writes the frame as csv or json, or the tables in another format.

    Raises RequestError for a format that there is not.
    """
    if format in ("csv", "json"):
        write_frame(frame, format, file)
        return
    sample = "data" in frame and (frame["data"] == "sample").any()
    if sample:
        _say([SAMPLE], format, file)
    for table in tables:
        _write_table(table, format, file)
        _say(table.notes, format, file)


def _write_table(table: TransferTable, format: str, file: IO[str]) -> None:
    frame, numbers = table.frame, table.numbers
    write_frame(frame, format, file, title=table.title, text=lambda column, value: str(value), numbers=numbers)


def _say(notes: Iterable[str], format: str, file: IO[str]) -> None:
    if format == "table":
        console = make_console(file)
        for note in notes:
            console.print(note, style="dim")
        console.print()
    else:
        mark = "- " if format == "markdown" else "% "
        file.writelines(f"{mark}{note}\n" for note in notes)
        file.write("\n")

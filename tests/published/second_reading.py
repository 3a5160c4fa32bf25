"""A second reading of the papers' tables, independent of how the CSV files were made.

Tables are found by their captions, and a printed line is read as the sequence of numbers in it, whatever its cells are.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pandas
import pytest

PAPERS = Path(__file__).resolve().parents[3] / "shared" / "papers"
FILES = {
    "uniprompt": "huang2022-uniprompt.md",
    "mpt": "qiu2024-mpt.md",
    "prefix": "tu2022-prefix-tuning.md",
    "unseen": "chen2024-unseen-language-adaptation.md",
    "polyprompt": "fu2022-polyprompt.md",
}
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:[eE]-?\d+)?(?![\w.])")


@cache
def lines(paper: str) -> list[str]:
    """The lines of a paper without markup; skips the test where the paper is not at hand."""
    path = PAPERS / FILES[paper]
    if not path.is_file():
        pytest.skip("the papers are not at hand")
    text = re.sub(r"<[^<>]*>", "", path.read_text(encoding="utf-8"))
    text = re.sub(r"\\underline|\\pm|[${}*\\]", " ", text)
    text = text.replace("52. 7", "52.7")  # a number with markup in its middle
    return text.split("\n")


def table(paper: str, caption: str, below: bool = True) -> list[str]:
    """The lines with tabs next to a caption: above it, or, with `below=False`, under it."""
    every = lines(paper)
    (place,) = [number for number, line in enumerate(every) if re.match(rf"\s*{caption}(?!I)", line)]
    step, found = (-1 if below else 1), []
    place += step
    while "\t" not in every[place]:
        place += step
    while "\t" in every[place]:
        found.append(every[place])
        place += step
    return found[::-1] if below else found


def numbers(line: str) -> list[str]:
    """The numbers of a line in order, as text."""
    return NUMBER.findall(re.sub(r"[()/|]", " ", line))


def printed_rows(cells: pandas.DataFrame) -> dict[tuple[str, str, str], list[str]]:
    """What the CSV says stands in each printed row, in order: values, each with its spread behind it."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for cell in cells.to_dict("records"):
        row = rows.setdefault((cell["group"], cell["row"], cell["run"]), [])
        row += [text for text in (cell["value"], cell["spread"]) if text]
    return rows

"""A data frame in five formats: full numbers for programs, nothing cut or unescaped for people."""

from __future__ import annotations

import io
import json

import pandas
import pytest

from xbench.errors import RequestError
from xbench.report.frames import write_frame

FRAME = pandas.DataFrame({"name": ["a|b", "50 % & <more>"], "value": [1 / 3, float("nan")], "n": [1, 20]})


def written(format: str, frame: pandas.DataFrame = FRAME, title: str = "") -> str:
    file = io.StringIO()
    write_frame(frame, format, file, title=title)
    return file.getvalue()


def test_programs_get_every_digit() -> None:
    assert written("csv").splitlines() == ["name,value,n", "a|b,0.3333333333333333,1", "50 % & <more>,,20"]
    rows = json.loads(written("json"))
    assert rows[0]["value"] == 1 / 3 and rows[1] == {
        "name": "50 % & <more>",
        "value": None,
        "n": 20,
    }


def test_small_numbers_keep_their_digits() -> None:
    frame = pandas.DataFrame({"p": [1.5697271234e-14], "n": [3]})
    assert json.loads(written("json", frame)) == [{"p": 1.5697271234e-14, "n": 3}]


def test_people_get_four_digits() -> None:
    assert "0.3333 " in written("table") and "0.33333" not in written("table")


def test_markdown_and_latex_escape() -> None:
    text = written("markdown", title="T")
    assert text.splitlines() == [
        *("**T**", "", "| name | value | n |", "| --- | --: | --: |"),
        *(r"| a\|b | 0.3333 | 1 |", "| 50 % & &lt;more> |  | 20 |", ""),
    ]
    assert r"50 \% \& $<$more> &  & 20 \\" in written("latex") and r"\begin{tabular}{lrr}" in written("latex")


def test_wide_tables_are_not_cut() -> None:
    wide = pandas.DataFrame({f"column {n}": [f"{n}.5"] for n in range(40)})
    assert all(f"{n}.5" in written("table", wide) and f"column {n}" in written("table", wide) for n in range(40))


def test_an_empty_frame_has_its_header() -> None:
    assert written("csv", FRAME.iloc[:0]) == "name,value,n\n"
    assert json.loads(written("json", FRAME.iloc[:0])) == []


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(RequestError, match="Did you mean 'csv'"):
        written("cvs")

"""`xbench published`: what it prints, in which format, and what it says of mistakes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.store.synthetic import answers, write_cell
from xbench.cli import _run
from xbench.published.tables import load_table, table_index

Output = pytest.CaptureFixture[str]


def test_list_names_every_table_and_those_that_are_absent(capsys: Output) -> None:
    assert _run(["published", "list", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(table_index()["name"])
    states = {row["name"]: (row["state"], row["numbers"]) for row in rows}
    assert states["mpt/table-1"] == ("here", 576) and states["unseen/table-2"] == ("absent", 0)


def test_show_prints_every_text_of_the_table(capsys: Output) -> None:
    assert _run(["published", "show", "mpt/table-2"]) == 0
    captured = capsys.readouterr()
    assert all(value in captured.out for value in load_table("mpt/table-2").cells["value"])
    assert _run(["published", "show", "prefix/table-8"]) == 0
    assert "slip: FT, 1, avg EM (46.2): the row gives 52.5." in capsys.readouterr().err


def test_show_as_csv_is_the_shipped_file(capsys: Output) -> None:
    assert _run(["published", "show", "prefix/table-2", "--format", "csv"]) == 0
    shipped = Path(__file__).resolve().parents[2] / "leaderboard" / "published" / "prefix-table-2.csv"
    assert capsys.readouterr().out == shipped.read_text(encoding="utf-8")


def test_check_shows_what_does_not_follow(capsys: Output) -> None:
    assert _run(["published", "check", "prefix/table-6", "--format", "markdown"]) == 0
    captured = capsys.readouterr()
    assert "10 numbers were computed again: 7 follow, 1 are within" in captured.err
    assert captured.out.count("slip") == 2 and "follows" not in captured.out
    assert _run(["published", "check", "prefix/table-6", "--all", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 10 and {row["verdict"] for row in rows} == {"follows", "rounding", "slip"}


def test_check_ranks_the_tests_behind_printed_p_values(capsys: Output) -> None:
    assert _run(["published", "check", "mpt/table-2", "--format", "latex"]) == 0
    out = capsys.readouterr().out
    ranked = [line for line in out.splitlines() if " languages" in line]
    assert ranked[0].startswith("independent t, equal variances & all languages and their average & 16")
    assert r"\toprule" in out and len(ranked) == 18


def test_check_of_a_table_where_nothing_follows_from_anything(capsys: Output) -> None:
    assert _run(["published", "check", "unseen/table-3"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and "Nothing in unseen/table-3 follows" in captured.err


@pytest.mark.parametrize("command", ["show", "check"])
def test_an_unknown_table_is_told_with_the_nearest(command: str, capsys: Output) -> None:
    assert _run(["published", command, "mtp/table-2"]) == 2
    assert "Did you mean 'mpt/table-2'?" in capsys.readouterr().err


def test_an_unknown_format_is_told(capsys: Output) -> None:
    assert _run(["published", "list", "--format", "cvs"]) == 2
    assert "Did you mean 'csv'?" in capsys.readouterr().err


def test_beside_says_that_nothing_matches(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "runs").mkdir()
    assert _run(["published", "beside", "--runs", str(tmp_path / "runs")]) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and "No results" in captured.err


def test_beside_shows_what_matches_and_leaves_out_a_part_of_a_test_set(tmp_path: Path, capsys: Output) -> None:
    about = {"model": "FacebookAI/xlm-roberta-base", "data": "hub", "profile": "paper"}
    languages = {("xnli", name): answers(0.5, 20) for name in ("en", "de")}
    write_cell(tmp_path, "soft", 1, languages, **about)
    write_cell(tmp_path, "mpt", 1, languages, limit=20, **about)
    write_cell(tmp_path, "fine-tune", 1, languages, skipped_rows=1, **about)
    assert _run(["published", "beside", "--runs", str(tmp_path), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["method"], row["language"], row["published"]) for row in rows] == [
        ("soft", "de", "0.391"),
        ("soft", "en", str(41.1 * 0.01)),
    ]
    assert _run(["published", "beside", "--runs", str(tmp_path), "--method", "mpt"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and "None of these results has a published counterpart" in captured.err


def test_compare_takes_a_published_table(capsys: Output) -> None:
    assert _run(["compare", "--published", "mpt/table-2", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["rule"] for row in rows} == {"mean", "same", "t-test"} and len(rows) == 41
    assert _run(["compare", "--published", "mpt/table-2", "--task", "xnli"]) == 2
    assert "xbench published beside" in capsys.readouterr().err

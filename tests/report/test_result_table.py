"""The summary: its numbers, what it compares and what it refuses to, and how it is written out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from tests.store.synthetic import answers, write_cell
from xbench.analysis import COLUMNS, load_results
from xbench.errors import RequestError
from xbench.report import ResultTable, print_result_table, result_tables, write_results
from xbench.report.wording import all_notes, body
from xbench.store import RunStore

LANGUAGES = ("en", "de", "es", "fr", "ru", "zh", "tr")


def fill(
    path: Path,
    accuracies: dict[str, float],
    seeds: Sequence[int] = (1, 2),
    languages: Sequence[str] = LANGUAGES,
    **fields: object,
) -> None:
    """Cells whose accuracy falls evenly from the source's, by a hundredth a language."""
    for method, accuracy in accuracies.items():
        for seed in seeds:
            correct = {("xnli", name): answers(accuracy - 0.01 * LANGUAGES.index(name), 200) for name in languages}
            write_cell(path, method, seed, correct, **fields)


def only(path: Path) -> ResultTable:
    (table,) = result_tables(load_results(path))
    return table


def text(path: Path, name: str) -> str:
    file = io.StringIO()
    write_results(load_results(path), name, file)
    return file.getvalue()


def test_numbers_by_hand(tmp_path: Path) -> None:
    fill(tmp_path, {"soft": 0.8, "fine-tune": 0.6})
    (task,) = only(tmp_path).tasks
    first, second = task.rows
    assert [row.scores.label for row in task.rows] == ["fine-tune", "soft"]
    assert first.is_baseline
    assert first.comparison is None
    assert first.transfer.source == pytest.approx(0.6)
    assert first.transfer.targets == pytest.approx(numpy.mean([0.6 - 0.01 * i for i in range(1, 7)]))
    assert first.transfer.gap == pytest.approx(0.035)
    assert second.comparison is not None
    assert second.comparison.difference == pytest.approx(0.2)
    assert second.comparison.test.n == 6
    assert second.comparison.interval is not None
    assert second.comparison.interval.value == pytest.approx(0.2)
    name, source, targets, gap, difference, p = body(task)[1]
    assert (name, source, gap) == ("soft", "80.0", "3.5")
    assert targets.startswith("76.5 [")
    assert difference.startswith("+20.0 [+")
    assert p.endswith("(6)")


def test_sample_data_are_marked_and_stand_alone(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6})
    fill(tmp_path, {"fine-tune": 0.7, "soft": 0.8}, data="hub", model="xlm-roberta-base")
    tables = result_tables(RunStore(tmp_path))
    assert [(table.conditions.data, bool(table.warning)) for table in tables] == [("hub", False), ("sample", True)]
    for name in ("table", "markdown", "latex"):
        assert text(tmp_path, name).count("not results about real models") >= 1
    assert "shots" in tables[0].title


def test_one_seed_is_said(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6}, seeds=[1])
    assert any("With one seed it does not cover" in note for note in all_notes(only(tmp_path)))


def test_too_few_pairs_are_flagged(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6, "soft": 0.8}, languages=LANGUAGES[:4])
    table = only(tmp_path)
    assert body(table.tasks[0])[1][-1].endswith("(3)†")
    assert any("too few pairs for any p < 0.05" in note for note in all_notes(table))


def test_wilcoxon_is_shown_as_what_it_is(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6, "soft": 0.8})
    assert "conditional on these runs" in text(tmp_path, "markdown")


def test_other_conditions_are_no_baseline(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6}, shots="32")
    fill(tmp_path, {"soft": 0.8})
    for table in result_tables(tmp_path):
        assert all(row.comparison is None for task in table.tasks for row in task.rows)
    assert "No cell of fine-tune under these conditions" in text(tmp_path, "markdown")


def test_skipped_rows_are_not_compared(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6})
    fill(tmp_path, {"soft": 0.8}, skipped_rows=3)
    table = only(tmp_path)
    assert table.tasks[0].rows[1].comparison is None
    assert any("soft: 3 bad rows were skipped" in note for note in all_notes(table))


def test_invalid_answers_and_shortened_inputs_are_counted(tmp_path: Path) -> None:
    record = write_cell(tmp_path)
    pairs = tuple(replace(pair, invalid=700, shortened=2) for pair in record.predictions)
    RunStore(tmp_path).write_cell(replace(record, predictions=pairs), {})
    notes = all_notes(only(tmp_path))
    assert "Answers outside the label set, counted as wrong: fine-tune 1,400." in notes
    assert "Inputs shortened to fit the model: fine-tune 4." in notes
    assert not any("empty" in note for note in notes)


def test_means_over_other_languages_are_noted(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6, "mpt": 0.6})
    fill(tmp_path, {"soft": 0.8}, languages=LANGUAGES[:3], seeds=[1])
    notes = all_notes(only(tmp_path))
    assert "soft: over 2 target languages (de, es); not the same mean." in notes
    assert "soft: over 1 seed (1)." in notes


def test_another_baseline(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6, "soft": 0.8}, variant="tune=prompt")
    (table,) = result_tables(tmp_path, baseline="soft")
    assert table.tasks[0].baseline == "soft[tune=prompt]"
    assert [row.is_baseline for row in table.tasks[0].rows] == [True, False]


def test_long_form(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6, "soft": 0.8})
    rows = list(csv.DictReader(io.StringIO(text(tmp_path, "csv"))))
    assert len(rows) == 2 * 2 * len(LANGUAGES) * 2
    assert tuple(rows[0]) == COLUMNS
    assert all(0 <= float(row["value"]) <= 1 for row in rows)
    records = json.loads(text(tmp_path, "json"))
    written = [{key: "" if value is None else str(value) for key, value in record.items()} for record in records]
    assert written == rows and {row["limit"] for row in rows} == {""}


def test_an_empty_store(tmp_path: Path) -> None:
    assert text(tmp_path, "csv") == ",".join(COLUMNS) + "\n"
    assert json.loads(text(tmp_path, "json")) == []
    assert text(tmp_path, "table") == text(tmp_path, "markdown") == text(tmp_path, "latex") == ""


def test_markup_in_names_is_only_text(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6}, variant="a_b=<i>|[red]x", model="50%_&model")
    assert r"a\_b=&lt;i>\|\[red\]x" in text(tmp_path, "markdown")
    assert r"50\%\_\&model" in text(tmp_path, "latex")
    assert "a_b=<i>|[red]x" in text(tmp_path, "table")


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_no_number_is_cut_on_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    fill(tmp_path, {"fine-tune": 0.6, "prefix": 0.8}, variant="top_layers=2,length=16")
    monkeypatch.setenv("COLUMNS", width)
    shown = text(tmp_path, "table")
    for cells in body(only(tmp_path).tasks[0]):
        for cell in cells[1:]:
            assert cell in shown
    assert "…" not in shown


def test_only_the_cells_asked_for_are_printed(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.6, "soft": 0.8})
    soft = [record.id for record in RunStore(tmp_path).cells() if record.method == "soft"]
    file = io.StringIO()
    print_result_table(tmp_path, cells=soft, file=file)
    assert "soft" in file.getvalue()
    assert "80.0" in file.getvalue()
    assert "60.0" not in file.getvalue()


def test_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Did you mean 'csv'"):
        text(tmp_path, "cvs")

"""Published rows of the board: only beside measured systems of the same conditions, over the same languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.site.stores import fill
from xbench.analysis import load_results
from xbench.published.beside import published_results
from xbench.site.collect import realms
from xbench.site.home import Column
from xbench.site.published_rows import published_rows

HUB: dict[str, Any] = {"data": "hub", "profile": "paper", "model": "FacebookAI/xlm-roberta-base"}
COLUMNS = [Column(name, name, "") for name in ("system", "targets", "source", "gap", "task-xnli")]


def rows(path: Path, task: str = "xnli", languages: tuple[str, ...] = ("en", "de", "es"), **about: Any) -> list[Any]:
    methods = {"mpt": 0.6, "translation-prompt": 0.6}
    fill(path, (task,), seeds=(1, 2), accuracy=methods, languages=languages, **HUB | about)
    (realm,) = realms(load_results(path))
    return published_rows(realm, COLUMNS)


def printed(language: str) -> float:
    found = published_results().query("task == 'xnli' and method == 'mpt' and variant == '' and shots == '16'")
    return float(found.set_index("language")["published"][language])


def test_a_printed_row_is_of_the_languages_that_were_measured(tmp_path: Path) -> None:
    (row,) = rows(tmp_path)
    assert (row["paper_table"], row["row"], row["task_source"]) == ("mpt/table-1", "MPT", "en")
    assert set(row["scores"]) == {"en", "de", "es"} and row["scores"]["de"] == pytest.approx(printed("de"))
    mean = (printed("de") + printed("es")) / 2
    texts = [cell.text for cell in row["cells"]]
    gap = printed("en") - mean
    assert texts == [f"{100 * mean:.1f}", f"{100 * printed('en'):.1f}", f"{100 * gap:+.1f}", f"{100 * mean:.1f}"]


def test_there_is_no_printed_mean_where_the_paper_lacks_a_language(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "marc", languages=("en", "de", "ar"))  # UniPrompt prints neither English nor Arabic
    assert row["row"] == "Translation Prompt" and row["scores"]["de"] > 0.2
    assert row["scores"]["en"] is None and row["scores"]["ar"] is None
    assert [cell.text for cell in row["cells"]] == ["–"] * 4


@pytest.mark.parametrize(
    "change",
    [
        {"data": "files"},
        {"data": "sample", "profile": "demo"},
        {"profile": "comparable"},
        {"limit": 20},
        {"source": "de"},
        {"shots": "3"},
        {"model": "FacebookAI/xlm-roberta-large"},
        {"setting": "in-language"},
        {"variant": "alpha=0.5"},
    ],
)
def test_what_is_not_as_in_the_paper_has_no_published_row(tmp_path: Path, change: dict[str, Any]) -> None:
    assert rows(tmp_path, **change) == []

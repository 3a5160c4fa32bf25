"""What of a task's answers a site shows: labels always, texts only where the task may be passed on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.site.stores import SHOWN, fill
from xbench.analysis.results import load_results
from xbench.site.collect import realms
from xbench.site.examples import _answers, _data, _row
from xbench.site.sheets import answers_frame, sheets_of
from xbench.site.survey import shows_answers, survey
from xbench.spec.registry import load_task


@pytest.mark.parametrize(
    ("task", "shown"), [("xnli", True), ("marc", True), ("newsqa", False), ("xlsum", False), ("xquad", True)]
)
def test_texts_of_answers_are_shown_as_the_licence_has_it(task: str, shown: bool) -> None:
    assert shows_answers(load_task(task)) is shown


def test_a_task_nobody_knows_shows_none() -> None:
    assert not shows_answers(None)


def test_withheld_answers_are_in_no_file(tmp_path: Path) -> None:
    fill(tmp_path, (SHOWN,), accuracy={"soft": 0.8}, languages=("en", "de"), seeds=(1,))
    (realm,) = realms(load_results(tmp_path))
    sheet = sheets_of(survey(realm), SHOWN)[0]
    assert answers_frame([sheet])["answer"].notna().all()
    closed = replace(sheet, shows_answers=False)
    assert answers_frame([closed])["answer"].isna().all()
    answers = _answers(closed.systems[0], closed.shows_answers, "")
    assert answers["texts"] == [] and answers["codes"] is None and sum(answers["right"]) > 0
    assert _data(closed, {}, "", [{closed.systems[0].key: ""}], "en")["golds"] == [""]
    row = _row(closed, 0, "")
    assert row["gold"] == "" and row["answers"] == [] and row["other_answers"] == 0

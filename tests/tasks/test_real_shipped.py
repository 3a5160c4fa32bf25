"""The `files:` sections of shipped tasks read the files as their publishers lay them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.test_real_files import DATA, needs
from xbench.answers import gold_answers
from xbench.data.load import load_examples
from xbench.spec.registry import load_task


@needs("xquad")
@pytest.mark.parametrize("language", ["ar", "en", "ro", "tr", "zh"])
def test_xquad(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(DATA))
    found = load_examples(load_task("xquad"), "test", language, "files")
    assert (len(found), found.dropped, found.skipped) == (632, 0, 0)
    for context, gold in zip(found.fields["context"], found.gold, strict=True):
        answers = gold_answers(gold)
        assert all(context[start:].startswith(text) for text, start in zip(answers.texts, answers.starts, strict=True))


@needs("americasnli")
def test_americasnli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "anli_final").mkdir()
    (tmp_path / "anli_final" / "test").symlink_to(DATA / "americasnli" / "test")
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    task = load_task("americasnli")
    rows = {
        language: len(load_examples(task, "test", language, "files")) for language in task.languages if language != "en"
    }
    assert rows == {language: {"nah": 738, "oto": 748}.get(language, 750) for language in rows}
    assert len(rows) == 10


@needs("ud")
@pytest.mark.parametrize(
    ("language", "name", "rows"), [("en", "en_ewt", 500), ("yo", "yo_ytb", 317), ("th", "th_pud", 300)]
)
def test_ud_pos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, name: str, rows: int) -> None:
    (tmp_path / "ud" / language).mkdir(parents=True)
    (tmp_path / "ud" / language / "test.conllu").symlink_to(DATA / "ud" / f"{name}-ud-test.conllu")
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    assert len(load_examples(load_task("ud-pos"), "test", language, "files")) == rows

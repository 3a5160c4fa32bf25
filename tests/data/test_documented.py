"""The examples of docs/data.md are files that load: every YAML, every split, every language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.data.parallel import load_parallel
from xbench.data.text import load_text
from xbench.spec.registry import load_task
from xbench.spec.sources import SPLITS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that the page shows: a name in backquotes at the begin of a line, then a fenced block."""
    page = PAGE.read_text(encoding="utf-8")
    for name, content in re.findall(r"^`([\w.-]+)`[^\n]*\n```\w*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        assert not (tmp_path / name).exists()
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def loaded(folder: Path) -> Iterator[Examples]:
    for path in sorted(folder.glob("*.yaml")):
        task = load_task(path)
        for split in SPLITS:
            for language in task.languages_of("files", split):
                yield load_examples(task, split, language, "files")


def test_every_documented_task_loads(folder: Path) -> None:
    tasks = {path.stem for path in folder.glob("*.yaml")}
    assert tasks == {"shop", "names", "speech", "trivia", "headlines", "riddles", "news"}
    found = {(part.task, part.split, part.language): part for part in loaded(folder)}
    assert {part.kind for part in found.values()} == {
        "classification", "tagging", "extractive-qa", "generation", "multiple-choice",
    }  # fmt: skip
    shop = found["shop", "test", "en"]
    assert (shop.gold, shop.dropped) == (("bad", "good", "good", "bad"), 1)
    assert shop.fields["text"][1] == "NA"
    assert found["headlines", "test", "en"].fields["text"][0] == 'The "old" bridge was closed on Monday.'
    assert found["names", "test", "yo"].gold[0] == '["B-PER", "O", "O", "B-LOC"]'
    speech = found["speech", "test", "de"]
    assert (speech.ids, speech.gold) == (("s-1",), ('["ADP", "DET", "NOUN"]',))
    assert found["speech", "test", "fr"].gold == ('["DET", "NOUN", "VERB"]',)
    assert len(found["trivia", "train", "en"]) in (1, 2)  # a context is held out for dev
    assert found["riddles", "test", "en"].fields["choice2"] == ("a ring", "a towel")
    names = set(folder.iterdir()) - {folder / f"{task}.yaml" for task in tasks}
    assert len(names) == 15


def test_documented_parallel_text(folder: Path) -> None:
    task = load_task(folder / "news.yaml")
    pairs = load_parallel(task, "en", ["fr"], "files", 2, seed=1)
    assert set(zip(pairs.source.fields["text"], pairs.target.fields["text"], strict=True)) == {
        ("Good morning", "Bonjour"), ("Good night", "Bonne nuit"),
    }  # fmt: skip
    assert load_text(task, "fr", "files") == ("Bonjour", "Bonne nuit")

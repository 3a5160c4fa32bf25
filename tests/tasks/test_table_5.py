"""PolyPrompt's templates are those of its table 5, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xbench.spec.registry import load_task
from xbench.spec.task import TaskSpec

PAPER = Path(__file__).resolve().parents[3] / "shared" / "papers" / "fu2022-polyprompt.md"
ROWS = {
    **{"marc-binary": "MARC", "xnli": "XNLI", "paws-x": "PAWS-X", "mldoc": "MLDOC"},
    **{"xquad": "XQuAD", "mlqa": "MLQA", "tydiqa": "TyDiQA"},
}

pytestmark = pytest.mark.skipif(not PAPER.is_file(), reason="shared/papers is not beside this checkout")


def table_5() -> dict[str, list[str]]:
    """The five texts of each of the paper's tasks."""
    lines = PAPER.read_text(encoding="utf-8").splitlines()
    rows = [re.fullmatch(r"(\S+)\t<p>\(1\) (.*)</p>", line) for line in lines[lines.index("Task\tPrompt Template") :]]
    return {row[1]: re.split(r" \([2-5]\) ", row[2]) for row in rows if row}


def template(task: TaskSpec, number: int) -> str:
    """The text of one of the five."""
    return str(task.template("text2text", f"polyprompt-{number}", "en"))


def printed(task: TaskSpec, number: int) -> str:
    """A template as the table prints it: without the separator '|', fields as [Q] and [C], [T1] and [T2]."""
    text = template(task, number).replace(" | ", " ")
    letters = ("Q", "C") if task.kind == "extractive-qa" else ("T1", "T2")
    for field, letter in zip(task.fields, letters, strict=False):
        text = text.replace(f"{{{field}}}", f"[{letter}]")
    return text


def test_the_table_is_read_whole() -> None:
    assert {name: len(texts) for name, texts in table_5().items()} == dict.fromkeys(ROWS.values(), 5)


@pytest.mark.parametrize("name", ROWS)
def test_templates_are_the_papers(name: str) -> None:
    task = load_task(name)
    assert [printed(task, number) for number in range(1, 6)] == table_5()[ROWS[name]]


@pytest.mark.parametrize("name", ROWS)
def test_the_unified_template_alone_has_the_separator_of_the_released_code(name: str) -> None:
    task = load_task(name)
    assert [number for number in range(1, 6) if "|" in template(task, number)] == [1]

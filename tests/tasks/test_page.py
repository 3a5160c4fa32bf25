"""The page on tasks tells what the files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.test_hub_sources import HUB_SPLIT
from xbench.spec.check_kinds import KINDS
from xbench.spec.registry import load_task, task_paths
from xbench.spec.sources import HubSource, Split, TaskSource
from xbench.spec.task import TaskSpec

PAGE = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
ROWS = {line.split("`")[1]: [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines()
        if line.startswith("| `")}  # fmt: skip


def served_by(task: TaskSpec, split: Split) -> str:
    """Which published split, or task, serves as a split."""
    sources = task.published(split)
    if not sources and task.files is not None and not task.splits:
        return "files"
    if not sources:
        train = task.published("train")[0]
        return f"of `{train.task}`" if isinstance(train, TaskSource) else "held out"
    names = [
        f"`{source.task}`" if isinstance(source, TaskSource) else getattr(source, "split", None) or HUB_SPLIT[split]
        for source in sources
    ]
    return ", ".join(dict.fromkeys(names))


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_the_row_of_each_task(name: str) -> None:
    task = load_task(name)
    _, kind, languages, sample, train, dev, test, hub, paper, unreviewed = ROWS[name]
    assert kind == task.kind
    assert int(languages) == len(task.languages)
    assert sample == " ".join(task.languages_of("sample"))
    assert (train, dev, test) == (served_by(task, "train"), served_by(task, "dev"), served_by(task, "test"))
    hubs = [source.hub for split in HUB_SPLIT for source in task.published(split) if isinstance(source, HubSource)]  # type: ignore[arg-type]
    assert hub == (", ".join(dict.fromkeys(hubs)) or "(files)")
    assert paper == (task.paper or "").split(",")[0]
    templates = [key for key, spec in task.templates.items() if spec.author == "unreviewed"]
    words = [key for key, words in task.verbalizers.items() if words.author == "unreviewed"]
    assert unreviewed == (", ".join(templates) or "none") + (f"; words {', '.join(words)}" if words else "")


def test_every_kind_has_a_row() -> None:
    assert set(KINDS) <= set(ROWS)
    assert set(ROWS) == set(KINDS) | set(task_paths())
    for kind, rule in KINDS.items():
        assert all(f"`{field}`" in ROWS[kind][1] for field in rule.fields if not field.startswith("choice"))

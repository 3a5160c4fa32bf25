"""`xbench tasks check --hub`: what it loads, compares and writes, on local stand-ins for the hub."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests.tasks.hub_schemas import write_stand_in
from xbench.cli.task_hub import check_hub, hub_places, pinned
from xbench.cli.task_list import headings
from xbench.cli.tasks import app, check_task_files, new_task
from xbench.errors import DataError, RequestError, SpecError
from xbench.spec.registry import load_task, task_paths

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Gives a copy of a shipped task that reads stand-ins beside it."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bar()

    def copy(name: str, *configs: str | None, hub: str) -> Path:
        for config in configs:
            write_stand_in(tmp_path / "hub", hub, config)
        text = task_paths()[name].read_text(encoding="utf-8").replace(f"hub: {hub}", f"hub: ./hub/{hub}")
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return copy


def without_block(text: str) -> str:
    """The file without what the check wrote."""
    return text.partition("\n# Written by")[0]


def test_rows_and_hashes_are_written_and_all_else_stays(shipped, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = shipped("paws-x", "de", "en", hub="google-research-datasets/paws-x")
    before = path.read_text(encoding="utf-8")
    report = list(check_hub(path, languages=["de", "en"]))
    after = path.read_text(encoding="utf-8")
    assert without_block(after) == before
    task = load_task(path)
    assert {split: sorted(found) for split, found in task.checked.items()} == {
        split: ["de", "en"] for split in ("train", "dev", "test")
    }
    assert task.checked["test"]["de"].rows == 12
    assert "the set calls label 0 '0', the task 'different'" in "\n".join(report)
    assert any(line.split()[:3] == ["test", "de", "12"] for line in report)

    list(check_hub(path, languages=["de"]))  # again: what was there stays, and is not written twice
    again = path.read_text(encoding="utf-8")
    assert again == after
    (heading,) = [found for found in headings([tmp_path]) if found.name == "paws-x"]
    assert heading.checked == {"train": 24, "dev": 24, "test": 24}


def test_a_set_that_changed_is_told(shipped) -> None:  # type: ignore[no-untyped-def]
    path = shipped("paws-x", "en", hub="google-research-datasets/paws-x")
    list(check_hub(path, languages=["en"]))
    text = path.read_text(encoding="utf-8")
    known = load_task(path).checked["test"]["en"].hash
    path.write_text(text.replace(f'12, hash: "{known}"', f'12, hash: "{"0" * 16}"'), encoding="utf-8")
    report = "\n".join(check_task_files([path], data="hub", languages=["en"]))
    assert f"the content hash is not the one that was checked ({'0' * 16})" in report


def test_a_file_stays_as_it_was_where_something_does_not_load(shipped) -> None:  # type: ignore[no-untyped-def]
    path = shipped("paws-x", "en", hub="google-research-datasets/paws-x")
    path.write_text(path.read_text(encoding="utf-8").replace("sentence1: sentence1\n", "sentence1: first\n", 1))
    before = path.read_text(encoding="utf-8")
    with pytest.raises(DataError, match="there is no column 'first'"):
        list(check_hub(path, languages=["en"]))
    assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("name", sorted(task_paths()))
def test_every_revision_of_a_shipped_task_can_be_pinned_in_its_place(name: str) -> None:
    task = load_task(name)
    text = task.file.read_text(encoding="utf-8")
    keys = [place.key for place in hub_places(task)]
    after, remarks = pinned(text, task.file, dict.fromkeys(keys, COMMIT))
    splits = [key for key in keys if key[0] == "splits"]
    assert after.count(COMMIT) == len(keys) - len(remarks) >= len(splits)
    assert len(after.splitlines()) == len(text.splitlines())
    for before, now in zip(text.splitlines(), after.splitlines(), strict=True):
        unpinned = re.sub(r"(revision: )(null|refs/convert/parquet|[0-9a-f]{40})", rf"\g<1>{COMMIT}", before)
        assert now in (before, unpinned)


@pytest.mark.parametrize("name", ["newsqa", "xlsum", "xquad"])
def test_a_pinned_task_can_be_pinned_anew(name: str, tmp_path: Path) -> None:
    task = load_task(name)
    keys = [place.key for place in hub_places(task)]
    once, _ = pinned(task.file.read_text(encoding="utf-8"), task.file, dict.fromkeys(keys, "f" * 40))
    again, remarks = pinned(once, task.file, dict.fromkeys(keys, COMMIT))
    assert again.count(COMMIT) == len(keys) and "f" * 40 not in again and not remarks


def test_the_hub_is_asked_for_the_commit_of_a_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    from xbench.cli.task_hub import _commit

    asked = []

    def dataset_info(self: object, name: str, *, revision: str | None) -> SimpleNamespace:
        asked.append((name, revision))
        return SimpleNamespace(sha=COMMIT)

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", dataset_info)
    task = load_task("quoref")
    assert {_commit(place.source, task) for place in hub_places(task)} == {COMMIT}
    assert set(asked) == {("allenai/quoref", "refs/convert/parquet")}


def test_what_cannot_be_checked(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(new_task("shop"), encoding="utf-8")
    with pytest.raises(RequestError, match="reads nothing from the hub"):
        list(check_hub(tmp_path / "shop.yaml"))
    path = tmp_path / "squad.yaml"
    path.write_text(task_paths()["squad"].read_text(encoding="utf-8"), encoding="utf-8")
    outcome = CliRunner().invoke(app, ["check", str(path), "--hub"])
    assert isinstance(outcome.exception, DataError)  # no network in tests
    assert path.read_text(encoding="utf-8") == task_paths()["squad"].read_text(encoding="utf-8")


def test_a_checked_language_that_the_task_has_not_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "squad.yaml"
    text = task_paths()["squad"].read_text(encoding="utf-8")
    path.write_text(text + 'checked:\n  test:\n    dee: {rows: 5, hash: "ab"}\n', encoding="utf-8")
    with pytest.raises(SpecError, match="'dee' is none of the task's languages"):
        load_task(path)

"""Which tasks there are, and that listing them stays light."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xbench.errors import RequestError, SpecError
from xbench.spec.registry import describe_tasks, load_task, task_paths

WriteTask = Callable[..., Path]


def test_shipped_tasks_are_described() -> None:
    descriptions = describe_tasks()
    assert {"marc", "marc-binary", "xnli"} <= set(descriptions)
    assert all(descriptions.values())
    assert {name: load_task(name).description for name in descriptions} == descriptions


def test_own_tasks_stand_before_shipped_ones(write_task: WriteTask, tmp_path: Path) -> None:
    own = write_task(("name: shop", "name: xnli"), name="xnli", folder=tmp_path / "own")
    assert task_paths([tmp_path / "own"])["xnli"] == own
    assert load_task("xnli", [tmp_path / "own"]).fields == ("text",)
    assert load_task("xnli").fields == ("premise", "hypothesis")
    assert describe_tasks([tmp_path / "own"])["xnli"] == "Reviews of a shop."


def test_one_name_in_two_own_folders_is_no_silent_choice(write_task: WriteTask, tmp_path: Path) -> None:
    write_task(folder=tmp_path / "one")
    write_task(folder=tmp_path / "two")
    with pytest.raises(SpecError, match="is also in"):
        task_paths([tmp_path / "one", tmp_path / "two"])
    assert "shop" in task_paths([tmp_path / "one", tmp_path / "one"])


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is no directory"):
        task_paths([tmp_path / "absent"])


def test_a_changed_file_is_read_again(write_task: WriteTask) -> None:
    path = write_task()
    assert load_task(path) is load_task(path)
    write_task(("Reviews of a shop.", "Reviews of a big shop."))
    assert load_task(path).description == "Reviews of a big shop."


@pytest.mark.parametrize(
    "style", ["description: {}", 'description: "{}"', "description: >\n  {}", "description: >-\n  {}"]
)
def test_descriptions_are_found_however_they_are_written(write_task: WriteTask, tmp_path: Path, style: str) -> None:
    write_task(("description: Reviews of a shop.", style.format("Reviews of a shop.")), folder=tmp_path / "own")
    assert describe_tasks([tmp_path / "own"])["shop"] == "Reviews of a shop."


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom xbench.spec.registry import describe_tasks\nassert describe_tasks()\n"
        "heavy = ('pydantic', 'ruamel', 'torch', 'transformers', 'datasets', 'pandas')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"

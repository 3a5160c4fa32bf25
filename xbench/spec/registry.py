"""Which tasks there are, by their file names, and reading one of them.

Listing imports neither pydantic nor a YAML reader: `xbench tasks list` stays fast.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.errors import RequestError, SpecError, nearest

if TYPE_CHECKING:
    from xbench.spec.task import TaskSpec

_loaded: dict[tuple[Path, int, int], TaskSpec] = {}
_ROLE = re.compile(r"^role:[ \t]*['\"]?([a-z]+)", re.MULTILINE)
_DESCRIPTION = re.compile(r"^description:[ \t]*(?:[>|][+-]?[ \t]*\n[ \t]+)?(.+)$", re.MULTILINE)


def shipped_tasks() -> Path:
    """The folder of the tasks that come with xbench."""
    import xbench.tasks

    assert xbench.tasks.__file__ is not None
    return Path(xbench.tasks.__file__).parent


def task_paths(directories: Sequence[Path | str] = ()) -> dict[str, Path]:
    """Task name -> YAML file, sorted by name. A task in the user's directories stands before a shipped one of its name.

    Raises RequestError for a directory that is none, SpecError for one name in two of the user's directories.
    """
    paths = {path.stem: path for path in sorted(shipped_tasks().glob("*.yaml"))}
    own: dict[str, Path] = {}
    for directory in map(Path, directories):
        if not directory.is_dir():
            raise RequestError(f"the tasks directory '{directory}' is no directory.")
        for path in sorted(directory.glob("*.yaml")):
            if path.stem in own and own[path.stem].resolve() != path.resolve():
                raise SpecError(f"the task '{path.stem}' is also in {own[path.stem]}; rename or remove one.", file=path)
            own[path.stem] = path
    return dict(sorted({**paths, **own}.items()))


def describe_tasks(directories: Sequence[Path | str] = ()) -> dict[str, str]:
    """Task name -> its one-line description, read from the file's text."""
    descriptions = {}
    for name, path in task_paths(directories).items():
        match = _DESCRIPTION.search(path.read_text(encoding="utf-8", errors="replace"))
        descriptions[name] = match[1].strip().strip("\"'") if match else ""
    return descriptions


def target_tasks(directories: Sequence[Path | str] = ()) -> tuple[str, ...]:
    """The names of the tasks that are not only for training (`role: expanding`), read from the files' text."""
    roles = {
        name: _ROLE.search(path.read_text(encoding="utf-8", errors="replace"))
        for name, path in task_paths(directories).items()
    }
    return tuple(name for name, role in roles.items() if role is None or role[1] == "target")


def load_task(name_or_path: str | Path, directories: Sequence[Path | str] = ()) -> TaskSpec:
    """The task of a name, or of a path to a YAML file. Read once per process as long as the file stays the same.

    Raises RequestError for an unknown name (with the nearest one) and SpecError for a file that is wrong.
    """
    return _load(_path(name_or_path, directories), tuple(directories))


def load_other_task(name: str, task: TaskSpec, directories: Sequence[Path | str] = ()) -> TaskSpec:
    """A task that a split of another task refers to."""
    return _load(_other_path(name, task.file, directories), tuple(directories))


def _path(name_or_path: str | Path, directories: Sequence[Path | str]) -> Path:
    given = str(name_or_path)
    if given.endswith((".yaml", ".yml")) or "/" in given:
        path = Path(given)
        if not path.is_file():
            raise RequestError(f"there is no task file '{given}'.")
        return path
    paths = task_paths(directories)
    if given not in paths:
        raise RequestError(f"there is no task '{given}'.{nearest(given, paths)}")
    return paths[given]


def _other_path(name: str, path: Path, directories: Sequence[Path | str]) -> Path:
    """Of a task that another refers to: in the user's directories, else beside the other, else shipped."""
    beside = path.parent / f"{name}.yaml"
    own = any((Path(directory) / f"{name}.yaml").is_file() for directory in directories)
    return beside if beside.is_file() and not own else _path(name, directories)


def _load(path: Path, directories: tuple[Path | str, ...], above: tuple[Path, ...] = ()) -> TaskSpec:
    path = path.resolve()
    status = path.stat()
    key = (path, status.st_mtime_ns, status.st_size)
    if key not in _loaded:
        _loaded[key] = _read(path, directories, above)
    return _loaded[key]


def _read(path: Path, directories: tuple[Path | str, ...], above: tuple[Path, ...]) -> TaskSpec:
    from pydantic import ValidationError

    from xbench.spec.check import check_task
    from xbench.spec.strict import spec_error
    from xbench.spec.task import TaskSpec
    from xbench.spec.yaml import read_yaml

    document = read_yaml(path)
    try:
        task = TaskSpec.model_validate(document.data)
    except ValidationError as error:
        raise spec_error(document, error) from None
    task._file = path

    def load_other(name: str) -> TaskSpec:
        other = _other_path(name, path, directories)
        if other.resolve() in (*above, path):
            raise RequestError(f"the task '{name}' refers back to this one; name a task that has the split itself.")
        return _load(other, directories, (*above, path))

    check_task(task, document, load_other)
    return task

"""Options as they are written, turned into values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xbench.errors import RequestError, nearest


def words(text: str | None, option: str, kind: Callable[[str], Any] = str) -> tuple[Any, ...]:
    """The comma-separated words of an option; commas inside [ ] do not separate.

    Raises:
        RequestError: a word is empty or of another kind.
    """
    if text is None:
        return ()
    found: list[str] = [""]
    depth = 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    try:
        values = tuple(kind(word.strip()) for word in found)
    except ValueError as error:
        raise RequestError(f"{option} '{text}': {error}.") from error
    if any(value == "" for value in values):
        raise RequestError(f"{option} '{text}' has an empty entry; separate names by single commas.")
    return values


def changes(options: Sequence[str]) -> dict[str, dict[str, Any]]:
    """`method.parameter=value` of every --set, by method.

    Raises:
        RequestError: an option has another form.
    """
    from xbench.method.registry import parse_change

    found: dict[str, dict[str, Any]] = {}
    for option in options:
        method, point, rest = option.partition(".")
        if not point or "=" not in rest:
            raise RequestError(f"--set '{option}': write method.parameter=value, for instance mpt.alpha=0.3.")
        name, value = parse_change(rest, option)
        found.setdefault(method.strip(), {})[name] = value
    return found


def part(text: str | None) -> tuple[int, int]:
    """`i/n` of --shard; (1, 1) where there is none."""
    if text is None:
        return 1, 1
    number, slash, count = text.partition("/")
    if not slash or not number.isdigit() or not count.isdigit():
        raise RequestError(f"--shard '{text}': write i/n, for instance 1/4.")
    return int(number), int(count)


def grid_options(path: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """A grid file's options under those given on the command line.

    The file maps option names (with - or _) to a value or a list: `methods: [soft, mpt]`, `shots: [4, 16]`.

    Raises:
        SpecError: the file has a key that is no option.
    """
    from xbench.spec.yaml import read_yaml

    document = read_yaml(path)
    defaults: dict[str, Any] = {
        "methods": ("all",),
        "tasks": ("all",),
        "languages": ("all",),
        "profile": "demo",
        "setting": "zero-shot",
    }
    defaults |= {"precision": "fp32", "part": (1, 1), "changes": {}, "on_bad_row": "error"}
    merged = dict(given)
    for key, value in document.data.items():
        name = {"train-size": "shots", "train_size": "shots", "set": "changes"}.get(key, key.replace("-", "_"))
        if name not in given:
            known = sorted(option.replace("_", "-") for option in given)
            raise document.error((key,), f"is no option of `xbench eval`.{nearest(key, known)}")
        if merged[name] in (None, (), defaults.get(name)):
            merged[name] = _value(name, value)
    return merged


def _value(name: str, value: Any) -> Any:
    if name == "changes":
        return changes(value if isinstance(value, list) else [value])
    if name in ("tasks_dirs", "methods_dirs"):
        return tuple(Path(entry) for entry in (value if isinstance(value, list) else [value]))
    if name in ("methods", "tasks", "languages", "shots", "train_tasks"):
        return tuple(str(entry) for entry in value) if isinstance(value, list) else words(str(value), name)
    if name == "seeds":
        return tuple(int(entry) for entry in value) if isinstance(value, list) else words(str(value), name, int)
    return part(value) if name == "part" else value

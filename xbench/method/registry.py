"""Methods by name: found by their file names, described without importing them."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xbench.errors import RequestError, SpecError, nearest

if TYPE_CHECKING:
    from pydantic import ValidationError

    from xbench.method.base import Method, Settings
    from xbench.spec.task import TaskSpec

SHIPPED = "xbench.methods"


@dataclass(frozen=True)
class MethodChoice:
    """A method's name and the settings that a request changes: `mpt[alpha=1,training.steps=50]`."""

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variant(self) -> str:
        """The changes as text, sorted by name; empty where there are none."""
        return ",".join(f"{name}={_text(value)}" for name, value in sorted(self.changes.items()))

    def __str__(self) -> str:
        return f"{self.name}[{self.variant}]" if self.variant else self.name


def parse_method(text: str) -> MethodChoice:
    """Reads `name` or `name[parameter=value,…]`.

    Raises:
        RequestError: the text has another form.
    """
    name, bracket, rest = text.strip().partition("[")
    if bracket and not rest.endswith("]"):
        raise RequestError(f"'{text}' lacks its closing bracket; write name[parameter=value].")
    changes = dict(parse_change(change, text) for change in rest[:-1].split(",") if change.strip())
    return MethodChoice(name, changes)


def parse_change(text: str, whole: str) -> tuple[str, Any]:
    """Reads `parameter=value`; the value is a number, true, false, none or text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise RequestError(f"'{text}' in '{whole}' is no parameter=value.")
    return name.strip(), _value(value.strip())


def method_paths(directories: Sequence[Path] = ()) -> dict[str, Path]:
    """Method name -> module file, shipped ones and those in the user's directories.

    Raises:
        RequestError: a directory does not exist, or a name is there twice.
    """
    paths: dict[str, Path] = {}
    shipped = importlib.util.find_spec(SHIPPED)
    assert shipped is not None and shipped.submodule_search_locations is not None
    for directory in (Path(next(iter(shipped.submodule_search_locations))), *directories):
        if not directory.is_dir():
            raise RequestError(f"The methods folder '{directory}' does not exist.")
        for file in sorted(directory.glob("*.py")):
            name = file.stem.replace("_", "-")
            if file.stem.startswith("_"):
                continue
            if name in paths:
                raise RequestError(f"Two files define the method '{name}': {paths[name]} and {file}. Rename one.")
            paths[name] = file
    return paths


def describe_methods(directories: Sequence[Path] = ()) -> dict[str, str]:
    """Method name -> the first line of its module's docstring, read without importing it."""
    return {name: _first_line(file) for name, file in method_paths(directories).items()}


def load_method(name: str, directories: Sequence[Path] = ()) -> type[Method[Any]]:
    """The method class that a module defines.

    Raises:
        RequestError: no file has that name.
        SpecError: the file defines no method, or cannot be imported.
    """
    from xbench.method.base import Method

    paths = method_paths(directories)
    if name not in paths:
        raise RequestError(f"There is no method '{name}'.{nearest(name, paths)} `xbench methods list` shows all.")
    module = _import(paths[name])
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Method) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise SpecError(
            f"defines {len(classes)} subclasses of Method; a method file defines exactly one.", file=paths[name]
        )
    return classes[0]


def method_settings(
    method: type[Method[Any]], choice: MethodChoice, profile: str, task: TaskSpec, model: str | None
) -> Settings:
    """A method's settings under a profile, with a request's changes.

    Raises:
        RequestError: a change names no parameter of the method, or gives it a value it cannot have.
    """
    from pydantic import ValidationError

    values = profile_settings(method, profile, task)
    if model is not None:
        values["model"] = model
    for name, value in choice.changes.items():
        _change(values, name, value, choice)
    try:
        return method.settings_type.model_validate(values)
    except ValidationError as error:
        raise RequestError(
            f"Method '{choice.name}': {first_mistake(error)}. "
            f"`xbench methods show {choice.name}` lists parameters and values."
        ) from error


def first_mistake(error: ValidationError) -> str:
    """The first thing that is wrong with settings: `parameter = value: why`."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'settings'} = {first['input']!r}: {first['msg']}"


def profile_settings(method: type[Method[Any]], profile: str, task: TaskSpec | None = None) -> dict[str, Any]:
    """A method's settings under a profile, as plain values; on a task, or as far as they hold for any."""
    from xbench.method.profiles import BACKBONES, SHARED

    values = method.settings_type().model_dump()
    if profile == "paper":
        _merge(values, method.paper_settings(task) if task else {})
        return values
    kind = task.kind if task else next(iter(method.formulations))
    values["model"] = BACKBONES[profile][method.role(kind)]
    _merge(values, SHARED[profile])
    _merge(values, method.profiles.get(profile, {}))
    return values


def _change(values: dict[str, Any], name: str, value: Any, choice: MethodChoice) -> None:
    *path, last = name.split(".")
    inner = values
    for part in path:
        inner = inner.get(part, {}) if isinstance(inner, dict) else {}
    if not isinstance(inner, dict) or last not in inner:
        known = [key for key, inside in values.items() if not isinstance(inside, dict)]
        known += [f"{key}.{part}" for key, inside in values.items() if isinstance(inside, dict) for part in inside]
        raise RequestError(f"Method '{choice.name}' has no parameter '{name}'.{nearest(name, known)}")
    change: dict[str, Any] = {last: value}
    for part in reversed(path):
        change = {part: change}
    _merge(values, change)


def _merge(values: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Puts changes into values, level by level. Steps and epochs replace one another."""
    for one, other in (("steps", "epochs"), ("epochs", "steps")):
        if changes.get(one) is not None and other not in changes and other in values:
            values[other] = None
    for name, value in changes.items():
        if isinstance(value, Mapping) and isinstance(values.get(name), dict):
            _merge(values[name], value)
        else:
            values[name] = value


def _import(file: Path) -> ModuleType:
    shipped = importlib.util.find_spec(f"{SHIPPED}.{file.stem}")
    if shipped is not None and shipped.origin is not None and Path(shipped.origin) == file:
        return importlib.import_module(f"{SHIPPED}.{file.stem}")
    name = f"xbench_user_methods.{file.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise SpecError(f"cannot be imported: {type(error).__name__}: {error}", file=file) from error
    return module


def _first_line(file: Path) -> str:
    try:
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    except SyntaxError as error:
        raise SpecError(f"is no Python: {error.msg}", file=file, line=error.lineno) from error
    return (docstring or "").partition("\n")[0]


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None, "null": None}
    if text.lower() in words:
        return words[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _text(value: Any) -> str:
    return (
        {True: "true", False: "false", None: "none"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )

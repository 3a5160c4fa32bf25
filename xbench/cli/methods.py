"""`xbench methods`: list, show and new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Methods: list, show NAME, new NAME.", no_args_is_help=True)

_PROFILES = ("paper", "demo", "comparable")
_HEADER = ("parameter", *_PROFILES, "values", "meaning")

Directories = Annotated[list[Path] | None, typer.Option("--methods-dir", help="a folder with methods of your own")]


@app.command("list")
def list_methods(methods_dir: Directories = None) -> int:
    """All methods, each with what it is."""
    from xbench.method.registry import describe_methods

    descriptions = describe_methods(methods_dir or [])
    width = max(map(len, descriptions))
    for name, description in descriptions.items():
        print(f"{name:<{width}}  {description}")
    return 0


@app.command("show")
def show_method(name: str, methods_dir: Directories = None) -> int:
    """A method's paper, kinds, parameters with default and meaning, what tasks change, and the papers' rows."""
    import sys

    from xbench.method.registry import load_method, profile_settings

    method = load_method(name, methods_dir or [])
    print((sys.modules[method.__module__].__doc__ or "").strip())
    print(f"\nKinds: {', '.join(method.formulations)}. Trains tasks {'together' if method.joint else 'one by one'}.")
    print(f"Change a parameter with --set {name}.PARAMETER=VALUE, or name a variant '{name}[PARAMETER=VALUE]'.\n")
    profiles = [profile_settings(method, profile) for profile in _PROFILES]
    _print_columns([_HEADER, *_parameters(method.settings_type, profiles)])
    if of_tasks := _paper_values(method):
        print()
        _print_columns([("task", "the paper profile's other values"), *of_tasks])
    if method.variants:
        print()
        variants = [(variant.row, variant.choice, variant.place) for variant in method.variants]
        _print_columns([("variant, as printed", "--methods", "where"), *variants])
    return 0


@app.command("new")
def new_method(name: str, directory: Annotated[Path, typer.Option(help="where to write it")] = Path(".")) -> int:
    """Writes a commented starter, NAME.py, to fill in."""
    import sys

    from xbench.cli.starters import write_method_starter

    path = write_method_starter(name, directory)
    print(path)
    print(f"Try it: xbench eval --methods-dir {directory} --methods {name} --tasks marc", file=sys.stderr)
    return 0


def _print_columns(rows: list[tuple[str, ...]]) -> None:
    """Rows of text, every column but the last padded to its widest."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        print("  ".join([*map(str.ljust, row, widths), row[-1]]))


def _parameters(settings: Any, profiles: list[dict[str, Any]], prefix: str = "") -> list[tuple[str, ...]]:
    """A row for each parameter, those of the training budget under `training.`."""
    rows: list[tuple[str, ...]] = []
    for name, field in settings.model_fields.items():
        values = [profile[name] for profile in profiles]
        if isinstance(values[0], dict):
            rows += _parameters(field.annotation, values, f"{prefix}{name}.")
        else:
            rows.append((prefix + name, *map(_shown, values), _values(field), field.description or ""))
    return rows


def _paper_values(method: Any) -> list[tuple[str, str]]:
    """What the paper profile has otherwise on some tasks: their names, and the changes."""
    from xbench.method.registry import profile_settings
    from xbench.spec.registry import load_task, task_paths

    plain = _flat(profile_settings(method, "paper"))
    tasks_of: dict[str, list[str]] = {}
    for task in map(load_task, task_paths()):
        if task.kind in method.formulations:
            values = _flat(profile_settings(method, "paper", task))
            changes = ", ".join(f"{name}={_shown(value)}" for name, value in values.items() if value != plain[name])
            tasks_of.setdefault(changes, []).append(task.name)
    return [(", ".join(names), changes) for changes, names in tasks_of.items() if changes]


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Settings by their names, those of a budget as `training.steps`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= {f"{name}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)


def _values(field: Any) -> str:
    """The values a parameter can have, as people write them."""
    import typing

    arguments = typing.get_args(field.annotation) or (field.annotation,)
    words = []
    for each in arguments:
        literals = [str(word) for word in typing.get_args(each)]
        words += literals or [
            {"NoneType": "none"}.get(getattr(each, "__name__", ""), getattr(each, "__name__", str(each)))
        ]
    return "|".join(words)

"""`xbench methods`: list, show and new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Methods: list, show NAME, new NAME.", no_args_is_help=True)

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
    """A method's paper, kinds and parameters with default, demo value and meaning."""
    import sys

    from rich.console import Console
    from rich.table import Table

    from xbench.method.registry import load_method

    method = load_method(name, methods_dir or [])
    console = Console(file=sys.stdout, soft_wrap=False)
    console.print((sys.modules[method.__module__].__doc__ or "").strip(), markup=False, highlight=False)
    console.print(
        f"\nKinds: {', '.join(method.formulations)}. Trains tasks {'together' if method.joint else 'one by one'}.\n"
    )
    table = Table("parameter", "paper", "demo", "values", "meaning")
    for row in _rows(method.settings_type, dict(method.profiles.get("demo", {}))):
        table.add_row(*row)
    console.print(table)
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


def _rows(settings: Any, demo: dict[str, Any], prefix: str = "") -> list[tuple[str, str, str, str, str]]:
    rows = []
    for name, field in settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if hasattr(default, "model_fields"):
            values = type(default)
            inner = [(f"{prefix}{name}.{key}", value) for key, value in default.model_dump().items()]
            meanings = {key: values.model_fields[key].description or "" for key in values.model_fields}
            changed = demo.get(name, {})
            rows += [
                (key, str(value), str(changed.get(key.split(".")[-1], "")), "", meanings[key.split(".")[-1]])
                for key, value in inner
            ]
            continue
        rows.append((f"{prefix}{name}", str(default), str(demo.get(name, "")), _values(field), field.description or ""))
    return rows


def _values(field: Any) -> str:
    """The values a parameter can have, as people write them."""
    import typing

    arguments = typing.get_args(field.annotation)
    words = [str(each) for each in arguments if isinstance(each, str)]
    for each in arguments:
        words += [str(word) for word in typing.get_args(each)]
    return (
        "|".join(words)
        if words
        else getattr(field.annotation, "__name__", str(field.annotation).replace("NoneType", "none"))
    )

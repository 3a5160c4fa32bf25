"""Rules of the house that are cheap to check: imports run one way, the engine names no method, files stay small."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400

# What each package may import of the others. Packages at the top (cli, api) may import all.
BELOW: dict[str, set[str]] = {
    "errors": set(),
    "answers": set(),
    "grammar": set(),
    "tasks": set(),
    "leaderboard": set(),
    "metrics": {"errors", "answers"},
    "store": {"errors"},
    "spec": {"errors", "answers", "tasks", "languages", "metrics"},
    "data": {"errors", "answers", "spec", "grammar"},
    "encoding": {"errors", "answers", "spec", "data"},
    "micro": {"grammar"},
    "backbone": {"errors", "encoding", "micro"},
    "parts": {"errors", "encoding", "backbone"},
    "method": {"errors", "spec", "data", "encoding", "backbone", "parts"},
    "methods": {"errors", "spec", "data", "encoding", "backbone", "parts", "method"},
    "runner": {"errors", "spec", "data", "encoding", "backbone", "parts", "method", "metrics", "store"},
    "languages": {"errors"},
    "analysis": {"errors", "answers", "store", "metrics", "languages"},
    "diagnosis": {"errors", "answers", "spec", "data", "store", "metrics", "languages", "analysis"},
    "published": {"errors", "store", "languages", "analysis", "leaderboard"},
    "report": {"errors", "store", "languages", "analysis", "diagnosis", "published", "leaderboard"},
    "site": {
        "errors",
        "spec",
        "store",
        "metrics",
        "languages",
        "analysis",
        "diagnosis",
        "published",
        "report",
        "leaderboard",
    },
    "export": {
        *("errors", "spec", "data", "encoding", "backbone", "parts", "method", "runner", "store", "analysis", "micro"),
    },
    "recipes": {
        *("errors", "spec", "data", "method", "runner", "store", "analysis", "published", "report", "representations"),
    },
    "representations": {"errors", "spec", "data", "encoding", "backbone", "parts", "method", "runner", "store"},
}
TOP = {"cli", "api", "__main__", "__init__"}

# These read the store and task files alone, so that their commands start fast and work on any machine.
WITHOUT_TORCH = (
    *("errors", "answers", "spec", "store", "metrics", "languages", "analysis", "published", "report", "grammar"),
)
TORCH = {"torch", "transformers", "accelerate", "tokenizers", "safetensors", "peft"}

# Names of methods and tasks that are also plain words of the engine: a kind of template, a place in one, a format.
ALSO_WORDS = {"soft", "prefix", "squad"}
# The baseline of comparisons is part of the contract with users, and a default that they can change.
MAY_NAME = {("xbench/report/result_table.py", "fine-tune"), ("xbench/cli/results.py", "fine-tune")}


@cache
def tracked() -> tuple[Path, ...]:
    """The files that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return tuple(path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file())


def modules(*folders: str) -> list[Path]:
    """The Python files in folders of the repository."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """A file's path from the root, as text."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every import, also of those inside functions; `from xbench import x` counts as xbench.x."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} has a relative import"
            if node.module == "xbench":
                yield from ((node.lineno, f"xbench.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, str(node.module)


def package_of(path: Path) -> str:
    """The package a file belongs to, without `xbench.`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "xbench" else parts[0]


def test_imports_run_one_way() -> None:
    wrong = []
    for path in modules("xbench", "methods", "tasks", "leaderboard"):
        package = package_of(path)
        assert package in BELOW or package in TOP, f"say what '{package}' may import"
        for line, name in imports(path):
            parts = name.split(".")
            if package in TOP or parts[0] != "xbench" or parts[1] == package:
                continue
            if parts[1] not in BELOW[package]:
                wrong.append(f"{name_of(path)}:{line} imports {name}")
    assert not wrong


def test_the_table_of_imports_has_no_circle() -> None:
    """A package's own row must not allow what leads back to it."""

    def reached(package: str, through: tuple[str, ...] = ()) -> set[str]:
        assert package not in through, f"{' -> '.join((*through, package))} is a circle"
        return {package}.union(*(reached(other, (*through, package)) for other in BELOW[package]))

    assert all(reached(package) for package in BELOW)


def test_what_reads_the_store_needs_no_torch() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules("xbench")
        if package_of(path) in WITHOUT_TORCH
        for line, name in imports(path)
        if name.split(".")[0] in TORCH
    ]
    assert not wrong


def test_the_engine_names_no_method_and_no_task() -> None:
    names = {path.stem.replace("_", "-") for path in (ROOT / "methods").glob("[a-z]*.py")}
    names |= {path.stem for path in (ROOT / "tasks").glob("*.yaml")}
    assert {"fine-tune", "xnli"} <= names
    wrong = [
        f"{name_of(path)}:{node.lineno} names '{node.value}'"
        for path in modules("xbench")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and node.value in names - ALSO_WORDS
        and (name_of(path), node.value) not in MAY_NAME
    ]
    assert not wrong


def test_a_method_knows_neither_runner_nor_command_line() -> None:
    known = {name.split(".")[1] for path in modules("methods") for _, name in imports(path) if name[:7] == "xbench."}
    assert not known & {"runner", "store", "analysis", "report", "cli", "api"}


@pytest.mark.parametrize("folder", ["xbench", "methods", "tests", "benchmarks"])
def test_files_stay_readable_in_one_go(folder: str) -> None:
    long = {name_of(path): count for path in modules(folder) if (count := len(path.read_text().splitlines())) > LONGEST}
    assert not long


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in modules("xbench", "methods", "tasks", "leaderboard", "benchmarks")
        if path.stat().st_size and not ast.get_docstring(tree(path))  # an empty __init__.py has nothing to say
    ]
    assert not silent


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules("xbench", "methods", "benchmarks")
        for node in tree(path).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_no_file_names_the_machine_it_was_written_on() -> None:
    place = re.compile(rf"(?<![\w.~}}-])(?:{re.escape(str(ROOT))}|/(?:home|root|work|Users)/\w)")
    wrong = [
        f"{name_of(path)}: {found.group()}"
        for path in tracked()
        if path.suffix != ".safetensors" and path.name != "tokenizer.json"
        if (found := place.search(path.read_text(encoding="utf-8")))
    ]
    assert not wrong


def test_nothing_is_left_to_fill_in() -> None:
    mark = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "@" + "@")))
    left = [
        f"{name_of(path)}: {found.group()}"
        for path in tracked()
        if path.suffix in (".py", ".md", ".yaml", ".toml")
        if (found := mark.search(path.read_text(encoding="utf-8")))
    ]
    assert not left


def test_the_readme_has_the_test_command_of_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (command,) = re.findall(r"^# The README's test command.*\n(.+)$", script, re.MULTILINE)
    assert "pytest" in command
    assert command in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

"""The package holds everything that lies in its folders, and runs from an empty environment without the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETUP: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "xbench", "tasks", "methods", "leaderboard")
SMALL_CELL = (
    "eval --methods fine-tune --tasks marc --seeds 1 --limit 20 --languages en,de --set fine-tune.training.steps=5"
)


def folder_of(package: str) -> Path:
    """Where a package lies in the repository."""
    return ROOT / SETUP["package-dir"].get(package, package.replace(".", "/"))


def files_below(folder: Path) -> set[Path]:
    """All files below a folder that are not made by running it."""
    return {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def packaged_files() -> set[Path]:
    """All files that pyproject.toml puts into the package."""
    modules = {path for package in SETUP["packages"] for path in folder_of(package).glob("*.py")}
    patterns = SETUP["package-data"].items()
    return modules | {path for name, globs in patterns for glob in globs for path in folder_of(name).glob(glob)}


def test_every_file_of_the_package_folders_is_packaged() -> None:
    there = {path for package in SETUP["package-dir"] for path in files_below(folder_of(package))}
    forgotten = {str(path.relative_to(ROOT)) for path in there - packaged_files()}
    assert not forgotten, "add these to packages or package-data in pyproject.toml"


def test_every_listed_package_is_on_disk() -> None:
    missing = [package for package in SETUP["packages"] if not (folder_of(package) / "__init__.py").is_file()]
    assert not missing
    assert SETUP["packages"] == sorted(SETUP["packages"])


def test_every_package_data_pattern_finds_something() -> None:
    idle = [
        (name, glob)
        for name, globs in SETUP["package-data"].items()
        for glob in globs
        if not any(folder_of(name).glob(glob))
    ]
    assert not idle


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Standard output of a command that has to succeed."""
    settings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XBENCH_RUNS")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**settings, **environment},
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from a copy so that neither left-overs of earlier builds nor the repository itself matter."""
    copy = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).is_file():
            shutil.copy(ROOT / name, copy / name)
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", out, copy, folder=out)
    (built,) = out.glob("xbench-*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = set()
    for path in packaged_files():
        package = max(
            (p for p in SETUP["packages"] if path.is_relative_to(folder_of(p))), key=lambda p: len(str(folder_of(p)))
        )
        expected.add(f"{package.replace('.', '/')}/{path.relative_to(folder_of(package)).as_posix()}")
    assert names == expected


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_wheel_runs_in_an_empty_environment_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    programs = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    run(programs / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, folder=tmp_path)
    xbench = programs / "xbench"
    assert "eval" in run(xbench, "--help", folder=tmp_path)
    listed = run(xbench, "tasks", "list", "--names", folder=tmp_path)
    assert {line.split()[0] for line in listed.splitlines()} == {path.stem for path in (ROOT / "tasks").glob("*.yaml")}
    run(xbench, *SMALL_CELL.split(), folder=tmp_path, HF_HUB_OFFLINE="1")
    results = run(xbench, "results", "--format", "csv", folder=tmp_path).splitlines()
    assert len(results) > 2
    assert (tmp_path / "runs").is_dir()

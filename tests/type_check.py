"""Runs mypy over the package as it is installed.

mypy does not resolve setuptools' package-dir, so it is given a temporary tree of links with the installed layout.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Gives mypy's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "xbench"
        package.mkdir()
        for path in (ROOT / "xbench").iterdir():
            (package / path.name).symlink_to(path)
        for name in ("tasks", "methods", "leaderboard"):
            (package / name).symlink_to(ROOT / name)
        command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "-p", "xbench"]
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""Reading commands start fast: what they must not import is checked, and the time with room for a noisy machine."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

HEAVY = {"torch", "transformers", "datasets", "evaluate", "matplotlib", "accelerate"}
LIGHT = {*HEAVY, "pandas", "scipy", "ruamel"}
PROGRAM = """
import sys
from xbench.cli import _run
code = _run(sys.argv[1:])
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("command", "forbidden"),
    [
        (["--help"], LIGHT),
        (["eval", "--help"], LIGHT),
        (["tasks", "list"], LIGHT - {"ruamel"}),  # it reads every task file
        (["tasks", "list", "--names"], LIGHT),
        (["methods", "list"], LIGHT),
        (["reproduce", "list"], LIGHT),
        (["tasks", "show", "marc"], HEAVY),
        (["results", "--format", "csv"], HEAVY),
        (["runs", "list"], HEAVY),
    ],
)
def test_nothing_heavy_is_imported(command: list[str], forbidden: set[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported = set(done.stderr.splitlines()[-1].split())
    assert not imported & forbidden


@pytest.mark.parametrize(("command", "seconds"), [(["--help"], 0.2), (["tasks", "list"], 0.7)])
def test_start_takes_little_time(command: list[str], seconds: float) -> None:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "xbench", *command], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 3 * seconds  # the bound is for a quiet machine; a busy one is given three times as long

"""The same store gives the same bytes, whichever process builds it and with however many of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BUILD = """
import sys
from pathlib import Path
import xbench.site.findings as findings
import xbench.site.system as system
from xbench.analysis import load_results
from xbench.site import Request, build

findings.FEW_CELLS = system.CHUNK = 1  # processes are started for however little there is
if __name__ == "__main__":
    store, out, workers = sys.argv[1:]
    build(load_results(store), Request(Path(out), workers=int(workers), deep=4))
"""


def _built(store: Path, out: Path, *, workers: int, hashes: int) -> dict[str, bytes]:
    script = out.parent / "build.py"
    script.write_text(BUILD, encoding="utf-8")
    environment = {**os.environ, "PYTHONHASHSEED": str(hashes)}
    subprocess.run([sys.executable, script, store, out, str(workers)], check=True, env=environment)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_two_processes_build_the_same_bytes(varied_store: Path, tmp_path: Path) -> None:
    first = _built(varied_store, tmp_path / "first", workers=1, hashes=0)
    second = _built(varied_store, tmp_path / "second", workers=2, hashes=1)
    assert set(first) == set(second) and len(first) > 50
    assert [name for name in first if first[name] != second[name]] == []
    assert any(b"<svg" in content for name, content in first.items() if name.startswith("systems/"))

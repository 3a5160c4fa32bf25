"""A run store with small cells that several tests read, trained once a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner.conftest import FEW_STEPS, small_request
from xbench.runner.cell import Workplace
from xbench.runner.evaluation import run_grid
from xbench.runner.grid import plan_grid
from xbench.runner.processes import make_accelerator
from xbench.runner.rebuild import RebuiltCell
from xbench.store import RunStore

METHODS = ("fine-tune", "soft", "prefix[top_layers=1]")
_MADE: dict[str, Path] = {}


def small_store(factory: pytest.TempPathFactory) -> Path:
    """Three methods on sample reviews in English and German, four steps each, tested on 60 examples."""
    if "path" not in _MADE:
        path = factory.mktemp("representations") / "runs"
        names = tuple(name.partition("[")[0] for name in METHODS)
        request = small_request(METHODS, limit=60, sample_seed=7, changes=dict.fromkeys(names, FEW_STEPS))
        outcome = run_grid(plan_grid(request).cells, place(path))
        assert not outcome.failures
        _MADE["path"] = path
    return _MADE["path"]


def place(path: Path) -> Workplace:
    """A workplace on the CPU."""
    return Workplace(RunStore(path), make_accelerator("cpu"))


def rebuilt(path: Path, method: str) -> RebuiltCell:
    """The store's cell of a method."""
    where = place(path)
    (record,) = [record for record in where.store.cells() if record.method == method]
    return RebuiltCell(record, where)

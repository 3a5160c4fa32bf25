"""`xbench diagnose` of a pair as the run store grows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "diagnose_scale.py"


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("diagnose_scale", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_ten_times_the_rows_cost_at_most_twelve_times_as_much(tmp_path: Path) -> None:
    scale = benchmark()
    found = {}
    for rows in (50_000, 500_000):
        scale.write_store(tmp_path / str(rows), rows, systems=5)
        arguments = ["diagnose", "method-0", "method-1", "--runs", str(tmp_path / str(rows)), "--format", "csv"]
        found[rows] = scale.measure(arguments)
    assert found[500_000]["cpu_seconds"] <= 12 * found[50_000]["cpu_seconds"]
    assert found[500_000]["peak_mb"] < 1000

"""What several run stores say differently of one cell: reported on the site, and never silently dropped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xbench.store import PredictionRecord, RunStore


def conflicts(runs: Sequence[Path]) -> list[str]:
    """For each task and language of a cell that a later store measured otherwise: both, in words."""
    if len(runs) < 2:
        return []
    seen: dict[tuple[str, str, str], tuple[PredictionRecord, Path]] = {}
    found = []
    for path in runs:
        for record in RunStore(path).cells():
            for pair in record.predictions:
                first, where = seen.setdefault((record.id, *pair.pair), (pair, path))
                if dict(first.metrics) != dict(pair.metrics):
                    found.append(
                        f"Cell {record.id} ({record.label}, seed {record.seed}), {pair.task} in {pair.language}: "
                        f"{_numbers(first)} in {where.name}, which is shown, and {_numbers(pair)} in {path.name}."
                    )
    return found


def _numbers(pair: PredictionRecord) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in pair.metrics.items())

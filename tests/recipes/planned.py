"""Results of all cells that a request plans, as if they had been run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas

from xbench.analysis.results import COLUMNS, Results
from xbench.recipes.table import Ran
from xbench.runner.grid import CellPlan, plan_grid
from xbench.runner.request import EvalRequest


class Invented(Results):
    """Results that hold invented rows in place of cells."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        super().__init__(())
        object.__setattr__(self, "frame", pandas.DataFrame(list(rows), columns=list(COLUMNS)))

    def to_pandas(self) -> pandas.DataFrame:
        return self.frame  # type: ignore[attr-defined]


def as_run(request: EvalRequest, value: float = 0.5) -> Ran:
    """A grid whose every number is `value`."""
    return Ran(request, Invented(row for cell in plan_grid(request).cells for row in _rows(cell, value)))


def _rows(cell: CellPlan, value: float) -> Iterable[dict[str, Any]]:
    about = {
        **{"method": cell.choice.name, "variant": cell.choice.variant, "model": cell.settings.model},
        **{"data": cell.data, "profile": cell.profile, "setting": cell.setting, "shots": cell.size, "seed": cell.seed},
        "train_tasks": "+".join(task.name for task in cell.train_tasks),
        **{"source": cell.source, "limit": cell.limit, "adapted_to": cell.target or "", "skipped_rows": 0},
        **{"system": cell.system, "cell": f"{cell.name}", "n": 1, "value": value},
    }
    for task in cell.tasks:
        for language in cell.languages[task.name]:
            yield from ({**about, "task": task.name, "language": language, "metric": name} for name in task.metrics)

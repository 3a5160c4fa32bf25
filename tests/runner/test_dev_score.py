"""What picks the checkpoint."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from xbench.runner import cell_run
from xbench.runner.cell import Cell, Workplace
from xbench.runner.grid import plan_grid
from xbench.runner.processes import make_accelerator
from xbench.runner.request import EvalRequest
from xbench.store import RunStore


def test_of_a_joint_method_it_is_the_mean_over_training_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that trains in many languages has no more votes than one of few."""
    given = EvalRequest(
        methods=("polyprompt",), tasks=("marc", "xnli"), setting="in-language", shots=("1",), seeds=(1,)
    )
    (plan,) = plan_grid(given).cells
    run = cell_run.CellRun(Cell(plan, Workplace(RunStore(tmp_path), make_accelerator("cpu"))))
    tasks = [sample.task.name for sample in run.cell.data.samples]
    assert (tasks.count("marc"), tasks.count("xnli")) == (6, 11)

    def first_label(method: Any, model: Any, formulation: Any, *rest: Any, **options: Any) -> Any:
        return SimpleNamespace(predictions=defaultdict(lambda: formulation.task.labels[0]))

    monkeypatch.setattr(cell_run, "predict_rows", first_label)
    assert run._dev_score(torch.nn.Identity()) == pytest.approx((1 / 5 + 1 / 3) / 2)

"""A small grid that the tests of the runner share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xbench.runner.cell import Workplace
from xbench.runner.evaluation import Outcome, run_grid
from xbench.runner.grid import plan_grid
from xbench.runner.processes import make_accelerator
from xbench.runner.request import EvalRequest
from xbench.store import RunStore

FEW_STEPS = {"training.steps": 4, "training.evaluate_every": 2}


def small_request(methods: tuple[str, ...] = ("fine-tune", "soft"), **options: Any) -> EvalRequest:
    """A request of seconds: few steps, few examples, two languages."""
    changes = dict.fromkeys(methods, FEW_STEPS)
    defaults: dict[str, Any] = {
        "tasks": ("marc",),
        "languages": ("en", "de"),
        "seeds": (1,),
        "limit": 20,
        "shots": ("4",),
    }
    return EvalRequest(methods=methods, **{"changes": changes, **defaults, **options})


@pytest.fixture(scope="session")
def run() -> Callable[[EvalRequest, Path], Outcome]:
    """Runs a request into a run store in this process."""

    def run_request(request: EvalRequest, store: Path) -> Outcome:
        place = Workplace(RunStore(store), make_accelerator("cpu"), request.tasks_dirs, command="test")
        return run_grid(plan_grid(request).cells, place)

    return run_request

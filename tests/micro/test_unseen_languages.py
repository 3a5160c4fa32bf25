"""What the embedded backbone was never shown it does not know: unseen languages are near chance without adaptation."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.backbone.pretraining import unseen_languages
from xbench.runner.cell import Workplace
from xbench.runner.evaluation import run_grid
from xbench.runner.grid import plan_grid
from xbench.runner.processes import make_accelerator
from xbench.runner.request import EvalRequest
from xbench.spec.registry import load_task
from xbench.store import RunStore

CHANCE, EXAMPLES = 1 / 3, 400
WITHIN = 4 * (CHANCE * (1 - CHANCE) / EXAMPLES) ** 0.5
"""Four standard errors of chance over two seeds of 200 examples: 9.4 points."""


@pytest.mark.slow
def test_unseen_languages_are_near_chance_without_adaptation_and_a_seen_relative_is_not(tmp_path: Path) -> None:
    unseen = unseen_languages("micro-xlmr").intersection(load_task("xnli").languages_of("sample"))
    languages = ("en", "ru", *sorted(unseen))
    assert languages == ("en", "ru", "bg", "ur")
    given = EvalRequest(methods=("soft",), tasks=("xnli",), languages=languages, seeds=(1, 2))
    outcome = run_grid(plan_grid(given).cells, Workplace(RunStore(tmp_path), make_accelerator("cpu")))
    assert not outcome.failures
    found: dict[str, float] = dict.fromkeys(languages, 0.0)
    for cell in RunStore(tmp_path).cells():
        for entry in cell.predictions:
            assert entry.n == EXAMPLES / 2
            found[entry.language] += entry.metrics["accuracy"] / 2
    assert all(abs(found[language] - CHANCE) < WITHIN for language in ("bg", "ur")), found
    assert found["en"] > found["ru"] > CHANCE + WITHIN, found

"""The estimate by hand, from the stated counts."""

from __future__ import annotations

import math

import pytest

from xbench.recipes.estimate import Cost, estimate
from xbench.recipes.registry import load_recipe
from xbench.recipes.requests import recipe_requests
from xbench.runner.grid import plan_grid
from xbench.runner.request import EvalRequest

BASE, LARGE = 277_453_056, 558_840_832


def cost(*methods: str, **options: object) -> Cost:
    request = EvalRequest(methods=methods, profile="paper", seeds=(1,), **options)  # type: ignore[arg-type]
    return estimate(plan_grid(request).cells)


def test_steps_tokens_and_operations_by_hand() -> None:
    """UniPrompt's budget: 1,000 steps of 8 reviews of 60 tokens, dev every 100 steps, two tests of 5,000."""
    found = cost("uniprompt", tasks=("marc",), languages=("de", "en"))
    trained, dev, test = 1000 * 8 * 60, 10 * 80 * 60, 2 * 5000 * 60
    assert (found.cells, found.steps, found.trained_tokens, found.read_tokens) == (1, 1000, trained, dev + test)
    assert found.operations == pytest.approx(BASE * (6 * trained + 2 * (dev + test)))
    assert found.gpu_hours(1e12) == pytest.approx(found.operations / 1e12 / 3600)


def test_epochs_over_the_longest_stream_and_pairs_of_two_texts() -> None:
    """MPT at 64 shots: 500 pairs are longer than 192 examples."""
    found = cost("mpt", tasks=("xnli",), shots=("64",), languages=("en",))
    steps = 50 * math.ceil(500 / 24)
    assert found.steps == steps and found.trained_tokens == steps * 24 * (50 + 2 * 50)


def test_a_stage_that_cells_share_counts_once() -> None:
    one, two = (cost("mad-x", tasks=("americasnli",), languages=names) for names in (("en", "gn"), ("en", "gn", "quy")))
    assert (one.cells, two.cells) == (1, 2)
    # A language adapter of the source, one for each target, and one adapter for the task.
    task_steps = 10 * math.ceil(48 / 32)
    assert one.steps == 2 * 100_000 + task_steps and two.steps == 3 * 100_000 + task_steps
    assert cost("mad-x", tasks=("americasnli",), shots=("16", "32"), languages=("en", "gn")).steps == 200_000 + 20 + 30


def test_the_demo_counts_its_sample() -> None:
    request = recipe_requests(load_recipe("unseen-table-1"), "demo", 1).grids["main"]
    found = estimate(plan_grid(request).cells)
    assert found.cells == 1 and found.steps == 80 and found.operations < 1e13


def test_no_more_rows_than_there_are() -> None:
    few, all_of_them = (cost("mt5", tasks=("rte",), shots=(size,)) for size in ("most:5000", "full"))
    assert few == all_of_them


def test_the_demo_trains_in_the_source_of_the_sample_data() -> None:
    """MasakhaNEWS' Hausa is one of its sample languages, and no source there."""
    requests = recipe_requests(load_recipe("unseen-table-2"), "demo", None)
    assert (requests.grids["news"].source, requests.grids["news"].languages) == (None, ("en", "pcm", "sn"))
    assert any("the sample data are trained on in en, not in ha" in reason for reason in requests.left_out)

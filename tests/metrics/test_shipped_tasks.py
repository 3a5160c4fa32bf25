"""Gold answers of every shipped task's sample data, scored as predictions."""

from __future__ import annotations

import pytest

from tests.metrics.cases import perfect
from xbench.data.load import load_examples
from xbench.metrics import METRICS, compute
from xbench.spec.registry import load_task, task_paths

SAMPLED = [name for name in sorted(task_paths()) if "sample" in load_task(name).data_kinds]


@pytest.mark.parametrize("name", SAMPLED)
def test_gold_as_prediction_is_exactly_one_in_every_language(name: str) -> None:
    task = load_task(name)
    assert task.metrics[0] in METRICS
    source = task.split_source("test", "sample")
    for language in (source and source.languages) or (task.source,):
        given = load_examples(task, "test", language, "sample", limit=40)
        best = [perfect(task.kind, gold) for gold in given.gold]
        found = compute(task.metrics, given.gold, best, task.labels, language)
        assert found == dict.fromkeys(task.metrics, 1.0), language

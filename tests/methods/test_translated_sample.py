"""MPT without external data: the training sample, unlabelled, beside its own translations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tiny import examples, task
from xbench.data.load import load_examples
from xbench.data.translations import translated_sample
from xbench.errors import DataError, RequestError
from xbench.method.stages import ParallelData
from xbench.runner.grid import plan_grid
from xbench.runner.request import EvalRequest
from xbench.runner.stage_data import StageData


def test_each_example_stands_beside_its_translation() -> None:
    spec = task("xnli")
    sample = load_examples(spec, "train", "en", "sample").take(range(40, 100))
    others = {language: load_examples(spec, "train", language, "sample") for language in ("de", "zh", "sw")}
    pairs = translated_sample(sample, others)
    assert pairs.source.ids == pairs.target.ids == sample.ids
    assert pairs.source.fields == sample.fields and set(pairs.source.gold) == set(pairs.target.gold) == {""}
    assert set(pairs.target.languages) == set(others)
    for number, language in enumerate(pairs.target.languages):
        row = others[language].ids.index(sample.ids[number])
        for name, column in pairs.target.fields.items():
            assert column[number] == others[language].fields[name][row]
    assert translated_sample(sample, others) == pairs


def test_a_missing_translation_is_named() -> None:
    sample = examples(task("xnli"), "en")
    german = replace(examples(task("xnli"), "de", 4), ids=("0", "1", "2", "3"))
    with pytest.raises(DataError, match="'4' has no translation in 'de'"):
        translated_sample(sample, {"de": german})
    with pytest.raises(DataError, match="no other language"):
        translated_sample(sample, {})


def stage_data(of: str) -> StageData:
    methods = ("mpt[external_data=false]",)
    request = EvalRequest(methods=methods, tasks=(of,), shots=("4",), seeds=(1,), languages=("en", "de"))
    (plan,) = plan_grid(request).cells
    return StageData(plan, ())


def test_a_cells_pairs_are_its_training_sample() -> None:
    """From all languages of the training data, not those evaluated."""
    data = stage_data("xnli")
    pairs = data.parallel(ParallelData("xnli", None))
    assert pairs.source.ids == data.samples[0].train.ids and len(pairs) == 12
    assert len(set(pairs.target.languages)) > 3 and "en" not in pairs.target.languages


def test_a_task_whose_training_data_are_not_parallel_is_refused() -> None:
    with pytest.raises(RequestError, match=r"Task 'marc' does not say .*'parallel_training: true'"):
        stage_data("marc").parallel(ParallelData("marc", None))

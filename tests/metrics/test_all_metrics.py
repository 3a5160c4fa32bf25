"""What every metric is: counts of examples that add up to it, one for a perfect answer, and a module of `evaluate`."""

from __future__ import annotations

import json

import numpy
import pytest

from tests.metrics.cases import gold_and_predictions, perfect
from xbench.errors import DataError
from xbench.metrics import METRICS, Predictions, compute, module_path

NAMES = sorted(METRICS)
LANGUAGES = ("en", "zh", "ar", "th")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_sums_over_parts_in_any_order_add_up(name: str, language: str) -> None:
    metric, generator = METRICS[name], numpy.random.default_rng(0)
    for size in (1, 2, 7, 60):
        gold, prediction = gold_and_predictions(metric.kinds[0], generator, size)
        whole = compute([name], gold, prediction, language=language)[name]
        assert 0 <= whole <= 1
        labels = sorted({*gold, *(one for one in prediction if one)})
        order = generator.permutation(size)
        parts = numpy.split(order, sorted(generator.integers(0, size, 2)))
        sums = sum(
            metric.counts(
                Predictions([gold[i] for i in part], [prediction[i] for i in part], labels, language)
            ).sum(axis=0, dtype=float)
            for part in parts
            if len(part)
        )  # fmt: skip
        assert metric.value(sums) == pytest.approx(whole, abs=1e-12)
        assert metric.value(2 * sums) == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_gold_scored_as_prediction_is_exactly_one(name: str, language: str) -> None:
    metric = METRICS[name]
    gold, _ = gold_and_predictions(metric.kinds[0], numpy.random.default_rng(1), 300)
    best = [perfect(metric.kinds[0], one) for one in gold]
    assert metric(gold, best, language=language) == 1.0
    assert metric.right(metric.counts(Predictions(gold, best, language=language))).all()


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_is_wrong(name: str) -> None:
    metric = METRICS[name]
    gold, _ = gold_and_predictions(metric.kinds[0], numpy.random.default_rng(2), 50)
    assert metric(gold, [None] * 50) == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_right_or_wrong_says_whether_values_are_only_these(name: str) -> None:
    metric = METRICS[name]
    given = Predictions(*gold_and_predictions(metric.kinds[0], numpy.random.default_rng(3), 300))
    counts = metric.counts(given)
    is_share = counts.shape[1] == 2 and bool(numpy.isin(counts[:, 0], (0, 1)).all()) and bool((counts[:, 1] == 1).all())
    assert metric.right_or_wrong == is_share


@pytest.mark.parametrize("name", [name for name in NAMES if METRICS[name].kinds[0] in ("tagging", "extractive-qa")])
def test_gold_of_another_kind_is_an_error_that_says_so(name: str) -> None:
    gold, _ = gold_and_predictions(METRICS[name].kinds[0], numpy.random.default_rng(0), 1)
    with pytest.raises(DataError, match=r"Gold answer 2 is not .*'neutral'"):
        compute([name], [*gold, "neutral"], ["", ""])


@pytest.mark.parametrize("name", NAMES)
def test_evaluate_module_agrees_offline(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    evaluate = pytest.importorskip("evaluate")
    metric = METRICS[name]
    kind = metric.kinds[0]
    gold, prediction = gold_and_predictions(kind, numpy.random.default_rng(4), 20)
    if kind == "tagging":
        prediction = [text if text and text[:2] == '["' and text[-2:] == '"]' else gold[0] for text in prediction]
    read = json.loads if kind in ("tagging", "extractive-qa") else str
    predictions = [json.loads(one) for one in prediction] if kind == "tagging" else prediction
    module = evaluate.load(str(module_path(name)), cache_dir=str(tmp_path))
    found = module.compute(predictions=predictions, references=[read(one) for one in gold], language="zh")
    assert found == {name: metric(gold, prediction, language="zh")}

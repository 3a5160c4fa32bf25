"""Metrics by name: labels against scikit-learn, what all metrics share, and those of the hub."""

from __future__ import annotations

import subprocess
import sys

import numpy
import pytest
from sklearn.metrics import accuracy_score, f1_score

from xbench.errors import DataError, RequestError
from xbench.metrics import accuracy, compute, macro_f1, module_path

GOLD = ["a", "a", "b", "b", "c", "c"]
PREDICTION = ["a", "b", "b", "b", None, "c"]


def test_accuracy_counts_none_as_wrong() -> None:
    assert accuracy(GOLD, PREDICTION) == pytest.approx(4 / 6)
    assert accuracy(["a"], [None]) == 0.0


def test_macro_f1_by_hand() -> None:
    # a: 2*1/(2+1); b: 2*2/(2+3); c: 2*1/(2+1)
    assert macro_f1(GOLD, PREDICTION) == pytest.approx((2 / 3 + 4 / 5 + 2 / 3) / 3)


def test_macro_f1_counts_a_label_that_is_only_predicted() -> None:
    assert macro_f1(["a", "a"], ["a", "b"]) == pytest.approx((2 / 3 + 0) / 2)


def test_labels_agree_with_scikit_learn() -> None:
    generator = numpy.random.default_rng(0)
    for _ in range(500):
        labels = numpy.array(list("abcdé"), dtype=object)[: generator.integers(1, 6)]
        gold, prediction = (list(generator.choice(labels, generator.integers(1, 30))) for _ in range(2))
        prediction = (prediction * 30)[: len(gold)]
        assert accuracy(gold, prediction) == pytest.approx(accuracy_score(gold, prediction), abs=1e-12)
        expected = f1_score(gold, prediction, average="macro")
        assert macro_f1(gold, prediction) == pytest.approx(expected, abs=1e-12)
        assert macro_f1(gold, prediction, ["z", *labels]) == pytest.approx(expected, abs=1e-12)  # z does not occur


def test_compute_keeps_the_order_of_names() -> None:
    assert list(compute(["macro_f1", "accuracy"], GOLD, PREDICTION)) == ["macro_f1", "accuracy"]


def test_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(RequestError, match=r"'acuracy'.*Did you mean 'accuracy'"):
        compute(["acuracy"], GOLD, PREDICTION)


@pytest.mark.parametrize(("gold", "prediction"), [([], []), (["a"], ["a", "b"])])
def test_nothing_to_score_is_an_error(gold: list[str], prediction: list[str]) -> None:
    with pytest.raises(DataError, match="cannot be scored"):
        compute(["accuracy"], gold, prediction)


def test_hub_metric_from_a_folder() -> None:
    name = f"hub:{module_path('accuracy')}"
    assert compute([name], ["a", "b"], ["a", "a"]) == {name: 0.5}


NUMBERED = """
import datasets
import evaluate

class Numbered(evaluate.Metric):
    def _info(self):
        number = datasets.Value("int32")
        return evaluate.MetricInfo(description="", citation="", inputs_description="",
                                   features=datasets.Features({"predictions": number, "references": number}))
    def _compute(self, predictions, references, power=1):
        return {"distance": sum(abs(a - b) ** power for a, b in zip(predictions, references)), "n": len(references)}
"""


def test_hub_metric_gets_numbered_labels_options_and_names_each_number(tmp_path) -> None:
    (tmp_path / "numbered").mkdir()
    (tmp_path / "numbered" / "numbered.py").write_text(NUMBERED)
    name = f"hub:{tmp_path / 'numbered'}[power=2]"
    result = compute([name], ["1", "5"], ["3", None], labels=["1", "2", "3", "4", "5"])
    assert result == {f"{name}/distance": 4.0 + 25.0, f"{name}/n": 2.0}  # None is -1, five from label number 4


@pytest.mark.parametrize("name", ["hub:", "hub:f1[average]", "hub:f1[average=macro"])
def test_malformed_hub_names(name: str) -> None:
    with pytest.raises(RequestError, match="written hub:<id>"):
        compute([name], GOLD, PREDICTION)


def test_hub_metric_that_cannot_be_loaded(tmp_path) -> None:
    with pytest.raises(RequestError, match="cannot be loaded"):
        compute([f"hub:{tmp_path}/nothing-here"], GOLD, PREDICTION)


def test_importing_metrics_imports_nothing_heavy() -> None:
    heavy = {"torch", "evaluate", "pandas", "scipy", "pydantic"}
    code = f"import sys, xbench.metrics, xbench.store; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

"""`evaluate`-compatible module of xbench's accuracy: `evaluate.load(str(xbench.metrics.module_path("accuracy")))`."""

from collections.abc import Sequence

import datasets
import evaluate

from xbench.metrics.classification import accuracy


class Accuracy(evaluate.Metric):
    """The share of predictions that are the gold label."""

    def _info(self) -> evaluate.MetricInfo:
        label = datasets.Value("string")
        return evaluate.MetricInfo(
            description="The share of predictions that are the gold label. A prediction of None is wrong.",
            citation="",
            inputs_description="predictions, references: labels as text; a prediction may be None.",
            features=datasets.Features({"predictions": label, "references": label}),
        )

    def _compute(self, predictions: Sequence[str | None], references: Sequence[str]) -> dict[str, float]:
        return {"accuracy": accuracy(references, predictions)}

"""`evaluate`-compatible module of xbench's macro_f1: `evaluate.load(str(xbench.metrics.module_path("macro_f1")))`."""

from collections.abc import Sequence

import datasets
import evaluate

from xbench.metrics.classification import macro_f1


class MacroF1(evaluate.Metric):
    """F1 of each label that occurs, averaged without weights."""

    def _info(self) -> evaluate.MetricInfo:
        label = datasets.Value("string")
        return evaluate.MetricInfo(
            description="F1 of each label that occurs, averaged without weights. A prediction of None is wrong.",
            citation="",
            inputs_description="predictions, references: labels as text; a prediction may be None.",
            features=datasets.Features({"predictions": label, "references": label}),
        )

    def _compute(self, predictions: Sequence[str | None], references: Sequence[str]) -> dict[str, float]:
        return {"macro_f1": macro_f1(references, predictions)}

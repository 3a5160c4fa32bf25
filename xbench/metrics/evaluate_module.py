"""Our metrics as modules of Hugging Face `evaluate`, in the forms that its users know.

Labels and texts are texts; tags are lists; gold answers are SQuAD's {"text": [...], "answer_start": [...]}.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from xbench.answers import list_text
from xbench.metrics.compute import METRICS

_TEXT = datasets.Value("string")
_TAGS = datasets.Sequence(_TEXT)
_ANSWERS = {"text": _TAGS, "answer_start": datasets.Sequence(datasets.Value("int64"))}

# kind -> the forms of a prediction and of a reference
_FORMS: dict[str, tuple[Any, Any]] = {"tagging": (_TAGS, _TAGS), "extractive-qa": (_TEXT, _ANSWERS)}


def evaluate_module(name: str) -> type[evaluate.Metric]:
    """The `evaluate.Metric` class of a metric that ships here."""
    metric = METRICS[name]
    prediction, reference = _FORMS.get(metric.kinds[0], (_TEXT, _TEXT))

    class Module(evaluate.Metric):
        __doc__ = metric.description

        def _info(self) -> evaluate.MetricInfo:
            return evaluate.MetricInfo(
                description=metric.description,
                citation="",
                inputs_description="predictions (of None: wrong), references; language: a BCP-47 tag, by default en.",
                features=datasets.Features({"predictions": prediction, "references": reference}),
            )

        def _compute(self, predictions: Sequence[Any], references: Sequence[Any], language: str = "en") -> Any:
            given = [None if one is None else _text(one) for one in predictions]
            return {name: metric([_text(one) for one in references], given, language=language)}

    return Module


def _text(answer: Any) -> str:
    """An answer as the text that our metrics read."""
    if isinstance(answer, str):
        return answer
    return json.dumps(answer) if isinstance(answer, dict) else list_text(answer)

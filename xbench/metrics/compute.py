"""Metrics by name: those that ship here, and any of the hub's as `hub:<id>`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xbench.errors import RequestError, nearest
from xbench.metrics.answers import exact_match, f1, squad_exact_match, squad_f1
from xbench.metrics.classification import accuracy, macro_f1
from xbench.metrics.metric import Metric, Predictions
from xbench.metrics.summaries import rouge1, rouge2, rougeL
from xbench.metrics.tagging import span_f1, token_accuracy, xtreme_f1

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        *(accuracy, macro_f1),
        *(token_accuracy, span_f1, xtreme_f1),
        *(f1, exact_match, squad_f1, squad_exact_match),
        *(rouge1, rouge2, rougeL),
    )
}


def compute(
    names: Sequence[str],
    gold: Sequence[str],
    prediction: Sequence[str | None],
    labels: Sequence[str] = (),
    language: str = "en",
) -> dict[str, float]:
    """Each named metric of the predictions of one language, in the order of `names`.

    `labels`, the task's, number the classes for hub metrics that want integers. A prediction that is None, or not of
    the form of its kind, counts as wrong. Raises RequestError for an unknown name and DataError where there is nothing
    to score, gold and predictions differ in number, or a gold answer is not of the metric's kind.
    """
    check_names(names)
    given = Predictions(gold, prediction, labels, language)
    results: dict[str, float] = {}
    for name in names:
        if name.startswith("hub:"):
            from xbench.metrics.hub import compute_from_hub

            results.update(compute_from_hub(name, gold, prediction, labels))
        else:
            results[name] = METRICS[name].of(given)
    return results


def check_names(names: Sequence[str]) -> None:
    """Raises RequestError for a metric that is not here and not named as one of the hub's."""
    for name in names:
        if name not in METRICS and not name.startswith("hub:"):
            raise RequestError(
                f"There is no metric '{name}'.{nearest(name, METRICS)} One of the hub is named hub:<id>."
            )


def module_path(name: str) -> Path:
    """The folder of a metric that ships here, for `evaluate.load(str(module_path("accuracy")))`; needs no network."""
    if name not in METRICS:
        raise RequestError(f"There is no metric '{name}'.{nearest(name, METRICS)}")
    return Path(__file__).parent / "modules" / name

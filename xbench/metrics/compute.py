"""Metrics by name: those that ship here, and any of the hub's as `hub:<id>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xbench.errors import DataError, RequestError, nearest
from xbench.metrics.classification import accuracy, macro_f1

Metric = Callable[[Sequence[str], Sequence[str | None]], float]

METRICS: Mapping[str, Metric] = {"accuracy": accuracy, "macro_f1": macro_f1}


def compute(
    names: Sequence[str], gold: Sequence[str], prediction: Sequence[str | None], labels: Sequence[str] = ()
) -> dict[str, float]:
    """Each named metric of the predictions, in the order of `names`.

    `labels`, the task's, number the classes for hub metrics that want integers. Raises RequestError for an unknown
    name and DataError where there is nothing to score or gold and predictions differ in number.
    """
    check_names(names)
    if not gold or len(gold) != len(prediction):
        raise DataError(f"{len(prediction)} predictions cannot be scored against {len(gold)} gold labels.")
    results: dict[str, float] = {}
    for name in names:
        if name.startswith("hub:"):
            from xbench.metrics.hub import compute_from_hub

            results.update(compute_from_hub(name, gold, prediction, labels))
        else:
            results[name] = METRICS[name](gold, prediction)
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

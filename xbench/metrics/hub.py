"""Metrics of the Hugging Face hub, loaded by `evaluate` when a task that names one is scored.

A hub metric is code from elsewhere: it runs only where a user's task names it, as `hub:f1[average=macro]`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Real
from typing import Any

from xbench.errors import RequestError


def compute_from_hub(
    name: str, gold: Sequence[str], prediction: Sequence[str | None], labels: Sequence[str] = ()
) -> dict[str, float]:
    """The numbers of one hub metric, named `hub:<id>`, or `hub:<id>/<number>` where it gives several.

    Raises RequestError where the name is malformed, the metric cannot be loaded (without a network, for one), or
    does not take labels.
    """
    id, options = parse_name(name)
    metric = _load(name, id)
    known = tuple(labels) or tuple(sorted({*gold, *(label for label in prediction if label is not None)}))
    encode = _numbered(known) if _wants_numbers(metric) else _text
    try:
        numbers = metric.compute(
            predictions=[encode(label) for label in prediction], references=[encode(label) for label in gold], **options
        )
    except Exception as error:
        raise RequestError(f"The metric '{name}' cannot score these predictions: {error}") from error
    values = {key: float(value) for key, value in (numbers or {}).items() if isinstance(value, Real)}
    if not values:
        raise RequestError(f"The metric '{name}' gives no number, but {numbers!r}.")
    return {name: next(iter(values.values()))} if len(values) == 1 else {f"{name}/{k}": v for k, v in values.items()}


def parse_name(name: str) -> tuple[str, dict[str, Any]]:
    """(id, options) of `hub:<id>` or `hub:<id>[key=value,...]`. Raises RequestError for anything else."""
    match = re.fullmatch(r"hub:([^\[\]]+)(?:\[([^\[\]]+)\])?", name)
    options = [part.partition("=") for part in match[2].split(",")] if match and match[2] else []
    if match is None or any(not (key and equals and value) for key, equals, value in options):
        raise RequestError(f"'{name}' is no hub metric; they are written hub:<id> or hub:<id>[key=value].")
    return match[1], {key.strip(): _value(value.strip()) for key, _, value in options}


def _value(text: str) -> Any:
    words = {"true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _load(name: str, id: str) -> Any:
    import evaluate

    try:
        return evaluate.load(id)
    except Exception as error:
        raise RequestError(
            f"The metric '{name}' cannot be loaded; it needs a network, or a folder's path as its id. ({error})"
        ) from error


def _wants_numbers(metric: Any) -> bool:
    features = metric.features[0] if isinstance(metric.features, list) else metric.features
    return any(str(getattr(feature, "dtype", "")).startswith(("int", "float")) for feature in features.values())


def _numbered(labels: Sequence[str]) -> Any:
    numbers = {label: number for number, label in enumerate(labels)}
    return lambda label: numbers.get(label, -1)  # outside the label set: a number that no gold label has


def _text(label: str | None) -> str:
    return "" if label is None else label

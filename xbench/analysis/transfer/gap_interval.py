"""The interval of a gap, over seeds, target languages and examples, by the same means as that of a mean.

A cell of the table is source - target, of one seed and one target language. The source's examples are in every cell,
and so are translations of them: their noise moves all cells alike, and is added (see `xbench.analysis.intervals`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from xbench.analysis.intervals import LEVEL, Interval, crossed_interval, shared_variance
from xbench.analysis.outcomes import Outcomes, load_outcomes
from xbench.analysis.systems import TaskScores

WEIGHTS = (1.0, -1.0)  # source, target


def gap_interval(scores: TaskScores, outcomes: Outcomes | None = None, *, level: float = LEVEL) -> Interval | None:
    """The interval of source - mean of targets, from the system's `outcomes` in all its languages: read if None.

    None where the source or every target is missing, or where examples are not to be had (see `load_outcomes`).
    Raises StoreError for a prediction file that is missing or damaged.
    """
    if not scores.seeds or not scores.targets or scores.source not in scores.languages:
        return None
    outcomes = outcomes or load_outcomes([scores], scores.seeds, (scores.source, *scores.targets))
    return None if outcomes is None else interval_of_gap(outcomes, scores.source, scores.targets, level=level)


def interval_of_gap(outcomes: Outcomes, source: str, targets: Sequence[str], *, level: float = LEVEL) -> Interval:
    """The same from the outcomes of one system in the source and the targets, which they name."""
    order = [name for names in outcomes.languages for name in names]
    measured = outcomes.measured()[0]  # [seeds, languages]
    values = measured[:, [order.index(source)]] - measured[:, [order.index(target) for target in targets]]
    parts = [(one, None) for one in _differences(outcomes, source, targets)]
    return crossed_interval(values, shared_variance(parts, WEIGHTS, *values.shape), level=level)


def _differences(outcomes: Outcomes, source: str, targets: Sequence[str]) -> list[Outcomes]:
    """Source and target as two systems [2, seeds, targets, examples, counts], apart where examples are independent."""
    found = []
    for part, names in zip(outcomes.parts, outcomes.languages, strict=True):
        if source not in names:
            found.append(Outcomes((numpy.concatenate([numpy.zeros_like(part), part]),), outcomes.value))
            continue
        # Targets on other examples stay 0 here: only the source's examples are drawn, and they are not among these.
        pair = numpy.zeros((2, part.shape[1], len(targets), *part.shape[3:]), dtype=part.dtype)
        pair[0] = part[0, :, [names.index(source)]].swapaxes(0, 1)
        for at, target in enumerate(targets):
            if target in names:
                pair[1, :, at] = part[0, :, names.index(target)]
        found.append(Outcomes((pair,), outcomes.value))
    return found

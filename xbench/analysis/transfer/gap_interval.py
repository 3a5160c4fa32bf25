"""The interval of a gap, over seeds, target languages and examples, by the same means as that of a mean.

A cell of the table is source - target, of one seed and one target language. The source's examples are in every cell,
and so are translations of them: their noise moves all cells alike, and is added (see `xbench.analysis.intervals`).
"""

from __future__ import annotations

import numpy

from xbench.analysis.intervals import LEVEL, Interval, crossed_interval, shared_variance
from xbench.analysis.outcomes import Outcomes, load_outcomes
from xbench.analysis.systems import TaskScores

WEIGHTS = (1.0, -1.0)  # source, target


def gap_interval(scores: TaskScores, *, level: float = LEVEL) -> Interval | None:
    """The interval of source - mean of targets.

    None where the source or every target is missing, or where examples are not to be had (see `load_outcomes`).
    Raises StoreError for a prediction file that is missing or damaged.
    """
    if not scores.seeds or not scores.targets or scores.source not in scores.languages:
        return None
    outcomes = load_outcomes([scores], scores.seeds, (scores.source, *scores.targets))
    if outcomes is None:
        return None
    values = scores.columns([scores.source]) - scores.columns(scores.targets)  # [seeds, targets]
    shared = shared_variance([(one, None) for one in _differences(outcomes, scores)], WEIGHTS, *values.shape)
    return crossed_interval(values, shared, level=level)


def _differences(outcomes: Outcomes, scores: TaskScores) -> list[Outcomes]:
    """Source and target as two systems [2, seeds, targets, examples, counts], apart where examples are independent."""
    found = []
    for part, names in zip(outcomes.parts, outcomes.languages, strict=True):
        if scores.source not in names:
            found.append(Outcomes((numpy.concatenate([numpy.zeros_like(part), part]),), outcomes.value))
            continue
        # Targets on other examples stay 0 here: only the source's examples are drawn, and they are not among these.
        pair = numpy.zeros((2, part.shape[1], len(scores.targets), *part.shape[3:]), dtype=part.dtype)
        pair[0] = part[0, :, [names.index(scores.source)]].swapaxes(0, 1)
        for at, target in enumerate(scores.targets):
            if target in names:
                pair[1, :, at] = part[0, :, names.index(target)]
        found.append(Outcomes((pair,), outcomes.value))
    return found

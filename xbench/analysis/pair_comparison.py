"""One system against another in full: headline interval, tests over the unit chosen, effect sizes, seeds needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xbench.analysis.intervals import Interval
from xbench.analysis.paired_values import PAIRED, PairedValues
from xbench.analysis.significance import (
    HodgesLehmann,
    PValue,
    SeedsNeeded,
    hodges_lehmann,
    independent_t,
    paired_t,
    rank_biserial,
    seeds_needed,
    sign_test,
    wilcoxon,
)

TESTS = ("wilcoxon", "sign", "paired_t", "independent_t", "seeds_t")
DIFFERENCES = (0.01, 0.02, 0.05)


@dataclass(frozen=True)
class PairComparison:
    """first - second over `tasks`, a fraction: mean over seeds, tasks and target languages that both have.

    `interval` is the headline: hierarchical, over seeds, languages and examples; None where examples are not to be
    had. `tests` has the p of each of `TESTS` (None where the numbers allow none), `holm` the same corrected over all
    pairs of the block, or blocks, that were compared. Effects are over the units that `unit` says. `seeds_t` pairs
    seeds, and `needed` has the seeds that each of several differences would take.
    """

    first: str
    second: str
    tasks: tuple[str, ...]
    metrics: tuple[str, ...]
    unit: str
    units: tuple[str, ...]
    seeds: tuple[int, ...]
    languages: tuple[str, ...]
    mean_first: float
    mean_second: float
    difference: float
    interval: Interval | None
    tests: Mapping[str, PValue | None]
    holm: Mapping[str, float | None]
    rank_biserial: float | None
    hodges_lehmann: HodgesLehmann
    needed: tuple[SeedsNeeded, ...]


def compare_pair(
    first: str, second: str, values: PairedValues, unit: str = "language", differences: Sequence[float] = DIFFERENCES
) -> PairComparison:
    """The comparison of two labelled systems. `differences` are those for which the seeds needed are computed.

    Raises RequestError for a unit that there is not, and StoreError for a damaged prediction file.
    """
    names, one, other = values.units(unit)
    paired = PAIRED[unit]
    means = values.first.mean(), values.second.mean()
    needed = (seeds_needed(values.by_seed, difference) for difference in differences)
    return PairComparison(
        first=first,
        second=second,
        tasks=values.tasks,
        metrics=values.metrics,
        unit=unit,
        units=names,
        seeds=values.seeds,
        languages=values.languages,
        mean_first=float(means[0]),
        mean_second=float(means[1]),
        difference=float(means[0] - means[1]),
        interval=values.interval(),
        tests={
            "wilcoxon": wilcoxon(one, other).p_value(paired),
            "sign": sign_test(one, other, paired),
            "paired_t": paired_t(one, other, paired),
            "independent_t": independent_t(one, other, paired),
            "seeds_t": paired_t(values.first.mean(axis=1), values.second.mean(axis=1), "seeds"),
        },
        holm={},
        rank_biserial=rank_biserial(one, other),
        hodges_lehmann=hodges_lehmann(one, other),
        needed=tuple(entry for entry in needed if entry),
    )

"""Systems against each other: one difference for a results table, or all pairs with tests, effects and ranks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy

from xbench.analysis.example_comparison import ExampleComparison, compare_on_examples
from xbench.analysis.intervals import Interval, common_block, difference_interval
from xbench.analysis.pair_comparison import DIFFERENCES, TESTS, PairComparison, compare_pair
from xbench.analysis.paired_values import UNITS, check_unit, comparable, paired_values
from xbench.analysis.results import Results
from xbench.analysis.significance import Ranks, Wilcoxon, holm, rank_systems, wilcoxon
from xbench.analysis.systems import Conditions, TaskScores, conditions, task_scores
from xbench.errors import RequestError, nearest

if TYPE_CHECKING:
    import pandas

__all__ = [
    "UNITS",
    "Block",
    "Comparison",
    "Comparisons",
    "compare",
    "compare_all",
    "compare_examples",
    "examples_to_pandas",
    "to_pandas",
]

Systems = Mapping[str, Mapping[str, TaskScores]]  # label -> task -> scores


@dataclass(frozen=True)
class Comparison:
    """system - baseline in the mean over the target languages and seeds that both have; a fraction.

    `interval` is None where the examples cannot be resampled.
    """

    difference: float
    interval: Interval | None
    test: Wilcoxon


def compare(system: TaskScores, baseline: TaskScores) -> Comparison | None:
    """The comparison of two systems on one task, under one set of conditions.

    None where they share no seed or no target language, their metrics differ, or either skipped bad rows: such
    numbers are about different examples.
    """
    seeds, languages = common_block(system, baseline)
    if not seeds or not languages or not comparable(system, baseline):
        return None
    ours = system.columns(languages, seeds).mean(axis=0)
    theirs = baseline.columns(languages, seeds).mean(axis=0)
    return Comparison(
        difference=float((ours - theirs).mean()),
        interval=difference_interval(system, baseline),
        test=wilcoxon(ours, theirs),
    )


@dataclass(frozen=True)
class Block:
    """All pairs of systems over some tasks together, and the systems' mean ranks over complete blocks."""

    tasks: tuple[str, ...]
    pairs: tuple[PairComparison, ...]
    ranks: Ranks | None


@dataclass(frozen=True)
class Comparisons:
    """All comparisons under one set of conditions: first all tasks together, where there are several, then each.

    Holm's correction is over the pairs of the first block, and over those of all tasks' own blocks together.
    """

    conditions: Conditions
    systems: tuple[str, ...]
    blocks: tuple[Block, ...]
    examples: tuple[ExampleComparison, ...] = ()


def compare_all(
    results: Results,
    *,
    unit: str = "language",
    baseline: str | None = None,
    differences: Sequence[float] = DIFFERENCES,
) -> tuple[Comparisons, ...]:
    """The comparisons of all pairs of systems, or of all with a baseline, for each set of conditions.

    Raises RequestError for an unknown unit, and a baseline that no system has or several have; StoreError for a
    damaged prediction file.
    """
    check_unit(unit)
    found = []
    for group, systems, names in _groups(results, baseline):
        tasks = sorted({task for scores in systems.values() for task in scores})
        scopes = [tuple(tasks)] if len(tasks) > 1 else []
        scopes += [(task,) for task in tasks]
        blocks = [_block(systems, scope, names, unit, differences) for scope in scopes]
        whole = 1 if len(scopes) > 1 else 0
        corrected = [*_corrected(blocks[:whole]), *_corrected(blocks[whole:])]
        found.append(Comparisons(group, tuple(systems), tuple(corrected)))
    return tuple(found)


def compare_examples(results: Results, *, baseline: str | None = None, seed: int = 0) -> tuple[Comparisons, ...]:
    """The comparisons over the examples of each task and language, source included, for each set of conditions.

    Holm's correction is over all of them. Raises as `compare_all` does.
    """
    found = []
    for group, systems, names in _groups(results, baseline):
        rows = [
            row
            for task in sorted({task for scores in systems.values() for task in scores})
            for first, second in names
            if task in systems[first] and task in systems[second]
            for row in compare_on_examples(systems[first][task], systems[second][task], first, second, seed)
        ]
        adjusted = holm([row.tests.permutation.p for row in rows])
        rows = [replace(row, holm=p) for row, p in zip(rows, adjusted, strict=True)]
        found.append(Comparisons(group, tuple(systems), (), tuple(rows)))
    return tuple(found)


def to_pandas(comparisons: Sequence[Comparisons]) -> pandas.DataFrame:
    """All pairs as a data frame, one row a pair, block and set of conditions; values are fractions.

    For each test: its p, n, what was paired, the least p that n allows, and p after Holm's correction. Mean ranks, the
    critical difference and Nemenyi's p are those of the block, empty where the pair is not among the ranked.
    """
    import pandas

    rows = [
        {**group.conditions._asdict(), **_row(pair), **_of_ranks(pair, block.ranks)}
        for group in comparisons
        for block in group.blocks
        for pair in block.pairs
    ]
    return pandas.DataFrame(rows)


def examples_to_pandas(comparisons: Sequence[Comparisons]) -> pandas.DataFrame:
    """The comparisons over examples as a data frame, one row a pair, task and language; McNemar's p by seed."""
    import pandas

    rows = []
    for group in comparisons:
        for row in group.examples:
            tests = row.tests
            rows.append(
                {
                    **group.conditions._asdict(),
                    "task": row.task,
                    "metric": row.metric,
                    "language": row.language,
                    "unit": "example",
                    "first": row.first,
                    "second": row.second,
                    "seeds": " ".join(map(str, row.seeds)),
                    "difference": tests.difference,
                    "low": tests.low,
                    "high": tests.high,
                    "n": tests.n,
                    "permutation_p": tests.permutation.p,
                    "permutation_holm": row.holm,
                    "bootstrap_p": tests.bootstrap.p,
                    "mcnemar_p": " ".join(f"{test.p:.6g}" for test in tests.mcnemar),
                    "mcnemar_n": " ".join(str(test.n) for test in tests.mcnemar),
                }
            )
    return pandas.DataFrame(rows)


def _row(pair: PairComparison) -> dict[str, Any]:
    row: dict[str, Any] = {
        "tasks": "+".join(pair.tasks),
        "metric": "+".join(pair.metrics),
        "unit": pair.unit,
        "first": pair.first,
        "second": pair.second,
        "units": " ".join(pair.units),
        "seeds": " ".join(map(str, pair.seeds)),
        "mean_first": pair.mean_first,
        "mean_second": pair.mean_second,
        "difference": pair.difference,
        "low": pair.interval and pair.interval.low,
        "high": pair.interval and pair.interval.high,
    }
    for name in TESTS:
        test = pair.tests[name]
        row |= {f"{name}_test": test and test.test, f"{name}_p": test and test.p, f"{name}_n": test and test.n}
        row |= {f"{name}_paired": test and test.paired, f"{name}_least": test and test.least}
        row |= {f"{name}_holm": pair.holm.get(name)}
    shift = pair.hodges_lehmann
    row |= {"rank_biserial": pair.rank_biserial, "hodges_lehmann": shift.value, "hodges_lehmann_low": shift.low}
    row |= {"hodges_lehmann_high": shift.high, "hodges_lehmann_level": shift.level}
    row |= {"seeds_deviation": pair.needed[0].deviation if pair.needed else None}
    for entry in pair.needed:
        row[f"seeds_for_{100 * entry.difference:g}"] = entry.seeds
        row[f"seeds_for_{100 * entry.difference:g}_at_most"] = entry.at_most
    return row


def _of_ranks(pair: PairComparison, ranks: Ranks | None) -> dict[str, Any]:
    """What Friedman's and Nemenyi's tests say of a pair."""
    if ranks is None or not {pair.first, pair.second} <= set(ranks.systems):
        return {}
    first, second = (ranks.systems.index(name) for name in (pair.first, pair.second))
    test = ranks.friedman
    return {
        "mean_rank_first": ranks.mean_ranks[first],
        "mean_rank_second": ranks.mean_ranks[second],
        "critical_difference": ranks.critical_difference,
        "nemenyi_p": ranks.nemenyi[first, second],
        "ranked_systems": len(ranks.systems),
        **{f"friedman_{name}": getattr(test, name) for name in ("test", "p", "n", "paired", "least")},
    }


def _groups(results: Results, baseline: str | None) -> list[tuple[Conditions, Systems, list[tuple[str, str]]]]:
    """For each set of conditions its systems by label and task, and the pairs of labels to compare."""
    found = []
    for group, part in conditions(results).items():
        systems: dict[str, dict[str, TaskScores]] = {}
        for task, entries in task_scores(part).items():
            for entry in entries:
                systems.setdefault(entry.label, {})[task] = entry
        found.append((group, systems))
    known = sorted({label for _, systems in found for label in systems})
    if baseline is not None and known and not any(_matching(baseline, systems) for _, systems in found):
        raise RequestError(f"No system here is called '{baseline}'.{nearest(baseline, known)}")
    return [(group, systems, _pairs(systems, baseline)) for group, systems in found]


def _pairs(systems: Systems, baseline: str | None) -> list[tuple[str, str]]:
    if baseline is None:
        return list(itertools.combinations(systems, 2))
    matching = _matching(baseline, systems)
    if len(matching) > 1:
        raise RequestError(f"'{baseline}' could be {', '.join(matching)}: give one of them as the baseline.")
    return [(label, matching[0]) for label in systems if label not in matching] if matching else []


def _matching(baseline: str, systems: Systems) -> list[str]:
    return [baseline] if baseline in systems else [name for name in systems if name.partition("[")[0] == baseline]


def _block(
    systems: Systems, tasks: tuple[str, ...], names: Sequence[tuple[str, str]], unit: str, differences: Sequence[float]
) -> Block:
    own = {label: {task: scores[task] for task in tasks if task in scores} for label, scores in systems.items()}
    found = ((first, second, paired_values(own[first], own[second])) for first, second in names)
    pairs = tuple(compare_pair(first, second, values, unit, differences) for first, second, values in found if values)
    return Block(tasks, pairs, _ranks(own, tasks, unit))


def _corrected(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with Holm's correction over all their pairs, for each test apart."""
    pairs = [pair for block in blocks for pair in block.pairs]
    by_test = {name: holm([test.p if (test := pair.tests[name]) else None for pair in pairs]) for name in TESTS}
    adjusted = iter([dict(zip(TESTS, values, strict=True)) for values in zip(*by_test.values(), strict=True)])
    return [replace(block, pairs=tuple(replace(pair, holm=next(adjusted)) for pair in block.pairs)) for block in blocks]


def _ranks(systems: Systems, tasks: Sequence[str], unit: str) -> Ranks | None:
    """The ranks of the systems that have all the tasks, over what all of these have."""
    whole = {label: scores for label, scores in systems.items() if all(task in scores for task in tasks)}
    columns: dict[str, list[numpy.ndarray]] = {}
    for task in tasks:
        entries = [scores[task] for scores in whole.values()]
        if not entries or any(not comparable(entries[0], entry) for entry in entries):
            return None
        seeds = [seed for seed in entries[0].seeds if all(seed in entry.seeds for entry in entries)]
        for language in entries[0].targets:
            if seeds and all(language in entry.targets for entry in entries):
                column = numpy.array([entry.columns([language], seeds).mean() for entry in entries])
                columns.setdefault(language if unit == "language" else f"{task}:{language}", []).append(column)
    if not columns:
        return None
    values = numpy.stack([numpy.mean(column, axis=0) for column in columns.values()])  # [blocks, systems]
    return rank_systems(values, tuple(whole), tuple(columns), unit.replace("-", " and "))

"""Comparisons as text: grids of cells, and the notes below them. Numbers times 100 with one decimal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xbench.analysis.compare import Block, Comparisons
from xbench.analysis.example_comparison import ExampleComparison
from xbench.analysis.pair_comparison import PairComparison
from xbench.analysis.significance import LEAST_PAIRS, PValue, Ranks
from xbench.report.numbers import number
from xbench.report.result_table import ResultTable
from xbench.report.wording import TOO_FEW, between

HEADLINE = (
    "first − second",
    "difference\n[95 %]",
    "Wilcoxon\np (n)",
    "Holm\np",
    "rank-\nbiserial",
    "Hodges-Lehmann\n[95 %]",
)
OTHERS = ("first − second", "sign\np (n)", "paired t\np (n)", "Welch's t\np (n)", "t over seeds\np (n)")
SEEDS = ("first − second", "deviation\n(seeds)")
EXAMPLES = (
    *("language", "first − second", "difference\n[95 %]", "permutation\np (n)", "Holm\np", "bootstrap\np (n)"),
    "McNemar of\neach seed, p (n)",
)
RANKS = ("method", "mean rank")


@dataclass(frozen=True)
class Grid:
    """A table of texts under a caption; every column but the first is aligned to the right."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def title(comparisons: Comparisons) -> tuple[str, str]:
    """(the conditions in words, what must be read before the numbers)."""
    table = ResultTable(comparisons.conditions, ())
    return table.title, table.warning


def grids(comparisons: Comparisons) -> list[Grid]:
    """All tables of one set of conditions."""
    found = [grid for block in comparisons.blocks for grid in _of_block(block)]
    tasks = dict.fromkeys(row.task for row in comparisons.examples)
    return found + [_of_examples(task, [row for row in comparisons.examples if row.task == task]) for task in tasks]


def _of_block(block: Block) -> list[Grid]:
    name = " + ".join(block.tasks)
    found = []
    if block.pairs:
        metric = ", ".join(dict.fromkeys(metric for pair in block.pairs for metric in pair.metrics))
        found.append(Grid(f"{name}, {metric}", HEADLINE, tuple(_headline(pair) for pair in block.pairs)))
        found.append(Grid(f"{name}, other tests", OTHERS, tuple(_others(pair) for pair in block.pairs)))
        if needed := max((pair.needed for pair in block.pairs), key=len):
            header = (*SEEDS, *(f"seeds for\n{100 * entry.difference:g}" for entry in needed))
            rows = tuple(_seeds(pair, len(header)) for pair in block.pairs)
            found.append(Grid(f"{name}, seeds that it takes to see a difference", header, rows))
    if block.ranks:
        found.append(_of_ranks(name, block.ranks))
    return found


def _headline(pair: PairComparison) -> tuple[str, ...]:
    shift = pair.hodges_lehmann
    bounds = f" [{number(shift.low, '+')}, {number(shift.high, '+')}]"
    return (
        pair_name(pair),
        number(pair.difference, "+") + between(pair.interval, "+"),
        probability(pair.tests["wilcoxon"]),
        p_text(pair.holm.get("wilcoxon")),
        "" if pair.rank_biserial is None else f"{pair.rank_biserial:+.2f}",
        number(shift.value, "+") + bounds,
    )


def _others(pair: PairComparison) -> tuple[str, ...]:
    names = ("sign", "paired_t", "independent_t", "seeds_t")
    return (pair_name(pair), *(probability(pair.tests[name]) for name in names))


def _seeds(pair: PairComparison, columns: int) -> tuple[str, ...]:
    texts = [f"{_count(entry.seeds)} (≤ {_count(entry.at_most)})" for entry in pair.needed]
    deviation = f"{number(pair.needed[0].deviation)} ({pair.needed[0].n})" if pair.needed else "-"
    return tuple([pair_name(pair), deviation, *texts] + ["-"] * (columns - 2 - len(texts)))


def _count(seeds: int | None) -> str:
    return "10,000+" if seeds is None else str(seeds)


def _of_ranks(name: str, ranks: Ranks) -> Grid:
    order = sorted(range(len(ranks.systems)), key=lambda index: ranks.mean_ranks[index])
    rows = tuple((ranks.systems[index], f"{ranks.mean_ranks[index]:.2f}") for index in order)
    return Grid(f"{name}, ranks", RANKS, rows, rank_note(ranks))


def rank_note(ranks: Ranks) -> str:
    """Friedman's test, the critical difference, and which systems it does not tell apart."""
    alike = "; ".join(", ".join(clique) for clique in ranks.cliques) or "none"
    return (
        f"{ranks.friedman.test}: p {_with_sign(ranks.friedman.p)}, n = {ranks.friedman.n} {ranks.friedman.paired}"
        f"{', ' + TOO_FEW if ranks.friedman.too_few else ''}. Nemenyi's critical difference at 5 %: "
        f"{ranks.critical_difference:.2f}. Not told apart: {alike}."
    )


def _of_examples(task: str, rows: Sequence[ExampleComparison]) -> Grid:
    return Grid(f"{task}, {rows[0].metric}, over the examples of each language", EXAMPLES, tuple(map(_example, rows)))


def _example(row: ExampleComparison) -> tuple[str, ...]:
    tests = row.tests
    bounds = f" [{number(tests.low, '+')}, {number(tests.high, '+')}]"
    return (
        row.language,
        f"{row.first} − {row.second}",
        number(tests.difference, "+") + bounds,
        probability(tests.permutation),
        p_text(row.holm),
        probability(tests.bootstrap),
        ", ".join(probability(test) for test in tests.mcnemar),
    )


def pair_name(pair: PairComparison) -> str:
    """The two systems, in the order of the difference."""
    return f"{pair.first} − {pair.second}"


def p_text(p: float | None) -> str:
    """A p as people read it; "" where there is none."""
    return "" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _with_sign(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def probability(test: PValue | None) -> str:
    """p and n, marked where n allows no p below 0.05; "-" where there is no test."""
    return "-" if test is None else f"{p_text(test.p)} ({test.n}){TOO_FEW if test.too_few else ''}"


def notes(comparisons: Comparisons) -> list[str]:
    """What the columns mean, what was paired, and what the tests cannot say."""
    if comparisons.examples:
        return _example_notes(comparisons)
    blocks = [block for block in comparisons.blocks if block.pairs]
    if not blocks:
        return ["Fewer than two systems here that can be compared, or none with the baseline."]
    pairs = [pair for block in blocks for pair in block.pairs]
    unit = pairs[0].unit
    found = [
        "Values times 100; difference: of means over seeds, tasks and target languages, tasks fixed. [95 %]: the "
        "headline, hierarchical: over seeds, languages and examples, t-based.",
        _what_is_paired(unit, pairs),
        "Holm: Wilcoxon's p corrected over all pairs of methods"
        + (": those of all tasks together, and those of the single tasks" if len(comparisons.blocks) > 1 else "")
        + ". Rank-biserial: 1 where the first is ahead in every pair, -1 where it is behind.",
        "Hodges-Lehmann: median of pairwise means of differences; its interval inverts Wilcoxon's test"
        + _levels(pairs)
        + ".",
        "Sign and paired t: the same pairs. Welch's t: the same numbers, as if nothing were paired. t over seeds: "
        "pairs of one seed's means over languages.",
        "Seeds for d: seeds that resolve a difference of d at 80 % power (paired t over seeds, normal, deviation as "
        "seen); in brackets for the upper 80 % limit of that deviation.",
    ]
    return found + _limits(pairs)


def _what_is_paired(unit: str, pairs: Sequence[PairComparison]) -> str:
    languages = max((pair.languages for pair in pairs), key=len)
    seeds = max((pair.seeds for pair in pairs), key=len)
    about = f"{len(languages)} languages ({', '.join(languages)}), seeds {', '.join(map(str, seeds))}"
    exact = (
        "exact"
        if all("exact" in pair.tests["wilcoxon"].test for pair in pairs if pair.tests["wilcoxon"])
        else ("normal approximation beyond 50 pairs")
    )
    if unit == "language":
        how = "n target languages that differ are paired, seeds and tasks averaged first"
    else:
        how = "n pairs of task and target language that differ are paired, seeds averaged first"
    return (
        f"Wilcoxon: signed-rank, {exact}; {how}: up to {about}. Conditional on these runs: languages evaluated by one "
        "trained model are not independent"
        + ("." if unit == "language" else ", nor are one language's pairs, nor one task's: p is too small.")
    )


def _levels(pairs: Sequence[PairComparison]) -> str:
    short = {pair.hodges_lehmann.n: pair.hodges_lehmann.level for pair in pairs if pair.hodges_lehmann.level < 0.95}
    return "".join(f"; of {n} pairs it covers {100 * level:.1f} % only" for n, level in sorted(short.items()))


def _limits(pairs: Sequence[PairComparison]) -> list[str]:
    found = []
    if any(test is not None and test.too_few for pair in pairs for test in pair.tests.values()):
        found.append(f"{TOO_FEW} too few pairs for any p < 0.05: it takes {LEAST_PAIRS} that differ.")
    one_seed = [pair_name(pair) for pair in pairs if len(pair.seeds) == 1]
    if one_seed:
        found.append("With one seed an interval does not cover the variance between seeds, and no seeds are paired.")
    if any(len({pair[1:] for pair in group}) > 1 for group in _measured_in(pairs).values()):
        found.append("Not all pairs have the same languages or seeds: csv and json list each pair's.")
    return found


def _measured_in(pairs: Sequence[PairComparison]) -> dict[tuple[str, ...], list[tuple[object, ...]]]:
    """The seeds and languages of each pair, by block."""
    found: dict[tuple[str, ...], list[tuple[object, ...]]] = {}
    for pair in pairs:
        found.setdefault(pair.tasks, []).append((pair.tasks, pair.languages, pair.seeds))
    return found


def _example_notes(comparisons: Comparisons) -> list[str]:
    rows = comparisons.examples
    found = [
        "Values times 100; n examples of one task and language are paired, each with its outcomes in all seeds. These "
        "tests are about these trained models: nothing about other seeds or languages.",
        f"Holm: the permutation test's p corrected over all {len(rows)} rows. [95 %]: percentile bootstrap over "
        "examples.",
    ]
    if any(row.tests.mcnemar for row in rows):
        found.append("McNemar: exact, seed by seed; n examples that only one of the two has right.")
    tests = [test for row in rows for test in (*row.tests.mcnemar, row.tests.permutation)]
    if any(test.too_few for test in tests):
        found.append(f"{TOO_FEW} too few examples that differ for any p < 0.05: it takes {LEAST_PAIRS}.")
    return found

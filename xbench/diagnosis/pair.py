"""Two systems on the same examples: where one is better, and whether it is real (Fu et al. 2022, section 5.2, table 3).

Differences are first - second, in the task's metric, seeds averaged example by example.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy

from xbench.analysis.significance.correction import holm
from xbench.analysis.significance.p_value import LEVEL
from xbench.diagnosis.answers import Answers
from xbench.diagnosis.contributions import contributions, exchanges
from xbench.diagnosis.performance import LEAST_EXAMPLES, buckets, by_seed, whole
from xbench.diagnosis.resampling import (
    difference_interval,
    graded_difference_interval,
    is_exact,
    sign_flip_p,
    steps,
)

if TYPE_CHECKING:
    import pandas

NO_TEST = {"p": numpy.nan, "test": "", "paired": ""}
MOST_EXAMPLES = 20
LEAST_ADDED = 1e-9
PAIR_COLUMNS = (
    *("language", "attribute", "bucket", "smallest", "largest", "n", "first", "second"),
    *("difference", "low", "high", "p", "p_holm", "real", "seeds", "seeds_agreeing", "too_small", "test", "paired"),
)
GAIN_COLUMNS = (
    *("attribute", "language", "gain", "gain_bucket", "gain_n", "gain_p_holm", "gain_real"),
    *("loss", "loss_bucket", "loss_n", "loss_p_holm", "loss_real"),
)


def pair_differences(
    first: Mapping[str, Answers],
    second: Mapping[str, Answers],
    attributes: Mapping[str, pandas.DataFrame],
    edges: Mapping[tuple[str, str], numpy.ndarray],
) -> pandas.DataFrame:
    """The difference in every language (attribute "", bucket "all") and every bucket; the columns PAIR_COLUMNS.

    `first`, `second` and `attributes` have the same examples in the same order. A bucket that holds a whole language
    says nothing of its own and is left out. p: the exact sign-flip test over examples (McNemar's where there is one
    seed and answers are right or wrong); p_holm: adjusted over every row that is tested here, languages and buckets, so
    that two systems that do not differ show a `real` difference in 5 % of reports at most. Rows with fewer than 30
    examples, or with nothing to measure, are too small: neither interval nor test. The test is about these runs: it
    draws examples anew, not seeds. Of `seeds` seeds, `seeds_agreeing` differ in the direction of their mean (-1 where
    the systems do not have the same seeds); what is `real` must be so in each. `test` names the test of p, `paired`
    what it pairs; both are "" where there is none.
    """
    import pandas

    rows = []
    dividing = (bucket for bucket in buckets(attributes, edges) if len(bucket.places) < len(first[bucket.language]))
    for bucket in (*map(whole, first.values()), *dividing):
        ours, theirs = first[bucket.language], second[bucket.language]
        one, other = by_seed(ours, bucket.places), by_seed(theirs, bucket.places)
        means = {"first": float(one.mean()), "second": float(other.mean())}
        compare = _compared if ours.metric.right_or_wrong else _compared_by_degree
        compared = compare(ours, theirs, bucket.places)
        rows.append({**bucket.row(), **means, **compared, **_agreeing(one, other, ours.seeds == theirs.seeds)})
    frame = pandas.DataFrame(rows, columns=[name for name in PAIR_COLUMNS if name not in ("p_holm", "real")])
    tested = [None if numpy.isnan(p) else p for p in frame["p"]]
    frame["p_holm"] = numpy.array(holm(tested), dtype=float)
    # Examples alone cannot tell a method from a lucky seed: where seeds pair, all must differ in the same direction.
    in_every_seed = (frame["seeds_agreeing"] == frame["seeds"]) | (frame["seeds_agreeing"] < 0)
    frame["real"] = (frame["p_holm"] < LEVEL) & in_every_seed
    return frame[list(PAIR_COLUMNS)]


def _levels(first: numpy.ndarray, second: numpy.ndarray) -> tuple[numpy.ndarray, int]:
    """Each example's difference as a whole number between -most and most."""
    ours, theirs = len(first), len(second)
    if ours == theirs:
        return first.sum(axis=0) - second.sum(axis=0), ours
    return first.sum(axis=0) * theirs - second.sum(axis=0) * ours, ours * theirs


def _compared(first: Answers, second: Answers, places: numpy.ndarray) -> dict[str, Any]:
    """The difference of some examples that are right or wrong, with its interval and p."""
    difference, most = _levels(first.right[:, places], second.right[:, places])
    outcomes = numpy.bincount(difference + most, minlength=2 * most + 1)
    value = float(outcomes @ numpy.arange(-most, most + 1)) / (most * len(places))
    if len(places) < LEAST_EXAMPLES:
        return {"difference": value, "low": numpy.nan, "high": numpy.nan, **NO_TEST}
    low, high = difference_interval(outcomes)
    return {"difference": value, "low": min(low, value), "high": max(high, value), **_test(outcomes, most)}


def _compared_by_degree(first: Answers, second: Answers, places: numpy.ndarray) -> dict[str, Any]:
    """The same of examples that are answered better or worse; NaN, and too small, where there is nothing to measure."""
    value = round(float(by_seed(first, places).mean() - by_seed(second, places).mean()), 12)
    if len(places) < LEAST_EXAMPLES or numpy.isnan(value):
        return {"difference": value, "low": numpy.nan, "high": numpy.nan, **NO_TEST, "too_small": True}
    ours, theirs = first.counts[:, places], second.counts[:, places]
    each = (contributions(counts, first.metric.value) for counts in (ours, theirs))
    low, high = graded_difference_interval(numpy.subtract(*each))
    counts = steps(exchanges(ours, theirs, first.metric.value))
    return {"difference": value, "low": min(low, value), "high": max(high, value), **_test(counts)}


def _test(counts: numpy.ndarray, most: int = 0) -> dict[str, Any]:
    """p of the sign-flip test with its name; of outcomes -1, 0, 1 (`most` 1) it is McNemar's."""
    name = "McNemar's test" if most == 1 else "sign-flip test"
    how = "exact" if is_exact(counts) else "normal approximation"
    return {"p": sign_flip_p(counts), "test": f"{name}, {how}", "paired": "examples"}


def _agreeing(first: numpy.ndarray, second: numpy.ndarray, same: bool) -> dict[str, int]:
    """How many seeds differ in the direction of their mean difference, where both systems have the same seeds."""
    if not same:
        return {"seeds": len(first), "seeds_agreeing": -1}
    direction = numpy.sign(numpy.round((first - second).mean(), 12))
    agreeing = int((numpy.sign(first - second) == direction).sum()) if direction else 0
    return {"seeds": len(first), "seeds_agreeing": agreeing}


def findings(differences: pandas.DataFrame) -> pandas.DataFrame:
    """The rows that are real, the surest and largest first.

    Sorted by the end of the interval that is nearest to no difference: what the difference is at least.
    """
    real = differences[differences["real"]]
    least = numpy.where(real["difference"] > 0, real["low"], -real["high"])
    return real.assign(least=least).sort_values("least", ascending=False, kind="stable", ignore_index=True)


def gains_and_losses(differences: pandas.DataFrame) -> pandas.DataFrame:
    """Table 3: for each attribute and language the largest gain and the largest loss, and the bucket of each.

    Columns GAIN_COLUMNS; NaN and "" where no bucket gains, or loses. Buckets that are too small take no part.
    """
    import pandas

    rows = []
    counted = differences[(differences["attribute"] != "") & ~differences["too_small"]]
    for (attribute, language), group in counted.groupby(["attribute", "language"], sort=False):
        row: dict[str, Any] = {"attribute": attribute, "language": language}
        for name, side in (("gain", 1), ("loss", -1)):
            best = group.iloc[int((side * group["difference"]).to_numpy().argmax())]
            is_one = side * best["difference"] > 0
            row[name] = float(best["difference"]) if is_one else numpy.nan
            row[f"{name}_bucket"] = best["bucket"] if is_one else ""
            row[f"{name}_n"] = int(best["n"]) if is_one else 0
            row[f"{name}_p_holm"] = float(best["p_holm"]) if is_one else numpy.nan
            row[f"{name}_real"] = bool(best["real"]) if is_one else False
        rows.append(row)
    return pandas.DataFrame(rows, columns=list(GAIN_COLUMNS))


def only_one_right(
    first: Mapping[str, Answers], second: Mapping[str, Answers], most: int = MOST_EXAMPLES
) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """(counts, examples) that one system gets right with every seed and the other with none.

    Right is what cannot be better: every tag of a sentence, all of a gold answer.

    counts: language, n, both, only_first, only_second, neither, mixed (seeds of one system disagree).
    examples: language, id, gold, right ("first" or "second"), answer_first, answer_second (of the first seed); the
    first `most` of each language and side. Where answers are right in part, those that add most to either one's lead.
    """
    import pandas

    counts, examples = [], []
    for language, ours in first.items():
        theirs = second[language]
        sides = [(one.right.all(axis=0), (~one.right).all(axis=0)) for one in (ours, theirs)]
        (all_first, none_first), (all_second, none_second) = sides
        only = {
            "first": numpy.flatnonzero(all_first & none_second),
            "second": numpy.flatnonzero(none_first & all_second),
        }
        both, neither = int((all_first & all_second).sum()), int((none_first & none_second).sum())
        clear = both + neither + sum(map(len, only.values()))
        counts.append(
            {
                "language": language,
                "n": len(ours),
                "both": both,
                "only_first": len(only["first"]),
                "only_second": len(only["second"]),
                "neither": neither,
                "mixed": len(ours) - clear,
            }
        )
        in_part = not (ours.are_labels or ours.metric.right_or_wrong)
        for side, places in (_most_apart(ours, theirs) if in_part else only).items():
            for place in places[:most]:
                systems = (("first", ours), ("second", theirs))
                answers = {f"answer_{name}": one.shown(one.predicted[0, place]) for name, one in systems}
                gold = ours.shown(ours.gold[place])
                examples.append({"language": language, "id": ours.ids[place], "gold": gold, "right": side, **answers})
    return (
        pandas.DataFrame(counts, columns=["language", "n", "both", "only_first", "only_second", "neither", "mixed"]),
        pandas.DataFrame(examples, columns=["language", "id", "gold", "right", "answer_first", "answer_second"]),
    )


def _most_apart(first: Answers, second: Answers) -> dict[str, numpy.ndarray]:
    """The examples that add most to the lead of each, most first."""
    added = exchanges(first.counts, second.counts, first.metric.value)
    order = numpy.argsort(-added, kind="stable")
    last = order[::-1]
    return {"first": order[added[order] > LEAST_ADDED], "second": last[added[last] < -LEAST_ADDED]}

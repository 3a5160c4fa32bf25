"""Transfer as people read it: values times 100 with one decimal, a table a task, what must be said below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xbench.analysis.transfer.groups import UNKNOWN
from xbench.analysis.transfer.share import LEAST, RankCorrelation
from xbench.report.numbers import number
from xbench.report.transfer import CONDITIONS
from xbench.report.transfer_decomposition import MEAN, WHOLE

if TYPE_CHECKING:
    import pandas

AT_CHANCE = "‡"
GAP_NOTE = (
    "Values times 100. Gap: source - mean of targets, seeds averaged [95 % over seeds, target languages and examples]; "
    "relative: gap / source."
)
DEPENDENT = (
    "Languages evaluated by one trained model are not independent, and shares go with family and script: this "
    "describes these languages and shows no cause."
)


@dataclass(frozen=True)
class TransferTable:
    """One table of texts, with its title, the columns that are numbers, and the notes below it."""

    title: str
    frame: pandas.DataFrame
    numbers: tuple[str, ...]
    notes: tuple[str, ...] = ()


def gap_tables(frame: pandas.DataFrame) -> Iterator[TransferTable]:
    """Systems by task: source, targets, gap, relative gap."""
    for title, part in _parts(frame):
        rows = [
            {
                "method": row["method"],
                "source": number(_known(row["source_value"])),
                "targets": number(_known(row["targets_value"])),
                "gap [95 %]": number(_known(row["gap"]), "+") + _between(row),
                "relative": f"at chance{AT_CHANCE}"
                if row["above_chance"] is False
                else f"{number(_known(row['relative_gap']), '+')} %"
                if _known(row["relative_gap"]) is not None
                else "",
                "targets (n)": str(row["targets"]),
                "seeds (n)": str(row["seeds"]),
            }
            for row in _records(part)
        ]
        notes = [GAP_NOTE]
        if (part["seeds"] == 1).any():
            notes.append("With one seed the interval does not cover the variance between seeds.")
        if any(row["above_chance"] is False for row in _records(part)):
            level = number(part["chance"].dropna().iloc[0])
            notes.append(
                f"{AT_CHANCE} The source score is no better than always giving the most frequent label ({level}) by "
                "more than its test set's noise (5 %, one-sided): there is nothing to lose, and no relative gap."
            )
        if part["gap"].isna().any():
            notes.append("No gap where the source or every target was not measured, or was filtered out (--language).")
        yield _table(title, rows, 1, tuple(notes))


def group_tables(frame: pandas.DataFrame) -> Iterator[TransferTable]:
    """Groups of target languages by task, with each system's gap."""
    for title, part in _parts(frame):
        rows = []
        by = part["grouping"].iloc[0]
        means = part.groupby("group")["gap"].mean()
        for group in sorted(means.index, key=lambda name: (name == UNKNOWN, means[name])):
            inside = part[part["group"] == group]
            members = sorted({name for names in inside["languages"] for name in names.split()})
            gaps = {row["method"]: number(row["gap"], "+") for row in _records(inside)}
            rows.append({by: group, "languages": " ".join(members), **_in_order(part, gaps)})
        note = (
            "Gap times 100: source - mean of the group's languages. A group of one language says as much as one does."
        )
        yield _table(title, rows, 2, (note,))


def share_tables(frame: pandas.DataFrame) -> Iterator[TransferTable]:
    """Target languages by share of the pretraining data, with each system's gap; then the rank correlations."""
    for title, part in _parts(frame):
        corpus = part["corpus"].iloc[0]
        shares = part.drop_duplicates("language").set_index("language")["share"].sort_values(ascending=False)
        rows = []
        for language, share in shares.items():
            gaps = {row["method"]: number(row["gap"], "+") for row in _records(part[part["language"] == language])}
            rows.append({"language": language, "share": _percent(share), **_in_order(part, gaps)})
        rows += _correlation_rows(part)
        notes = [f"Gap times 100. Share of {corpus}." if corpus else "The backbone's pretraining corpus is not known."]
        if part["rho"].notna().any():
            notes += [f"rho: Spearman's rank correlation of share and gap; p: {_how(part)}.", DEPENDENT]
        else:
            notes.append(f"No rank correlation: it takes {LEAST} languages whose shares are known and differ.")
        yield _table(title, rows, 1, tuple(notes))


def decomposition_tables(frame: pandas.DataFrame) -> Iterator[TransferTable]:
    """For each system its targets, then the buckets of their mean."""
    for _, part in frame.groupby([*CONDITIONS, "task", "method"], sort=False, dropna=False):
        task, method, attribute, source = part[["task", "method", "attribute", "source"]].iloc[0]
        whole = part[part["bucket"] == WHOLE]
        rows = [
            {"target": row["target"], source: number(row["rate_source"]), "score": number(row["rate_target"])}
            | {name: _bounded(row, term) for name, term in _TERMS.items()}
            | {"most in": _most(part[(part["target"] == row["target"]) & (part["bucket"] != WHOLE)], row["total"])}
            for row in _records(whole)
        ]
        title = f"{task}, {part['metric'].iloc[0]}: {method}, {source} - target over buckets of {attribute}"
        yield _table(_title(part, title), rows, 1, _decomposition_notes(part))
        mean = part[(part["target"] == MEAN) & (part["bucket"] != WHOLE)]
        rows = [
            {"bucket": row["bucket"], attribute: _range(row)}
            | {f"n {source}": f"{row['n_source']:.0f}", "n target": f"{row['n_target']:.0f}"}
            | {source: number(_known(row["rate_source"])), "score": number(_known(row["rate_target"]))}
            | {name: _bounded(row, term) for name, term in _TERMS.items()}
            for row in _records(mean.sort_values("total", ascending=False))
        ]
        yield _table("Buckets of the mean, largest contribution first", rows, 2)


_TERMS = {"gap": "total", "mix": "mix", "behaviour": "behaviour", "unmatched": "unmatched"}


def _decomposition_notes(part: pandas.DataFrame) -> tuple[str, ...]:
    seeds, targets = int(part["seeds"].iloc[0]), int(part["targets"].iloc[0])
    unmatched = part.loc[part["bucket"] == WHOLE, "unmatched"].abs().max() > 0
    of = "examples; with one seed it does not cover the variance between seeds."
    mean = "target." if targets == 1 else "targets, decomposed one by one, then averaged."
    return (
        f"Values times 100, ± 95 % over {f'examples and {seeds} seeds.' if seeds > 1 else of}",
        "mix: another mix of examples. behaviour: other results on like examples. unmatched: buckets that only one "
        f"language fills{'' if unmatched else ' (none)'}.",
        "The parts add up to the gap; most in: the bucket that contributes most to it. Edges are shared by all "
        f"languages; {targets} {mean}",
    )


def _bounded(row: Mapping[str, Any], term: str) -> str:
    half = (row[f"{term}_high"] - row[f"{term}_low"]) / 2
    return f"{number(row[term], '+')} ±{number(half)}"


def _between(row: Mapping[str, Any]) -> str:
    low, high = _known(row["gap_low"]), _known(row["gap_high"])
    return "" if low is None else f" [{number(low, '+')}, {number(high, '+')}]"


def _most(buckets: pandas.DataFrame, gap: float) -> str:
    """The bucket that contributes most in the gap's direction."""
    row = _records(buckets.sort_values("total", ascending=gap < 0))[0]
    return f"{row['bucket']} {number(row['total'], '+')}"


def _range(row: Mapping[str, Any]) -> str:
    lower, upper = _known(row["lower"]), _known(row["upper"])
    if lower is None and upper is None:
        return ""
    if lower is None:
        return f"≤ {upper:.4g}"
    return f"> {lower:.4g}" if upper is None else f"> {lower:.4g}, ≤ {upper:.4g}"


def _correlation_rows(part: pandas.DataFrame) -> list[dict[str, str]]:
    once = {row["method"]: row for row in _records(part)}
    if all(_known(row["rho"]) is None for row in once.values()):
        return []
    texts: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "rho": lambda row: f"{row['rho']:+.2f}",
        "p": lambda row: "<0.001" if row["p"] < 0.001 else f"{row['p']:.3f}",
        "n": lambda row: f"{row['n']:.0f}",
    }
    return [
        {"language": name, "share": ""}
        | _in_order(part, {key: text(row) for key, row in once.items() if _known(row["rho"]) is not None})
        for name, text in texts.items()
    ]


def _how(part: pandas.DataFrame) -> str:
    """How p was found, which the number of languages decides; methods may have different ones."""
    known = {(int(row["n"]), bool(row["exact"])) for row in _records(part) if _known(row["rho"]) is not None}
    texts = []
    for n, exact in sorted(known):
        how = f"from all orders of the {n} languages" if exact else f"by Student's t for {n} languages"
        too_few = RankCorrelation(0, 1, n, exact).too_few
        texts.append(how + (" (too few for any p < 0.05)" if too_few else ""))
    return f"two-sided, {', '.join(texts)}"


def _in_order(part: pandas.DataFrame, values: Mapping[str, str]) -> dict[str, str]:
    return {method: values.get(method, "") for method in dict.fromkeys(part["method"])}


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.2g} %"


def _parts(frame: pandas.DataFrame) -> Iterator[tuple[str, pandas.DataFrame]]:
    for _, part in frame.groupby([*CONDITIONS, "task", "metric"], sort=False, dropna=False):
        yield _title(part, f"{part['task'].iloc[0]}, {part['metric'].iloc[0]}"), part


def _title(part: pandas.DataFrame, about: str) -> str:
    first = part.iloc[0]
    size = f"{first['shots']} shots" if str(first["shots"]).isdigit() else first["shots"]
    where = [first["model"], f"{first['data']} data", first["profile"], first["setting"], size]
    limit = _known(first["limit"])
    where += [f"source {first['source']}", *([f"{limit:.0f} examples of each test set"] if limit is not None else [])]
    return f"{about} · {' · '.join(where)}"


def _records(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict("records")


def _known(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _table(title: str, rows: list[dict[str, str]], left: int, notes: tuple[str, ...] = ()) -> TransferTable:
    """A table whose columns after the first `left` ones are numbers."""
    import pandas

    frame = pandas.DataFrame(rows).fillna("")
    return TransferTable(title, frame, tuple(frame)[left:], notes)

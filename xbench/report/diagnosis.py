"""A diagnosis as tables of text: what terminals, Markdown, LaTeX and the HTML report show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xbench.diagnosis.diagnose import About, Diagnosis, PairDiagnosis, SystemDiagnosis
from xbench.diagnosis.performance import LEAST_EXAMPLES
from xbench.report.numbers import number
from xbench.report.sample import SAMPLE

if TYPE_CHECKING:
    import pandas

TOO_SMALL, REAL = "†", "*"
MOST_COLUMNS = 10  # labels of a table
BUCKETS_NOTE = (
    "Values times 100 [95 % bootstrap interval over examples] (examples). Buckets are XS, S, L, XL from the lowest "
    "to the highest values (numbers, where they are not four)."
)
TOO_SMALL_NOTE = f"{TOO_SMALL} fewer than {LEAST_EXAMPLES} examples: too few to say anything."


@dataclass(frozen=True)
class Section:
    """One table, its heading, and what must be said below it. The first column is text, the others are numbers,
    but for those in `texts`."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    texts: tuple[int, ...] = (0,)


def title(diagnosis: Diagnosis) -> str:
    """The systems and the task."""
    return f"{' against '.join(diagnosis.about.systems)} on {diagnosis.about.task}"


def subtitle(about: About) -> str:
    """The conditions in words."""
    given = about.conditions
    parts = [given["data"], given["model"], given["profile"], given["setting"], f"train size {given['shots']}"]
    seeds = " and ".join(dict.fromkeys(", ".join(map(str, one)) for one in about.seeds))
    return " · ".join([*map(str, parts), f"seeds {seeds}"])


def measured(about: About) -> str:
    """The metric that buckets show, as a title begins."""
    return "Accuracy" if about.metric == "accuracy" else about.metric


def warning(about: About) -> str:
    """What sample data must say of itself."""
    return SAMPLE if about.is_sample else ""


def sections(diagnosis: Diagnosis) -> list[Section]:
    """The tables of a diagnosis, the most telling first; notes of the whole are in `about.notes`."""
    return _pair(diagnosis) if isinstance(diagnosis, PairDiagnosis) else _system(diagnosis)


# --- one system ---


def _system(found: SystemDiagnosis) -> list[Section]:
    whole = found.performance[found.performance["attribute"] == ""]
    made = [
        Section(
            f"{measured(found.about)} by language",
            ("language", f"{found.about.metric} [95 %] (n)"),
            tuple((row["language"], _share(row)) for row in whole.to_dict("records")),
            _small_note(whole),
        )
    ]
    for attribute in found.about.attributes:
        part = found.performance[found.performance["attribute"] == attribute]
        notes = (*((BUCKETS_NOTE,) if attribute == found.about.attributes[0] else ()), *_small_note(part))
        made.append(_grid(f"{measured(found.about)} by {attribute}", part, "bucket", notes))
    if len(found.labels):
        made.append(_labels(found))
    if found.about.has_labels:
        made.append(_calibration(found))
    if len(found.confusion):
        made.append(_confusion(found.confusion))
    if len(found.errors):
        made.append(_errors(found.errors))
    return made


def _labels(found: SystemDiagnosis) -> Section:
    """Languages by labels, or, where answers are tags, by tags."""
    what, of = ("label", "examples") if found.about.has_labels else ("tag", "tokens")
    name, count = f"Share right by {what}", found.labels["label"].nunique()
    if count > MOST_COLUMNS:
        return _too_many(name, what, count)
    note = f"Share of each gold {what}'s {of} that are answered right (recall)."
    return _grid(name, found.labels, "label", (note, *_small_note(found.labels)))


def _too_many(name: str, what: str, count: int) -> Section:
    """In place of a table that nobody could read."""
    return Section(name, (), (), (f"{count} {what}s are too many for a table: they are in the JSON, and in Python.",))


def _grid(name: str, frame: pandas.DataFrame, column: str, notes: tuple[str, ...]) -> Section:
    """Languages by buckets, or by labels."""
    names = tuple(dict.fromkeys(frame[column]))
    cells = {(row["language"], row[column]): _share(row) for row in frame.to_dict("records")}
    languages = dict.fromkeys(frame["language"])
    rows = tuple((language, *(cells.get((language, one), "") for one in names)) for language in languages)
    return Section(name, ("language", *names), rows, notes)


def _share(row: Mapping[str, Any]) -> str:
    if row["too_small"]:
        return f"{TOO_SMALL} ({row['n']})"
    return f"{number(row['value'])} [{number(row['low'])}, {number(row['high'])}] ({row['n']})"


def _small_note(frame: pandas.DataFrame) -> tuple[str, ...]:
    return (TOO_SMALL_NOTE,) if len(frame) and frame["too_small"].any() else ()


def _calibration(found: SystemDiagnosis) -> Section:
    summary = found.calibration.summary
    header = ("language", "answers", "confidence", "accuracy", "ECE", "ECE if calibrated")
    if summary.empty:
        return Section("Calibration", header, (), ("The predictions carry no scores.",))
    rows = tuple(
        (
            row["language"],
            str(row["n"]),
            *(number(row[name]) for name in ("confidence", "accuracy", "ece", "ece_if_calibrated")),
        )
        for row in summary.to_dict("records")
    )
    notes = [
        "ECE: the mean gap between confidence and accuracy over 15 bins of equal width (Guo et al. 2017), times 100; "
        "what a calibrated system of the same confidences would show by chance stands beside it."
    ]
    if set(summary["scores"]) != {"probabilities"}:
        notes.append("The stored scores do not add up to one; they are read as log-scores, through a softmax.")
    if without := int(summary["without"].sum()):
        notes.append(f"{without} answers have no confidence and take no part.")
    return Section("Calibration", header, rows, tuple(notes))


def _confusion(frame: pandas.DataFrame) -> Section:
    """All languages together; each apart is in the JSON and the figure."""
    if (count := frame["gold"].nunique()) > MOST_COLUMNS:
        return _too_many("Confusion", "label", count)
    total = frame.groupby(["gold", "prediction"], sort=False)["count"].sum().unstack(sort=False)
    total = total.loc[:, (total.sum() > 0) | (total.columns != "(none)")]
    rows = tuple(
        (str(gold), *(f"{number(count / max(counts.sum(), 1))} ({count})" for count in counts))
        for gold, counts in total.iterrows()
    )
    note = "Rows: gold labels; columns: answers, as a share of the row (and their number), all languages and seeds."
    return Section("Confusion", ("gold", *map(str, total.columns)), rows, (note,))


def _errors(frame: pandas.DataFrame) -> Section:
    header = ["language", "id", "gold", "answer", "confidence", "seed"]
    columns = ["language", "id", "gold", "prediction", "confidence", "seed"]
    if "text" in frame:
        header, columns = [*header, "text"], [*columns, "text"]
    rows = tuple(
        tuple(number(row[name]) if name == "confidence" else str(row[name]) for name in columns)
        for row in frame.to_dict("records")
    )
    return Section("Most confident errors", tuple(header), rows, (), (0, 1, 2, 3, 6))


# --- two systems ---


def _pair(found: PairDiagnosis) -> list[Section]:
    first, second = found.about.systems
    overall = found.differences[found.differences["attribute"] == ""]
    header = ("language", "n", first, second, "difference [95 %]", "p", "p (Holm)", "seeds agreeing")
    rows = tuple(
        (row["language"], str(row["n"]), number(row["first"]), number(row["second"]), *_difference(row))
        for row in overall.to_dict("records")
    )
    made = [
        _findings(found),
        Section(f"{measured(found.about)} by language", header, rows, _small_note(overall)),
        _gains(found),
        _only_one_right(found),
    ]
    return [*made, _examples(found)] if len(found.examples) else made


def _findings(found: PairDiagnosis) -> Section:
    first, second = found.about.systems
    tests = int(found.differences["p"].notna().sum())
    mcnemar = "" if found.about.right_in_part else " (McNemar's with one seed)"
    notes = [
        f"Differences are {first} - {second}, times 100, sorted by what they are at least. Sign-flip test over "
        f"examples{mcnemar}, Holm's correction over all {tests} languages and buckets that were "
        "tested. Listed is what is left at 5 % and has the same direction in every seed; it is about these runs, and "
        "other seeds may differ.",
    ]
    if found.findings.empty:
        notes.insert(0, "No difference is real: nothing is left at 5 %.")
    header = ("language", "where", "values", "n", first, second, "difference [95 %]", "p", "p (Holm)", "seeds agreeing")
    rows = tuple(
        (
            *(row["language"], place(row), values(row), str(row["n"]), number(row["first"]), number(row["second"])),
            *_difference(row),
        )
        for row in found.findings.to_dict("records")
    )
    return Section("Where they differ", header, rows, tuple(notes), (0, 1))


def place(row: Mapping[str, Any]) -> str:
    """`t1Len XL`, or all examples."""
    return f"{row['attribute']} {row['bucket']}" if row["attribute"] else "all examples"


def values(row: Mapping[str, Any]) -> str:
    """The smallest and largest value in a bucket; "" of all examples."""
    low, high = row["smallest"], row["largest"]
    if low != low:
        return ""
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _difference(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    if row["too_small"]:
        return TOO_SMALL, "", "", ""
    text = f"{number(row['difference'], '+')} [{number(row['low'], '+')}, {number(row['high'], '+')}]"
    mark = REAL if row["real"] else ""
    agreeing = f"{row['seeds_agreeing']} of {row['seeds']}" if row["seeds_agreeing"] >= 0 else ""
    return text + mark, probability(row["p"]), probability(row["p_holm"]), agreeing


def probability(p: float) -> str:
    """A p-value as people read it."""
    return "" if p != p else "<0.001" if p < 0.001 else f"{p:.3f}"


def _gains(found: PairDiagnosis) -> Section:
    """Table 3: a row a language, a column an attribute."""
    cells = {(row["language"], row["attribute"]): _gain(row) for row in found.gains.to_dict("records")}
    rows = tuple(
        (language, *(cells.get((language, name), "") for name in found.about.attributes))
        for language in found.about.languages
    )
    first, second = found.about.systems
    note = (
        f"For each attribute the largest gain and the largest loss of {first} over {second}, and the bucket where it "
        f"happens; {REAL} real as above, others may be chance. Buckets of fewer than {LEAST_EXAMPLES} "
        "examples take no part."
    )
    return Section("Largest gains and losses", ("language", *found.about.attributes), rows, (note,))


def _gain(row: Mapping[str, Any]) -> str:
    parts = [
        f"{number(row[side], '+')} {row[f'{side}_bucket']}{REAL if row[f'{side}_real'] else ''}"
        for side in ("gain", "loss")
        if row[f"{side}_bucket"]
    ]
    return ", ".join(parts) or "0.0"


def _only_one_right(found: PairDiagnosis) -> Section:
    first, second = found.about.systems
    header = ("language", "n", "both right", f"only {first}", f"only {second}", "neither", "seeds disagree")
    names = ("language", "n", "both", "only_first", "only_second", "neither", "mixed")
    rows = tuple(tuple(str(row[name]) for name in names) for row in found.only_one_right.to_dict("records"))
    return Section("Examples that only one gets right", header, rows, ("Right with every seed against with none.",))


def _examples(found: PairDiagnosis, most: int = 3) -> Section:
    first, second = found.about.systems
    named = {"language": "language", "id": "id", "gold": "gold", "answer_first": first, "answer_second": second}
    columns = [name for name in (*named, "text") if name in found.examples]  # some may be withheld
    header = [named.get(name, name) for name in columns]
    shown = found.examples.groupby(["language", "right"], sort=False).head(most)
    rows: Sequence[tuple[str, ...]] = [tuple(str(row[name]) for name in columns) for row in shown.to_dict("records")]
    note = f"The first {most} of each language and system; more are in the JSON."
    name = "Examples that add most to a lead" if found.about.right_in_part else "Some of these examples"
    return Section(name, tuple(header), tuple(rows), (note,), tuple(range(len(header))))

"""The compare pages: two systems to choose, and a page for each pair that was built."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xbench.analysis.pair_comparison import PairComparison
from xbench.analysis.significance import holm
from xbench.site.columns import Axis, Column
from xbench.site.outcomes import LanguageDifference
from xbench.site.pairs import Pair, PairFindings, TaskPair, groups_of
from xbench.site.survey import Survey
from xbench.site.text import order, p_text
from xbench.site.writing import Writer, script_json

if TYPE_CHECKING:
    import pandas

Found = Mapping[tuple[str, str], PairFindings]
EXAMPLES = ("Some of these examples", "Examples that add most to a lead")  # where answers are right in part
SHOWN = ("Where they differ", "Largest gains and losses", "Examples that only one gets right", *EXAMPLES)

DIFFERENCE = Column("difference", "Difference", "First - second, in points, with its 95 % interval.", high_first=True)
DRAWN = Column("low", "Drawn", "The difference on its interval; the line in the middle is 0.", is_text=True)
WILCOXON = Column(
    "p", "Wilcoxon p (n)", "Signed-rank test over target languages, conditional on these runs, and how many differ."
)
PAIRS = (
    Column("pair", "Pair", "The link leads to all about the two.", is_text=True),
    DIFFERENCE,
    DRAWN,
    WILCOXON,
    Column("holm", "Holm p", "Wilcoxon's p, corrected over the pairs of a group that are listed here."),
)
BY_TASK = (Column("task", "Task", is_text=True), DIFFERENCE, DRAWN, WILCOXON)
TESTS = (
    Column("p", "p", "Sign-flip test over the examples (McNemar's with one seed)."),
    Column("holm", "Holm p", "p, corrected over all languages and buckets of this task."),
    Column("seeds", "Seeds agreeing", "Seeds whose difference has the direction of the mean."),
)


def write_compare(writer: Writer, survey: Survey, pairs: Sequence[Pair], found: Found, command: str) -> None:
    """Writes `compare/index.html` and the pages of the pairs."""
    from xbench.site.downloads import write_frame

    corrected = _corrected(pairs, found)
    rows = [_row(pair, found[_key(pair)].whole, corrected.get(_key(pair))) for pair in pairs]
    groups = [
        {"group": group, "systems": [(one.key, one.label) for one in survey.ordered(group)]}
        for group in groups_of(survey.realm)
    ]
    writer.page(
        "compare/index.html",
        "compare.html",
        "Compare",
        rows=_drawn(rows),
        columns=PAIRS,
        groups=groups,
        many_groups=len(survey.realm.groups) > 1,
        command=command,
        data=script_json(_choices(survey, pairs)),
    )
    for pair in pairs:
        _write_pair(writer, survey, pair, found[_key(pair)], corrected.get(_key(pair)))
    write_frame(writer, "downloads/pairs", pairs_frame(pairs, found))
    write_frame(writer, "downloads/languages", languages_frame(pairs, found))
    write_frame(writer, "downloads/differences", differences_frame(pairs, found))


def pairs_frame(pairs: Sequence[Pair], found: Found) -> pandas.DataFrame:
    """One row a pair and task, all tasks together as task "all"; values are fractions."""
    import pandas

    columns = ["group", "first", "second", "task", "difference", "low", "high", "wilcoxon_p", "wilcoxon_n"]
    rows = []
    for pair in pairs:
        one = found[_key(pair)]
        for task, comparison in {"all": one.whole, **one.single}.items():
            if comparison is not None:
                interval, test = comparison.interval, comparison.tests["wilcoxon"]
                about = {"group": pair.first.group, "first": pair.first.label, "second": pair.second.label}
                bounds = {"low": interval and interval.low, "high": interval and interval.high}
                rows.append(
                    {**about, "task": task, "difference": comparison.difference, **bounds}
                    | {"wilcoxon_p": test and test.p, "wilcoxon_n": test and test.n}
                )
    return pandas.DataFrame(rows, columns=columns)


def languages_frame(pairs: Sequence[Pair], found: Found) -> pandas.DataFrame:
    """One row a pair, task and language, with the interval over seeds and examples; values are fractions."""
    import pandas

    columns = ["group", "first", "second", "task", "language", "n", "value_first", "value_second", "low", "high"]
    rows = [
        (*(pair.first.group, pair.first.label, pair.second.label, task, one.language, one.n, one.first, one.second),)
        + ((one.interval.low, one.interval.high) if one.interval else (None, None))
        for pair in pairs
        for task, several in found[_key(pair)].languages.items()
        for one in several
    ]
    return pandas.DataFrame(rows, columns=columns)


def differences_frame(pairs: Sequence[Pair], found: Found) -> pandas.DataFrame:
    """One row a pair, task, language and bucket of the pages that have buckets."""
    import pandas

    frames = []
    for pair in pairs:
        for one in found[_key(pair)].tasks:
            if one.diagnosis is not None:
                frame = one.diagnosis.differences.copy()
                for name, value in (
                    ("task", one.task),
                    ("system_2", pair.second.label),
                    ("system_1", pair.first.label),
                ):
                    frame.insert(0, name, value)
                frames.append(frame)
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=["system_1", "system_2"])


def _drawn(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their differences and intervals on one line around 0."""
    axis = Axis.around_zero(row[end] for row in rows for end in ("difference", "low", "high"))
    return [{**row, "range": axis.range(row["difference"], row["low"], row["high"]), "zero": axis.zero} for row in rows]


def _key(pair: Pair) -> tuple[str, str]:
    return pair.first.key, pair.second.key


def _corrected(pairs: Sequence[Pair], found: Found) -> dict[tuple[str, str], float | None]:
    """Wilcoxon's p after Holm's correction over the pairs of each group."""
    result: dict[tuple[str, str], float | None] = {}
    for letter in dict.fromkeys(pair.first.group for pair in pairs):
        own = [pair for pair in pairs if pair.first.group == letter]
        tests = [(whole.tests["wilcoxon"] if (whole := found[_key(pair)].whole) else None) for pair in own]
        adjusted = holm([test.p if test else None for test in tests])
        result |= dict(zip(map(_key, own), adjusted, strict=True))
    return result


def _row(pair: Pair, whole: PairComparison | None, corrected: float | None) -> dict[str, Any]:
    test = whole.tests["wilcoxon"] if whole else None
    interval = whole.interval if whole else None
    return {
        "pair": pair,
        "difference": whole.difference if whole else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "p": p_text(test.p) if test else "–",
        "p_order": order(test.p) if test else "",
        "n": test.n if test else 0,
        "holm": p_text(corrected),
        "holm_order": order(corrected),
        "too_few": bool(test and test.too_few),
        "tasks": " + ".join(whole.tasks) if whole else "",
    }


def _choices(survey: Survey, pairs: Sequence[Pair]) -> dict[str, Any]:
    """What the page's script needs to find a pair's page, or to write the command that makes one."""
    systems = {
        system.key: {
            "label": system.label,
            "group": system.group,
            "tasks": sorted(system.tasks),
            "argument": shlex.quote(system.label),
        }
        for system in survey.realm.systems
    }
    groups = {
        group.letter: {
            "title": group.title,
            "filters": " ".join(
                f"--{name} {shlex.quote(str(getattr(group.conditions, name)))}"
                for name in ("data", "model", "setting", "shots")
            ),
        }
        for group in survey.realm.groups
    }
    pages = {f"{pair.first.key} {pair.second.key}": pair.place.removeprefix("compare/") for pair in pairs}
    return {"systems": systems, "groups": groups, "pages": pages}


def _write_pair(writer: Writer, survey: Survey, pair: Pair, found: PairFindings, corrected: float | None) -> None:
    group = survey.group(pair.first.group)
    single = [_row(pair, comparison, None) | {"task": task} for task, comparison in found.single.items()]
    whole = _row(pair, found.whole, corrected)
    whole, *single = _drawn([whole, *single])
    writer.page(
        pair.place,
        "pair.html",
        f"{pair.first.label} and {pair.second.label}",
        pair=pair,
        group=group,
        whole=whole if found.whole else None,
        comparison=found.whole,
        single=single,
        by_language=[
            {"task": task, "rows": _languages(several)}
            for task, several in found.languages.items()
            if several and not any(one.task == task and one.diagnosis for one in found.tasks)
        ],
        tasks=[_task(one, pair) for one in found.tasks],
        commands=_commands(pair, group.conditions),
        by_task=BY_TASK,
        columns=_language_columns(pair),
        tested=[*_language_columns(pair), *TESTS],
    )


def _language_columns(pair: Pair) -> list[Column]:
    return [
        Column("language", "Language", is_text=True),
        Column("n", "Examples", "Test examples that both answered."),
        Column("first", pair.first.label, "The first system, times 100, seeds averaged.", high_first=True),
        Column("second", pair.second.label, "The second system, times 100, seeds averaged.", high_first=True),
        DIFFERENCE,
        DRAWN,
    ]


def _commands(pair: Pair, about: Any) -> list[str]:
    filters = " ".join(
        f"--{name} {shlex.quote(str(getattr(about, name)))}" for name in ("data", "model", "setting", "shots")
    )
    names = f"{shlex.quote(pair.first.label)} {shlex.quote(pair.second.label)}"
    common = [task for task in pair.first.tasks if task in pair.second.tasks]
    return [f"xbench diagnose {names} --task {task} {filters}" for task in common]


def _task(one: TaskPair, pair: Pair) -> dict[str, Any]:
    from xbench.report.diagnosis import sections

    if one.diagnosis is None:
        return {"task": one.task, "problems": one.problems, "languages": [], "sections": [], "parts": [], "figure": ""}
    frame, about = one.diagnosis.differences, one.diagnosis.about
    return {
        "task": one.task,
        "problems": one.problems,
        "languages": _drawn(frame[frame["attribute"] == ""].to_dict("records")),
        "metric": about.metric,
        "in_part": about.right_in_part,
        "figure": one.figure,
        "sections": [section for section in sections(one.diagnosis) if section.title in SHOWN],
        "attribute": one.attribute,
        "parts": _parts(one, pair),
        "notes": about.notes,
    }


def _languages(several: Sequence[LanguageDifference]) -> list[dict[str, Any]]:
    """A row a language, with its interval's drawing on the scale of all."""
    rows: list[dict[str, Any]] = [
        {
            "language": one.language,
            "n": one.n,
            "first": one.first,
            "second": one.second,
            "difference": one.first - one.second,
            "low": one.interval and one.interval.low,
            "high": one.interval and one.interval.high,
        }
        for one in several
    ]
    return _drawn(rows)


def _parts(one: TaskPair, pair: Pair) -> list[dict[str, Any]]:
    """A row a target, with both systems' parts of the gap; the mean of targets last."""
    labels = [label for label in (pair.first.label, pair.second.label) if label in one.parts]
    if not labels:
        return []
    by_target = {label: {row["target"]: row for row in one.parts[label]} for label in labels}
    targets = list(by_target[labels[0]])
    return [
        {"target": target, "systems": [by_target[label].get(target) for label in labels], "labels": labels}
        for target in [*targets[1:], targets[0]]
    ]

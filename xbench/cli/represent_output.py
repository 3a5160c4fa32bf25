"""What `xbench represent` prints: tables for people, every number as csv or json for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from xbench.report.numbers import number
from xbench.report.sample import SAMPLE
from xbench.report.table_text import after_first, latex_table, markdown_table, markdown_text, sentences

if TYPE_CHECKING:
    import pandas

    from xbench.representations.comparison import Comparison
    from xbench.store import CellRecord

COLUMNS = (
    *("cell", "against", "task", "token", "layer", "measure", "state", "language", "other"),
    *("prompt_layer", "part", "value", "low", "high", "n"),
)
NOT_THE_PICTURE = "Conclude from these numbers, not from a t-SNE picture: it keeps neighbourhoods, not distances."


@dataclass(frozen=True)
class Table:
    """A table as people read it: all entries are text."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def write(record: CellRecord, comparison: Comparison, against: str, format: str, file: IO[str]) -> None:
    """Writes a comparison in one of the formats of `xbench results`."""
    if format == "json":
        json.dump(as_json(record, comparison, against), file, ensure_ascii=False, indent=1)
        file.write("\n")
    elif format == "csv":
        import pandas

        rows = long_rows(record, comparison, against)
        file.write(pandas.DataFrame(rows, columns=list(COLUMNS)).to_csv(index=False, lineterminator="\n"))
    else:
        _write_tables(record, comparison, format, file)


def caption(record: CellRecord, comparison: Comparison) -> str:
    """What was read, in one line."""
    counts = sorted({len(each) for each in comparison.texts.examples.values()})
    n = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    state = {"first": "first token's state", "mask": "state at the mask", "mean": "mean over tokens"}[comparison.token]
    which = "last layer" if comparison.layer == "last" else f"layer {comparison.layer}"
    data = " Sample data." if record.data == "sample" else ""
    return f"{comparison.task}, {n} test texts a language, {state}, {which}.{data}"


def as_json(record: CellRecord, comparison: Comparison, against: str) -> dict[str, Any]:
    """Everything, NaN as null."""
    found = comparison.measures
    frames = {
        "change": found.change,
        "pairs": found.pairs,
        "boundaries": found.boundaries,
        "alignment": found.alignment,
        "prompt": comparison.prompt,
    }
    return {
        "cell": record.id,
        "method": record.label,
        "model": record.model,
        "data": record.data,
        "seed": record.seed,
        "task": comparison.task,
        "against": against,
        "token": comparison.token,
        "layer": comparison.layer,
        "before": {"model": comparison.names[0], "reads": comparison.reads[0]},
        "after": {"model": comparison.names[1], "reads": comparison.reads[1]},
        **{name: [_plain(row) for row in frame.to_dict("records")] for name, frame in frames.items()},
        "notes": list(found.notes),
    }


def long_rows(record: CellRecord, comparison: Comparison, against: str) -> list[dict[str, Any]]:
    """One row for every number, with the columns of COLUMNS."""
    found = comparison.measures
    about: dict[str, Any] = {"cell": record.id, "against": against, "task": comparison.task}
    about |= {"token": comparison.token, "layer": comparison.layer}
    rows: list[dict[str, Any]] = []

    def add(measure: str, row: dict[str, Any], value: str, *keep: str, **more: Any) -> None:
        kept = {name: row[name] for name in keep}
        rows.append({**about, "measure": measure, "value": row[value], **kept, **more})

    for row in found.change.to_dict("records"):
        add("cosine", row, "cosine", "language", "low", "high", "n")
    for row in found.pairs.to_dict("records"):
        where = {"language": row["source"], "other": row["language"]}
        add("difference", row, "difference", "state", "low", "high", "n", **where)
        for name in ("pairs", "others", "relative"):
            add(name, row, name, "state", "n", **where)
    for row in found.boundaries.to_dict("records"):
        for name in ("accuracy", "cosine"):
            add(f"boundary_{name}", row, name, "state", "language", "other", "n")
    for row in found.alignment.to_dict("records"):
        for name in ("own_accuracy", "other_accuracy", "loss", "own_cosine", "other_cosine"):
            add(name, row, name, "state")
    for row in comparison.prompt.to_dict("records"):
        for name in ("change", "initial", "relative"):
            add(f"prompt_{name}", row, name, "part", prompt_layer=row["layer"], n=row["values"])
    return rows


def tables(comparison: Comparison) -> list[Table]:
    """The tables that have rows. Cosines, shares and differences times 100, intervals of 95 %."""
    found = comparison.measures
    return [
        table
        for table in (
            _change_table(found.change),
            _pair_table(found.pairs),
            _alignment_table(found.alignment),
            _prompt_table(comparison.prompt),
        )
        if table.rows
    ]


def _change_table(frame: pandas.DataFrame) -> Table:
    rows = [
        (str(row["language"]), str(row["n"]), _hundred(row["cosine"]), _interval(row))
        for row in frame.to_dict("records")
    ]
    title = "Cosine of a text before and after, times 100 (100: no change of direction)"
    return Table(title, ("language", "n", "cosine", "interval"), rows)


def _pair_table(frame: pandas.DataFrame) -> Table:
    rows = []
    for row in frame.to_dict("records"):
        numbers = [_hundred(row[name]) for name in ("pairs", "others", "difference")]
        pair = f"{row['source']}-{row['language']}"
        rows.append((pair, str(row["state"]), str(row["n"]), *numbers, _interval(row), _hundred(row["relative"])))
    rows.sort(key=lambda cells: cells[0])  # before beside after
    header = ("pair", "state", "n", "pairs", "others", "difference", "interval", "rel. %")
    return Table("Cosine of translations and of other texts, times 100", header, rows)


def _alignment_table(frame: pandas.DataFrame) -> Table:
    columns = ("own_accuracy", "other_accuracy", "loss", "own_cosine", "other_cosine")
    rows = [
        (str(row["state"]), str(row["languages"]), *(_hundred(row[name]) for name in columns))
        for row in frame.to_dict("records")
    ]
    header = ("own right %", "other's right %", "loss", "cosine within", "cosine between")
    return Table("Boundaries between labels, a logistic regression a language", ("state", "languages", *header), rows)


def _prompt_table(frame: pandas.DataFrame) -> Table:
    rows = []
    for row in frame.to_dict("records"):
        layer = "input" if row["layer"] == 0 else str(row["layer"])
        change = f"{row['change']:.4f}" if row["trained"] else "not trained"
        size = f"{row['initial']:.4f}"
        rows.append((layer, str(row["part"]), str(row["values"]), change, size, _hundred(row["relative"])))
    header = ("layer", "part", "values", "change", "size before", "change %")
    return Table("Mean absolute change of the prompt by training", header, rows)


def _write_tables(record: CellRecord, comparison: Comparison, format: str, file: IO[str]) -> None:
    before, after = (f"{name} (reads {reads})" for name, reads in zip(comparison.names, comparison.reads, strict=True))
    head = [f"{record.label} on {caption(record, comparison)}", f"Before: {before}.", f"After: {after}."]
    notes = [*([SAMPLE] if record.data == "sample" else []), NOT_THE_PICTURE, *comparison.measures.notes]
    found = tables(comparison)
    if format == "markdown":
        file.write("\n".join(_markdown(found, head, notes)) + "\n")
    elif format == "latex":
        file.write("\n".join(_latex(found, head, notes)) + "\n")
    else:
        _print(found, head, notes, file)


def _print(found: list[Table], head: list[str], notes: list[str], file: IO[str]) -> None:
    from xbench.report.grids import print_grid
    from xbench.report.terminal import make_console

    console = make_console(file)
    console.print()
    for place, line in enumerate(head):
        console.print(line, style="" if place else "bold", soft_wrap=True)
    for table in found:
        console.print()
        print_grid(console, table.header, table.rows, after_first(table.header), table.title)
    for note in notes:
        console.print(note, style="dim", soft_wrap=True)


def _markdown(found: list[Table], head: list[str], notes: list[str]) -> list[str]:
    lines = [f"## {markdown_text(head[0])}", "", *(f"{markdown_text(line)}  " for line in head[1:]), ""]
    for table in found:
        lines += [f"### {markdown_text(table.title)}", ""]
        lines += [*markdown_table(table.header, table.rows, after_first(table.header)), ""]
    return [*lines, *(f"- {markdown_text(note)}" for note in notes)]


def _latex(found: list[Table], head: list[str], notes: list[str]) -> list[str]:
    lines = [f"% {line}" for line in head]
    for table in found:
        caption = sentences(table.title, head[0])
        lines += latex_table(table.header, table.rows, after_first(table.header), caption)
    return [*lines, *(f"% {note}" for note in notes)]


def _hundred(value: float) -> str:
    return "-" if math.isnan(value) else number(value)


def _interval(row: dict[str, Any]) -> str:
    return "" if math.isnan(row["low"]) else f"[{_hundred(row['low'])}, {_hundred(row['high'])}]"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}

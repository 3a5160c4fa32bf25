"""What `xbench tasks list` prints: one row a task for programs, a few lines a task for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from xbench.spec.headings import Heading, read_heading
from xbench.spec.registry import task_paths

FORMATS = ("table", "csv", "json", "markdown")
COLUMNS = ("name", "kind", "role", "languages", "rows", "metrics", "paper", "source", "description")
WIDTH = 100


def headings(directories: Sequence[Path] = ()) -> list[Heading]:
    """All tasks there are: target tasks first, each group by name."""
    found = [read_heading(path) for path in task_paths(directories).values()]
    return sorted(found, key=lambda heading: (heading.role != "target", heading.name))


def check_choice(what: str, given: str | None, known: Sequence[str]) -> None:
    """Raises RequestError for a filter that no task can match."""
    from xbench.errors import RequestError, nearest

    if given is not None and given not in known:
        raise RequestError(f"'{given}' is no {what} of a task.{nearest(given, known)}")


def rows(found: Sequence[Heading]) -> list[dict[str, Any]]:
    """One row a task, for programs."""
    return [
        {
            "name": heading.name,
            "kind": heading.kind,
            "role": heading.role,
            "languages": list(heading.languages),
            "rows": dict(heading.checked or heading.rows or {}),
            "metrics": list(heading.metrics),
            "paper": heading.paper,
            "source": list(heading.sources),
            "description": heading.problem or heading.description,
        }
        for heading in found
    ]


def write_list(found: Sequence[Heading], name: str, file: IO[str]) -> None:
    """Writes the list in a format. Raises RequestError for one that there is not."""
    from xbench.errors import RequestError, nearest

    if name not in FORMATS:
        raise RequestError(f"There is no format '{name}'.{nearest(name, FORMATS)}")
    if name == "table":
        file.write("\n".join(lines(found)) + "\n")
    elif name == "json":
        import json

        json.dump(rows(found), file, ensure_ascii=False, indent=1)
        file.write("\n")
    elif name == "csv":
        import csv

        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([_cell(row[column]) for column in COLUMNS] for row in rows(found))
    else:
        from xbench.report.table_text import markdown_table

        body = [[_cell(row[column]) for column in COLUMNS] for row in rows(found)]
        file.write("\n".join(markdown_table(COLUMNS, body, [False] * len(COLUMNS))) + "\n")


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {count}" for name, count in value.items())
    return "; ".join(value) if isinstance(value, list) else str(value)


def lines(found: Sequence[Heading]) -> Iterator[str]:
    """The list as people read it; no line is longer than `WIDTH`."""
    yield f"{'task':<17}{'kind':<17}{'role':<11}{'languages':>9}  train/dev/test"
    for heading in found:
        yield ""
        if heading.problem:
            yield from _folded(f"{heading.name}: {heading.problem}")
            continue
        yield (
            f"{heading.name:<16} {heading.kind:<16} {heading.role:<10} {len(heading.languages):>9}  {_rows(heading)}"
        )
        yield from _folded(heading.description)
        yield from _folded(f"languages: {' '.join(heading.languages)}")
        yield from _folded(f"metrics: {', '.join(heading.metrics)}")
        yield from _folded(f"paper: {heading.paper or '-'}")
        yield from _folded(f"source: {', '.join(heading.sources)}")


def _rows(heading: Heading) -> str:
    """Rows of train, dev and test: those counted on the hub, else those of each language of the sample data."""
    counts = heading.checked or heading.rows
    if counts is None:
        return "-"
    shown = "/".join(str(counts.get(split, "-")) for split in ("train", "dev", "test"))
    return f"{shown} hub" if heading.checked else f"{shown} sample"


def _folded(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)

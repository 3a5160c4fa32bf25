"""What a listing tells of a task, read from the top of its file without pydantic and without its templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xbench.errors import SpecError

_LISTED = ("kind", "role", "description", "paper", "languages", "splits", "files", "sample", "metrics", "checked")
_BLOCK = re.compile(r"^(?=[A-Za-z_]+:)", re.MULTILINE)


@dataclass(frozen=True)
class Heading:
    """A task as a listing shows it. `rows` are those of one language of the sample data, by split; `checked` those that
    `xbench tasks check --hub` counted on the hub, by split, in all languages together. `problem`: what is wrong."""

    name: str
    kind: str = ""
    role: str = "target"
    description: str = ""
    paper: str = ""
    languages: tuple[str, ...] = ()
    sample_languages: tuple[str, ...] = ()
    rows: Mapping[str, int] | None = None
    checked: Mapping[str, int] | None = None
    metrics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    problem: str = ""


def read_heading(path: Path) -> Heading:
    """The heading of a task file; of a broken one, its name and what is wrong with it."""
    from xbench.spec.yaml import read_yaml_text

    text = path.read_text(encoding="utf-8-sig", errors="replace")
    blocks = [block for block in _BLOCK.split(text) if block.partition(":")[0] in _LISTED]
    try:
        given = read_yaml_text("".join(blocks), path).data
        return _heading(path.stem, given)
    except (SpecError, AttributeError, TypeError, ValueError) as error:
        return Heading(path.stem, problem=str(error) if isinstance(error, SpecError) else "is no task file")


def _heading(name: str, given: Mapping[str, Any]) -> Heading:
    sample = given.get("sample") or {}
    checked = given.get("checked") or {}
    return Heading(
        name=name,
        kind=str(given.get("kind", "")),
        role=str(given.get("role", "target")),
        description=str(given.get("description", "")),
        paper=str(given.get("paper") or ""),
        languages=tuple(map(str, given.get("languages", ()))),
        sample_languages=tuple(sample.get("languages", ())),
        rows={str(split): int(count) for split, count in sample["rows"].items()} if sample else None,
        checked={
            str(split): sum(int(found["rows"]) for found in languages.values()) for split, languages in checked.items()
        }
        or None,
        metrics=tuple(map(str, given.get("metrics", ()))),
        sources=tuple(dict.fromkeys(_sources(given))),
    )


def _sources(given: Mapping[str, Any]) -> Iterator[str]:
    """The kinds of data there are, published sets by their ids."""
    if given.get("sample"):
        yield f"sample {given['sample']['generator']}"
    for source in (given.get("splits") or {}).values():
        for one in source if isinstance(source, list) else [source]:
            yield f"hub {one['hub']}" if "hub" in one else f"task {one['task']}" if "task" in one else "files"
    if given.get("files"):
        yield "files"

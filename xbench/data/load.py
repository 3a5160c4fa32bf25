"""Loading the examples of a task, from the sample data, the hub or local files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xbench.data.examples import Examples
from xbench.data.held_out import hold_out
from xbench.data.rows import examples_from
from xbench.data.source_tables import published_table, sample_table
from xbench.errors import RequestError, nearest
from xbench.spec.sources import Data, SampleSource, Source, Split, TaskSource
from xbench.spec.task import TaskSpec


def load_examples(
    task: TaskSpec,
    split: Split,
    language: str,
    data: Data,
    *,
    directories: Sequence[Path | str] = (),
    limit: int | None = None,
    skip_bad_rows: bool = False,
) -> Examples:
    """The examples of one split and language, in the order of the source.

    `limit` keeps that many rows, spread over the whole; the same positions in every language. Where a source has no
    dev split, a tenth of the training rows is held out for it, and left out of train (`held_out.py`).
    Raises RequestError for a language, split or kind of data the task does not have, DataError for bad data.
    """
    if language not in task.languages:
        raise RequestError(f"task '{task.name}' has no language '{language}'.{nearest(language, task.languages)}")
    holds_out = split != "test" and _holds_out_dev(task, data, language)
    whole = _load(task, "train" if holds_out else split, language, data, directories, skip_bad_rows)
    if holds_out:
        rest, dev = hold_out(whole, "held out")
        whole = dev if split == "dev" else rest
    if limit is not None and limit < len(whole):
        whole = whole.take(spread(len(whole), limit))
    return whole


def _holds_out_dev(task: TaskSpec, data: Data, language: str) -> bool:
    """Whether dev is a part of train. Where train is another task's train, its dev is dev."""
    dev = task.split_source("dev", data, language)
    if dev is not None and (dev.languages is None or language in dev.languages):
        return False
    train = task.split_source("train", data, language)
    return not isinstance(train, TaskSource) or train.split not in (None, "train")


def spread(length: int, count: int) -> list[int]:
    """`count` of `length` positions, one in each of `count` equal stretches.

    The place within a stretch is drawn by a hash of its number: an even stride would fall into step with files that
    repeat a pattern (XNLI has each premise three times in a row).
    """
    positions = []
    for part in range(count):
        first, end = part * length // count, (part + 1) * length // count
        draw = int.from_bytes(hashlib.sha256(f"spread {part}".encode()).digest()[:8], "big")
        positions.append(first + draw % (end - first))
    return positions


def source_of(task: TaskSpec, split: Split, language: str, data: Data) -> Source:
    """Where the split is read from. Raises RequestError where the task has no such data or language there."""
    source = task.split_source(split, data, language)
    if source is None and split == "dev":
        source = task.split_source("train", data, language)  # another task's
    if source is None:
        kinds = [kind for kind in ("sample", "hub", "files") if task.split_source(split, kind) is not None]
        have = f"it has {', '.join(kinds)}; use '--data {kinds[0]}'" if kinds else "it has none at all"
        raise RequestError(f"task '{task.name}' has no {data} data for its {split} split ({have}), see {task.file}.")
    if source.languages is not None and language not in source.languages:
        raise RequestError(
            f"task '{task.name}' has no {split} split in '{language}' in its {data} data, only in "
            f"{', '.join(source.languages)}."
        )
    return source


def _load(
    task: TaskSpec, split: Split, language: str, data: Data, directories: Sequence[Path | str], skip: bool
) -> Examples:
    source = source_of(task, split, language, data)
    if isinstance(source, TaskSource):
        return _from_other_task(task, source, split, language, data, directories, skip)
    if isinstance(source, SampleSource):
        table = sample_table(source.generator, language, split, source.rows[split])
    else:
        table = published_table(task, source, split, language)
    return examples_from(table, task, source.columns, split, language, skip_bad_rows=skip)


def _from_other_task(
    task: TaskSpec,
    source: TaskSource,
    split: Split,
    language: str,
    data: Data,
    directories: Sequence[Path | str],
    skip: bool,
) -> Examples:
    from xbench.spec.registry import load_other_task

    other = load_other_task(source.task, task, directories)
    if other.kind != task.kind:
        raise RequestError(
            f"task '{task.name}' ({task.kind}) takes its {split} split from '{other.name}', which is {other.kind}; "
            f"expected a task of the same kind, see {task.file}."
        )
    falls_back = task.split_source(split, data, language) is None  # dev, from where train comes from
    its_split = split if falls_back else source.split or split
    found = load_examples(other, its_split, language, data, directories=directories, skip_bad_rows=skip)
    return replace(found, task=task.name, split=split, fields={name: found.fields[name] for name in task.fields})

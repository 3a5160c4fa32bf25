"""What makes a task spec whole: rules that span several keys, each with the place of the mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from xbench.errors import RequestError, nearest
from xbench.spec.check_kinds import check_kind
from xbench.spec.check_templates import check_defaults, check_templates, check_verbalizers
from xbench.spec.language_codes import code_mistake
from xbench.spec.mistakes import Mistake, repeated, unknown_languages
from xbench.spec.sources import Columns, FileSource, HubSource, TaskSource
from xbench.spec.strict import joined
from xbench.spec.task import TaskSpec
from xbench.spec.yaml import Document, KeyPath

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_METRIC = re.compile(r"(hub:)?[A-Za-z0-9_./-]+\Z")


def check_task(task: TaskSpec, document: Document, load_other: Callable[[str], TaskSpec]) -> None:
    """Raise one SpecError for the mistakes found. `load_other` reads a task that a split refers to.

    What the rules of one group say depends on the groups before; so the first group with a mistake is the last one
    looked at, and one mistake gives one message.
    """
    groups: tuple[tuple[Callable[[TaskSpec], Iterator[Mistake]], ...], ...] = (
        (_names, _languages),
        (check_kind,),
        (_columns, _sources, lambda task: _other_tasks(task, load_other)),
        (check_verbalizers,),
        (check_templates,),
        (check_defaults,),
    )
    for group in groups:
        mistakes = [document.error(path, message) for rule in group for path, message in rule(task)]
        if mistakes:
            raise joined(mistakes)


def _names(task: TaskSpec) -> Iterator[Mistake]:
    if task.name != task.file.stem:
        yield ("name",), f"the name '{task.name}' must be that of the file, '{task.file.stem}'."
    elif not _NAME.match(task.name):
        yield ("name",), f"'{task.name}' is no task name; expected small letters, digits, '-', '.' and '_'."
    for index, field in enumerate(task.fields):
        if not _FIELD.match(field) or field in ("mask", "soft", "gold", "id"):
            yield (
                ("fields", index),
                f"'{field}' is no field name; expected letters, digits, '_', not mask, soft, gold, id.",
            )
    yield from repeated(("fields",), task.fields)
    yield from repeated(("labels",), task.labels)
    yield from repeated(("metrics",), task.metrics)
    for index, metric in enumerate(task.metrics):
        if not _METRIC.match(metric):
            yield ("metrics", index), f"'{metric}' is no metric name; expected one such as accuracy, or hub:ID."


def _languages(task: TaskSpec) -> Iterator[Mistake]:
    for language in task.languages:
        if mistake := code_mistake(language):
            yield ("languages", language), mistake
    if task.source not in task.languages:
        yield ("source",), f"'{task.source}' is none of the task's languages.{nearest(task.source, task.languages)}"
    for name, languages in task.language_sets.items():
        yield from unknown_languages(task, ("language_sets", name), languages)


def _columns(task: TaskSpec) -> Iterator[Mistake]:
    yield from _column_mistakes(task, ("columns",), task.columns)
    for place, source in _split_sources(task):
        yield from _column_mistakes(task, (*place, "columns"), getattr(source, "columns", {}))
    if task.sample:
        yield from _column_mistakes(task, ("sample", "columns"), task.sample.columns)
    for data in ("sample", "hub", "files"):
        columns = getattr(getattr(task.parallel, data, None), "columns", {})
        yield from _column_mistakes(task, ("parallel", data, "columns"), columns)


def _column_mistakes(task: TaskSpec, place: KeyPath, columns: Columns) -> Iterator[Mistake]:
    known = (*task.fields, "gold", "id")
    for name, column in columns.items():
        if name not in known:
            yield (*place, name), f"'{name}' is no field of this task.{nearest(name, known)}"
        for raw, label in (column.map or {}).items():
            if name == "gold" and task.labels and label not in task.labels:
                yield (*place, name, "map", raw), f"'{label}' is no label of this task.{nearest(label, task.labels)}"
            if raw in column.drop:
                yield (*place, name, "drop"), f"'{raw}' is dropped here and stands in 'map:' as well; remove one."


def _sources(task: TaskSpec) -> Iterator[Mistake]:
    if not (task.splits or task.files or task.sample):
        yield (), "the task has no data; add 'splits:', 'files:' or 'sample:'."
    for place, source in _split_sources(task):
        yield from unknown_languages(task, (*place, "languages"), source.languages or ())
    if task.sample:
        yield from unknown_languages(task, ("sample", "languages"), task.sample.languages)
        if task.sample.source is not None and task.sample.source not in task.sample.languages:
            hint = nearest(task.sample.source, task.sample.languages)
            yield ("sample", "source"), f"'{task.sample.source}' is none of the sample's languages.{hint}"
        for split in ("train", "test"):
            if split not in task.sample.rows:
                yield ("sample", "rows"), f"says nothing of '{split}'; add '{split}: 500'."
    for split, found in task.checked.items():
        yield from unknown_languages(task, ("checked", split), found, keys=True)
    for section, unlabelled in (("parallel", task.parallel), ("text", task.text)):
        for data in ("sample", "hub", "files"):
            languages: Sequence[str] = getattr(getattr(unlabelled, data, None), "languages", None) or ()
            place = (section, data, "languages")
            if section == "text":
                yield from unknown_languages(task, place, languages)
            else:  # a parallel corpus may be of other languages: what it teaches is not the task's own
                yield from ((place, mistake) for language in languages if (mistake := code_mistake(language)))


def _split_sources(task: TaskSpec) -> Iterator[tuple[KeyPath, TaskSource | HubSource | FileSource]]:
    """Every source of a split, with its place in the file."""
    for split, given in task.splits.items():
        if isinstance(given, tuple):
            yield from ((("splits", split, number), source) for number, source in enumerate(given))
        else:
            yield ("splits", split), given
    yield from ((("files", split), source) for split, source in (task.files or {}).items())


def _other_tasks(task: TaskSpec, load_other: Callable[[str], TaskSpec]) -> Iterator[Mistake]:
    for place, source in _split_sources(task):
        if not isinstance(source, TaskSource):
            continue
        try:
            other = load_other(source.task)
        except RequestError as error:
            yield (*place, "task"), str(error)
            continue
        for mistake in _differences(task, other):
            yield (*place, "task"), mistake
        for language in source.languages or ():
            if language not in other.languages:
                hint = nearest(language, other.languages)
                yield (*place, "languages"), f"the task '{other.name}' has no language '{language}'.{hint}"


def _differences(task: TaskSpec, other: TaskSpec) -> Iterator[str]:
    if set(other.labels) != set(task.labels):
        yield f"'{other.name}' has other labels ({', '.join(other.labels)}); expected {', '.join(task.labels)}."
    lacking = [field for field in task.fields if field not in other.fields]
    if lacking:
        yield f"'{other.name}' has no field {', '.join(lacking)}; it has {', '.join(other.fields)}."

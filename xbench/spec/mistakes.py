"""Mistakes in a task spec: where in the file, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xbench.errors import nearest
from xbench.spec.task import TaskSpec
from xbench.spec.yaml import KeyPath

Mistake = tuple[KeyPath, str]


def repeated(path: KeyPath, values: Sequence[str]) -> Iterator[Mistake]:
    """A mistake for each value that stands in the list more than once."""
    for value in dict.fromkeys(value for value in values if values.count(value) > 1):
        yield path, f"'{value}' is given twice."


def unknown_languages(task: TaskSpec, path: KeyPath, given: Iterable[str], *, keys: bool = False) -> Iterator[Mistake]:
    """A mistake for each language that is none of the task's. With `keys` the languages are keys below `path`."""
    for language in given:
        if language not in task.languages:
            place = (*path, language) if keys else path
            yield place, f"'{language}' is none of the task's languages.{nearest(language, task.languages)}"


def missing_languages(
    task: TaskSpec, path: KeyPath, given: Iterable[str], claimed: Sequence[str] | None, what: str
) -> Iterator[Mistake]:
    """A mistake for the languages that are claimed (by default all of the task) and not given."""
    present = set(given)
    missing = [language for language in claimed or task.languages if language not in present]
    if missing:
        yield (
            path,
            f"has no {what} in {', '.join(missing)}; add them, or list the languages that it is meant for "
            "beside it in 'languages: [...]'.",
        )

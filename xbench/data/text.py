"""Plain text without labels, for methods that adapt to a language."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from xbench.data.parallel import unlabelled_table
from xbench.data.values import BadRow, plain_text
from xbench.errors import DataError, RequestError
from xbench.spec.sources import Data, FileSource, HubSource, UnlabelledSample
from xbench.spec.task import TaskSpec


def text_source(task: TaskSpec, language: str, data: Data) -> UnlabelledSample | HubSource | FileSource:
    """Where the texts of a language come from. Raises RequestError where the task says nothing of any."""
    source = task.text_source(language, data)
    if source is not None:
        return source
    known = [each for each in task.languages if task.text_source(each, data) is not None]
    if not known:
        raise RequestError(
            f"task '{task.name}' has no text for '--data {data}'; add 'text: {{{data}: ...}}' to {task.file}."
        )
    raise RequestError(f"task '{task.name}' has {data} text in {', '.join(known)}; asked for '{language}'.")


def load_text(task: TaskSpec, language: str, data: Data) -> tuple[str, ...]:
    """The texts of a language, in order, blank ones left out. Raises RequestError where the task has none."""
    source = text_source(task, language, data)
    table = unlabelled_table(task, source, language)
    column = source.columns["text"].from_ if "text" in source.columns else "text"
    if column not in table.columns:
        raise DataError(f"{table.name}: there is no column '{column}'; it has {', '.join(table.columns)}.")
    texts = []
    for row in table.rows:
        try:
            if row.problem:
                raise BadRow(row.problem)
            texts.append(plain_text(row.values.get(column), column))
        except BadRow as bad:
            raise DataError(f"{table.place(row.place)}: {bad}") from None
    return tuple(text for text in texts if text.strip())


def load_balanced_text(
    task: TaskSpec, languages: Sequence[str], data: Data, *, share: float = 1.0, count: int | None = None
) -> dict[str, tuple[str, ...]]:
    """Texts by language: of the last one `share` of what there is, but no more than `count`; of the others as many.

    A language with fewer texts gives all it has (Chen and Chen 2024, section 3.1: as much of the source language as
    there is of the target language). Which texts are taken depends on them alone, and fewer are among more. Raises as
    `load_text` does, and DataError where a language has none.
    """
    texts = {language: load_text(task, language, data) for language in languages}
    for language, found in texts.items():
        if not found:
            raise DataError(f"task '{task.name}' has a source of text for '--data {data}', but no text in {language}.")
    wanted = math.ceil(share * len(texts[languages[-1]]))
    wanted = wanted if count is None else min(wanted, count)
    return {language: _some(found, wanted) for language, found in texts.items()}


def text_hash(texts: Sequence[str]) -> str:
    """The content of texts in their order: 16 hex digits, the same on every machine."""
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()[:16]


def _some(texts: tuple[str, ...], count: int) -> tuple[str, ...]:
    """`count` of the texts, drawn by their content, in their order."""
    if count >= len(texts):
        return texts
    drawn = sorted(range(len(texts)), key=lambda place: (hashlib.sha256(texts[place].encode()).digest(), place))
    return tuple(texts[place] for place in sorted(drawn[:count]))

"""Plain text without labels, for methods that adapt to a language."""

from __future__ import annotations

from xbench.data.parallel import unlabelled_table
from xbench.data.rows import BadRow, plain_text
from xbench.errors import DataError, RequestError
from xbench.spec.sources import Data
from xbench.spec.task import TaskSpec


def load_text(task: TaskSpec, language: str, data: Data) -> tuple[str, ...]:
    """The texts of a language, in order, blank ones left out. Raises RequestError where the task has none."""
    source = getattr(task.text, data, None) if task.text else None
    if source is None:
        raise RequestError(
            f"task '{task.name}' has no text for '--data {data}'; add 'text: {{{data}: ...}}' to {task.file}."
        )
    if source.languages is not None and language not in source.languages:
        raise RequestError(f"task '{task.name}' has text in {', '.join(source.languages)}; asked for '{language}'.")
    table = unlabelled_table(task, source, language)
    column = source.columns["text"].from_ if "text" in source.columns else "text"
    if column not in table.columns:
        raise DataError(f"{table.name}: there is no column '{column}'; it has {', '.join(table.columns)}.")
    texts = []
    for row in table.rows:
        try:
            texts.append(plain_text(row.values.get(column), column))
        except BadRow as bad:
            raise DataError(f"{table.name}, {table.unit} {row.place}: {bad}") from None
    return tuple(text for text in texts if text.strip())

"""What the rows of each kind hold: how fields and gold are read, and what may not stand in both train and dev."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xbench.data.answers import CONTEXT, answer_gold, context_fields
from xbench.data.examples import Examples
from xbench.data.labels import label_gold, reference_gold, text_fields
from xbench.data.tables import Row
from xbench.data.tags import TOKENS, tag_gold, token_fields
from xbench.spec.sources import Column
from xbench.spec.task import Kind, TaskSpec

FieldReader = Callable[[Row, Mapping[str, Column]], dict[str, str]]
GoldReader = Callable[[Row, Column, Mapping[str, str], TaskSpec], str | None]


@dataclass(frozen=True)
class KindRows:
    """How rows of a kind are read and divided.

    `fields` gives the fields of a row, `gold` its answer, or None where the task drops it; both raise BadRow.
    `gold_column` is where the answer stands unless the task says otherwise. Examples with the same text in the fields
    `apart` (all fields where that is empty) never stand in both train and dev. `classes`: examples can be counted by
    their labels.
    """

    fields: FieldReader
    gold: GoldReader
    gold_column: str
    apart: tuple[str, ...] = ()
    classes: bool = False


KIND_ROWS: Mapping[Kind, KindRows] = {
    "classification": KindRows(text_fields, label_gold, "label", classes=True),
    "multiple-choice": KindRows(text_fields, label_gold, "label"),
    "tagging": KindRows(token_fields, tag_gold, "tags", apart=(TOKENS,)),
    "extractive-qa": KindRows(context_fields, answer_gold, "answers", apart=(CONTEXT,)),
    "generation": KindRows(text_fields, reference_gold, "label"),
}


def apart_text(examples: Examples, index: int) -> tuple[str, ...]:
    """The text of an example that may not stand in both train and dev: for questions their context."""
    names = KIND_ROWS[examples.kind].apart or sorted(examples.fields)
    return tuple(examples.fields[name][index] for name in names)

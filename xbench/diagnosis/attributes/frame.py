"""Attributes of a set of examples as one data frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.diagnosis.attributes.inputs import Inputs, Supplies, Unavailable
from xbench.diagnosis.attributes.registry import Attribute, attribute_names, find_attribute
from xbench.diagnosis.attributes.words import word_unit
from xbench.errors import DataError, RequestError

if TYPE_CHECKING:
    import numpy
    import pandas

SLICE = 5_000  # so many examples are held as words at a time: about 200 MB of texts of 500 words


def attribute_frame(
    kind: str,
    examples: pandas.DataFrame,
    language: str,
    names: Sequence[str] | None = None,
    *,
    fields: Sequence[str],
    tokenizer: str | None = None,
    basic_words: Path | None = None,
    entity_tagger: str | None = None,
    training: pandas.DataFrame | None = None,
) -> pandas.DataFrame:
    """One row an example, in the order given, and one column of floats an attribute; NaN where it does not apply.

    Args:
        kind: of the task.
        examples: id, the fields and gold, as the run store keeps them.
        language: of the examples, as a BCP-47 tag.
        names: attributes; None gives all that a task of this kind and with these fields can have.
        fields: the task's, in its order: the first is t1, the second t2.
        tokenizer: whose subwords are counted: an embedded backbone, a folder, or a hub id that is in the local cache.
        basic_words: a file with one basic word a line, in place of the language's most frequent words.
        entity_tagger: `module:function` that gives the entities of texts (see `entities`).
        training: examples that a model was trained on, for what is defined against them.

    Returns:
        `frame.attrs["notes"]` says, by attribute, what its reader must know: the substitute that is counted, or why
        the column is missing or empty. `frame.attrs["word_unit"]` is what stands for a word in this language.

    Raises:
        RequestError: an unknown name, or one of another kind.
        DataError: the examples lack a field.
    """
    supplies = Supplies(tokenizer, basic_words, entity_tagger, training)
    attributes = chosen_attributes(kind, names, len(fields))
    columns = compute(attributes, kind, examples, language, fields, supplies)
    return as_frame(columns, len(examples), language, supplies.notes)


def chosen_attributes(kind: str, names: Sequence[str] | None, fields: int) -> list[Attribute]:
    """The attributes of names, each once; all of a kind for None."""
    asked = attribute_names(kind, fields) if names is None else names
    return [find_attribute(name, kind) for name in dict.fromkeys(asked)]


def compute(
    attributes: Sequence[Attribute],
    kind: str,
    examples: pandas.DataFrame,
    language: str,
    fields: Sequence[str],
    supplies: Supplies,
) -> dict[str, numpy.ndarray]:
    """Attribute -> values, one an example; what cannot be had is left out or NaN, and said in the supplies' notes."""
    import numpy

    for what, given in (("examples", examples), ("training examples", supplies.training)):
        missing = [] if given is None else [name for name in (*fields, "gold") if name not in given.columns]
        if given is not None and missing:
            raise DataError(f"The {what} have no column '{missing[0]}', only {', '.join(map(str, given.columns))}.")
    parts: dict[str, list[numpy.ndarray]] = {entry.name: [] for entry in attributes}
    for start in range(0, len(examples), SLICE):
        rows = examples.iloc[start : start + SLICE]
        part = {name: rows[name].tolist() for name in (*fields, "gold")}
        gold = part.pop("gold")
        inputs = Inputs(kind, language, part, gold, supplies, start)
        for entry in attributes:
            if entry.name in parts and not _add(parts[entry.name], entry, inputs):
                del parts[entry.name]
    return {name: numpy.concatenate(values) if values else numpy.empty(0) for name, values in parts.items()}


def _add(parts: list[numpy.ndarray], entry: Attribute, inputs: Inputs) -> bool:
    """Adds the values of some examples; False where the attribute cannot be had at all."""
    import numpy

    try:
        if entry.fields > len(inputs.fields):
            raise Unavailable(f"the task has {len(inputs.fields)} field, and it needs {entry.fields}")
        values = numpy.asarray(entry.function(inputs), dtype=float)
    except Unavailable as reason:
        inputs.note(entry.name, reason.reason)
        if reason.absent:
            return False
        values = numpy.full(len(inputs), numpy.nan)
    except (DataError, RequestError):
        raise
    except Exception as error:
        if ":" not in entry.source:
            raise
        raise RequestError(f"The attribute '{entry.source}' failed: {type(error).__name__}: {error}") from error
    if values.shape != (len(inputs),):
        raise RequestError(
            f"The attribute '{entry.name}' gave {values.shape} values for {len(inputs)} examples; expected one each."
        )
    parts.append(values)
    return True


def as_frame(columns: dict[str, Any], rows: int, language: str, notes: dict[str, str]) -> pandas.DataFrame:
    """The columns as a data frame that carries its notes."""
    import pandas

    frame = pandas.DataFrame(columns, index=pandas.RangeIndex(rows), dtype=float)
    frame.attrs = {"notes": dict(notes), "word_unit": word_unit(language)}
    return frame

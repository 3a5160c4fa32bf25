"""The examples that a system was trained on, for attributes that are defined against them.

The store keeps test examples, and of training examples the ids: they are read again from where the task has its data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xbench.analysis.systems import TaskScores
from xbench.errors import XbenchError

if TYPE_CHECKING:
    import pandas

    from xbench.spec.task import TaskSpec


def needs_training(names: Sequence[str] | None, kind: str, fields: int) -> bool:
    """Whether one of the attributes, or of all that the kind has, is defined against training examples."""
    from xbench.diagnosis.attributes.registry import attribute_names, find_attribute

    asked = attribute_names(kind, fields) if names is None else names
    return any("training" in find_attribute(name, kind).needs for name in asked)


def training_examples(
    system: TaskScores, spec: TaskSpec, directories: Sequence[str]
) -> tuple[pandas.DataFrame | None, str]:
    """(the fields and gold of all seeds' training examples, what to say of them); None where they cannot be had.

    Examples of other tasks count where these have the same kind and fields.
    """
    import pandas

    ids = _training_ids(system)
    if not ids:
        return None, "The cells do not say what they were trained on."
    data = next(iter(system.cells.values())).record.data
    frames, others = [], []
    for (task, language), wanted in ids.items():
        try:
            frame = _read(task, language, data, spec, directories)
        except XbenchError as error:
            return None, f"The training examples of {task} in {language} cannot be read: {error}"
        if frame is None:
            others.append(f"{task} in {language}")
        else:
            frames.append(frame[frame["id"].isin(wanted)])
    found = sum(map(len, frames))
    if not found:
        return None, f"The training data, {', '.join(others) or 'as it is now'}, hold no examples of this form."
    asked = sum(map(len, ids.values()))
    left_out = f", without {', '.join(others)}" if others else f" of {asked}" if found < asked else ""
    return pandas.concat(frames, ignore_index=True), f"Training data: {found} examples of {system.label}{left_out}."


def _training_ids(system: TaskScores) -> dict[tuple[str, str], set[str]]:
    """(task, language) -> the ids that any seed was trained on."""
    found: dict[tuple[str, str], set[str]] = {}
    for cell in system.cells.values():
        for name, ids in cell.record.train_ids.items():
            task, _, language = name.rpartition("/")
            found.setdefault((task, language), set()).update(ids)
    return found


def _read(task: str, language: str, data: str, spec: TaskSpec, directories: Sequence[str]) -> pandas.DataFrame | None:
    """The training split as a frame; None where the task has another kind, or other fields."""
    import pandas

    from xbench.data.load import load_examples
    from xbench.spec.registry import load_task

    other = load_task(task, tuple(directories))
    if (other.kind, other.fields) != (spec.kind, spec.fields):
        return None
    read = load_examples(other, "train", language, data, directories=directories, skip_bad_rows=True)  # type: ignore[arg-type]
    return pandas.DataFrame({"id": read.ids, **read.fields, "gold": read.gold})

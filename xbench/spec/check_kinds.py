"""Rules of each kind of task: its fields, its labels, and the metrics that suit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xbench.errors import nearest
from xbench.spec.mistakes import Mistake
from xbench.spec.task import Kind, TaskSpec


@dataclass(frozen=True)
class KindRule:
    """What a kind asks of a task: fields that it must have (in this order), and whether it has labels."""

    fields: tuple[str, ...] = ()
    labelled: bool = True
    gold: str = "a label"


KINDS: Mapping[Kind, KindRule] = {
    "classification": KindRule(),
    "tagging": KindRule(fields=("tokens",), gold="a JSON list of tags, one a token"),
    "extractive-qa": KindRule(fields=("question", "context"), labelled=False, gold="SQuAD's answers as JSON"),
    "multiple-choice": KindRule(fields=("choice1", "choice2")),
    "generation": KindRule(labelled=False, gold="a text"),
}


def check_kind(task: TaskSpec) -> Iterator[Mistake]:
    """Fields, labels and metrics of a task are those of its kind."""
    rule = KINDS[task.kind]
    missing = [field for field in rule.fields if field not in task.fields]
    if missing:
        yield (
            ("fields",),
            f"a task of kind {task.kind} has the field{'s' * (len(rule.fields) > 1)} {', '.join(rule.fields)}; "
            f"'{', '.join(missing)}' is missing.{_renamed(missing[0], task)}",
        )
    elif [field for field in task.fields if field in rule.fields] != list(rule.fields):
        yield ("fields",), f"the fields of {task.kind} stand in the order {', '.join(rule.fields)}."
    if rule.labelled and len(set(task.labels)) < 2:
        yield ("labels",), f"a {task.kind} task has at least two labels; found {len(task.labels)}."
    if not rule.labelled and task.labels:
        yield ("labels",), f"a task of kind {task.kind} has no labels (its gold is {rule.gold}); remove them."
    if task.kind == "multiple-choice" and not missing:
        yield from _choices(task)
    yield from _metrics(task)


def _renamed(field: str, task: TaskSpec) -> str:
    hint = nearest(field, task.fields)
    return f" Is it '{hint.split(chr(39))[1]}'? 'columns:' says which column it is read from." if "Did" in hint else ""


def _choices(task: TaskSpec) -> Iterator[Mistake]:
    """The n-th label is the answer that the field `choice<n>` holds."""
    wanted = [f"choice{number}" for number in range(1, len(task.labels) + 1)]
    found = [field for field in task.fields if field.startswith("choice")]
    if found != wanted:
        yield (
            ("fields",),
            f"a multiple-choice task has a field for each label, choice1 for the first; {len(task.labels)} labels "
            f"stand beside the fields {', '.join(found)}.",
        )


def _metrics(task: TaskSpec) -> Iterator[Mistake]:
    from xbench.metrics.compute import METRICS

    for index, name in enumerate(task.metrics):
        kinds = getattr(METRICS.get(name), "kinds", None)
        if kinds is not None and task.kind not in kinds:
            suited = [other for other, metric in METRICS.items() if task.kind in getattr(metric, "kinds", ())]
            yield (
                ("metrics", index),
                f"'{name}' scores {' and '.join(kinds)}, and this task is {task.kind}; "
                f"expected one of {', '.join(suited)}.",
            )

"""What makes a task spec whole: rules that span several keys, each with the place of the mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from xbench.errors import SpecError, nearest
from xbench.spec.scripts import mixed_script
from xbench.spec.sources import SPLITS, TaskSource
from xbench.spec.strict import joined
from xbench.spec.task import FORMS, TaskSpec, TemplateSpec
from xbench.spec.template import parse_template
from xbench.spec.yaml import Document, KeyPath

Mistake = tuple[KeyPath, str]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")
_METRIC = re.compile(r"(hub:)?[A-Za-z0-9_./-]+\Z")


def check_task(task: TaskSpec, document: Document, load_other: Callable[[str], TaskSpec]) -> None:
    """Raise one SpecError for all mistakes found. `load_other` reads a task that a split refers to."""
    rules = (_names, _labels, _languages, _columns, _templates, _defaults, _verbalizers, _sources)
    mistakes = [document.error(path, message) for rule in rules for path, message in rule(task)]
    mistakes += [document.error(path, message) for path, message in _other_tasks(task, load_other)]
    if mistakes:
        raise joined(mistakes)


def _names(task: TaskSpec) -> Iterator[Mistake]:
    if task.name != task.file.stem:
        yield ("name",), f"the name '{task.name}' must be that of the file, '{task.file.stem}'."
    elif not _NAME.match(task.name):
        yield ("name",), f"'{task.name}' is no task name; expected small letters, digits, '-', '.' and '_'."
    for field in task.fields:
        if not _FIELD.match(field) or field in ("mask", "soft", "gold", "id"):
            yield (
                ("fields",),
                f"'{field}' is no field name; expected letters, digits and '_', not mask, soft, gold or id.",
            )
    yield from _repeated(("fields",), task.fields)
    yield from _repeated(("metrics",), task.metrics)
    for metric in task.metrics:
        if not _METRIC.match(metric):
            yield ("metrics",), f"'{metric}' is no metric name; expected one such as accuracy, or hub:ID."


def _repeated(path: KeyPath, values: Sequence[str]) -> Iterator[Mistake]:
    for value in dict.fromkeys(value for value in values if values.count(value) > 1):
        yield path, f"'{value}' is given twice."


def _labels(task: TaskSpec) -> Iterator[Mistake]:
    if task.kind in ("classification", "tagging") and len(set(task.labels)) < 2:
        yield ("labels",), f"a {task.kind} task has at least two labels; found {len(task.labels)}."
    yield from _repeated(("labels",), task.labels)


def _languages(task: TaskSpec) -> Iterator[Mistake]:
    for language in task.languages:
        if not _LANGUAGE.match(language):
            yield (
                ("languages", language),
                (
                    f"'{language}' is no BCP-47 language; expected one such as de, quy or zh-Hant "
                    "(what the source calls it goes into 'code:')."
                ),
            )
    if task.source not in task.languages:
        yield (
            ("source",),
            f"the source language '{task.source}' is none of the task's languages.{nearest(task.source, task.languages)}",
        )


def _columns(task: TaskSpec) -> Iterator[Mistake]:
    known = (*task.fields, "gold", "id")
    places: list[tuple[KeyPath, object]] = [(("columns",), task.columns)]
    for split in SPLITS:
        places.append((("splits", split, "columns"), getattr(task.splits.get(split), "columns", {})))
        places.append((("files", split, "columns"), getattr((task.files or {}).get(split), "columns", {})))
    places.append((("sample", "columns"), task.sample.columns if task.sample else {}))
    for path, columns in places:
        assert isinstance(columns, dict)
        for name, column in columns.items():
            if name not in known:
                yield (*path, name), f"'{name}' is no field of this task.{nearest(name, known)}"
            for raw, label in (column.map or {}).items():
                if name == "gold" and task.labels and label not in task.labels:
                    yield (*path, name, "map", raw), f"'{label}' is no label of this task.{nearest(label, task.labels)}"


def _templates(task: TaskSpec) -> Iterator[Mistake]:
    for name, spec in task.templates.items():
        place: KeyPath = ("templates", name)
        if spec.cloze is None and spec.text2text is None:
            yield place, "has no text; add 'cloze:' or 'text2text:'."
        if spec.verbalizer not in task.verbalizers:
            yield (
                (*place, "verbalizer"),
                f"there is no verbalizer '{spec.verbalizer}'.{nearest(spec.verbalizer, task.verbalizers)}",
            )
        for form in ("cloze", "text2text"):
            yield from _template_texts(task, spec, form, (*place, form))
        yield from _unknown_languages(task, (*place, "languages"), spec.languages or ())


def _template_texts(task: TaskSpec, spec: TemplateSpec, form: str, place: KeyPath) -> Iterator[Mistake]:
    texts = spec.cloze if form == "cloze" else spec.text2text
    words = task.verbalizers[spec.verbalizer].words if spec.verbalizer in task.verbalizers else None
    if isinstance(texts, dict):
        yield from _unknown_languages(task, place, texts, keys=True)
        yield from _missing_languages(task, place, texts, spec.languages, "texts")
        lacking = [language for language in texts if words is not None and language not in words]
        if lacking:
            yield place, f"has texts in {', '.join(lacking)}, where its verbalizer '{spec.verbalizer}' has no words."
    elif texts is not None and words is not None and task.source not in words:
        yield place, f"its verbalizer '{spec.verbalizer}' has no words in the source language '{task.source}'."
    for language, text in texts.items() if isinstance(texts, dict) else [(None, texts)] if texts is not None else []:
        path = (*place, language) if language else place
        yield from ((path, message) for message in _template_mistakes(task, form, text))


def _template_mistakes(task: TaskSpec, form: str, text: str) -> Iterator[str]:
    try:
        template = parse_template(text)
    except SpecError as error:
        yield str(error)
        return
    for field in template.fields:
        if field not in task.fields:
            yield f"'{{{field}}}' is no field of this task.{nearest(field, (*task.fields, 'mask', 'soft:4'))}"
    if not template.fields:
        yield f"the template '{text}' uses no field; put one in, such as {{{task.fields[0]}}}."
    if form == "cloze" and template.mask_count != 1:
        yield f"a cloze template has exactly one {{mask}}; '{text}' has {template.mask_count}."
    if form == "text2text" and template.has_mask:
        yield f"a text2text template has no {{mask}}, for the answer is generated; '{text}' has {template.mask_count}."


def _unknown_languages(
    task: TaskSpec, place: KeyPath, languages: Sequence[str] | dict[str, object], keys: bool = False
) -> Iterator[Mistake]:  # type: ignore[type-arg]
    for language in languages:
        if language not in task.languages:
            yield (
                (*place, language) if keys else place,
                (f"'{language}' is none of the task's languages.{nearest(language, task.languages)}"),
            )


def _missing_languages(
    task: TaskSpec, place: KeyPath, given: object, claimed: Sequence[str] | None, what: str
) -> Iterator[Mistake]:
    assert isinstance(given, dict)
    missing = [language for language in (claimed or task.languages) if language not in given]
    if missing:
        yield (
            place,
            (
                f"has no {what} in {', '.join(missing)}; add them, or list the languages it is meant for beside it in 'languages: [...]'."
            ),
        )


def _defaults(task: TaskSpec) -> Iterator[Mistake]:
    for form in FORMS:
        name = getattr(task.default_templates, form)
        usable = [other for other, spec in task.templates.items() if spec.text(form) is not None]
        if name is not None and name not in task.templates:
            yield ("default_templates", form), f"there is no template '{name}'.{nearest(name, usable)}"
        elif name is not None and name not in usable:
            key = "text2text" if form == "text2text" else "cloze"
            yield ("default_templates", form), f"the template '{name}' has no {key} text.{nearest('', usable)}"


def _verbalizers(task: TaskSpec) -> Iterator[Mistake]:
    for name, spec in task.verbalizers.items():
        place: KeyPath = ("verbalizers", name, "words")
        yield from _unknown_languages(task, place, spec.words, keys=True)
        yield from _unknown_languages(task, ("verbalizers", name, "languages"), spec.languages or ())
        yield from _missing_languages(task, place, spec.words, spec.languages, "words")
        for language, words in spec.words.items():
            yield from _label_words(task, (*place, language), words)


def _label_words(task: TaskSpec, place: KeyPath, words: dict[str, tuple[str, ...]]) -> Iterator[Mistake]:
    missing = [label for label in task.labels if label not in words]
    if missing:
        yield place, f"has no word for the label{'s' * (len(missing) > 1)} {', '.join(missing)}."
    owner: dict[str, str] = {}
    for label, of_label in words.items():
        if label not in task.labels:
            yield (*place, label), f"'{label}' is no label of this task.{nearest(label, task.labels)}"
        if not of_label:
            yield (*place, label), "has no word; expected one such as good."
        for word in of_label:
            if not word.strip() or word != word.strip():
                yield (*place, label), f"the word '{word}' is blank, or begins or ends with a space."
            elif mixed := mixed_script(word):
                yield (*place, label), f"{mixed}."
            elif owner.setdefault(word.casefold(), label) != label:
                yield (*place, label), f"the labels '{owner[word.casefold()]}' and '{label}' share the word '{word}'."


def _sources(task: TaskSpec) -> Iterator[Mistake]:
    if not (task.splits or task.files or task.sample):
        yield ("splits",), "the task has no data; add 'splits:', 'files:' or 'sample:'."
    for section, sources in (("splits", task.splits), ("files", task.files or {})):
        for split, source in sources.items():
            yield from _unknown_languages(task, (section, split, "languages"), source.languages or ())
    if task.sample:
        yield from _unknown_languages(task, ("sample", "languages"), task.sample.languages)
        for split in ("train", "test"):
            if split not in task.sample.rows:
                yield ("sample", "rows"), f"has no '{split}'."
    for section, unlabelled in (("parallel", task.parallel), ("text", task.text)):
        for data in ("sample", "hub", "files"):
            part = getattr(unlabelled, data, None)
            yield from _unknown_languages(task, (section, data, "languages"), (part and part.languages) or ())


def _other_tasks(task: TaskSpec, load_other: Callable[[str], TaskSpec]) -> Iterator[Mistake]:
    for split, source in task.splits.items():
        if not isinstance(source, TaskSource):
            continue
        place: KeyPath = ("splits", split, "task")
        try:
            other = load_other(source.task)
        except SpecError:
            raise
        except Exception as error:
            yield place, str(error)
            continue
        if (
            isinstance(other.splits.get(source.split or split), TaskSource)
            and other.splits[source.split or split].task == task.name
        ):  # type: ignore[union-attr]
            yield place, f"the tasks '{task.name}' and '{other.name}' refer to each other."
        if set(other.labels) != set(task.labels):
            yield (
                place,
                f"the task '{other.name}' has other labels ({', '.join(other.labels)}), expected {', '.join(task.labels)}.",
            )
        lacking = [field for field in task.fields if field not in other.fields]
        if lacking:
            yield place, f"the task '{other.name}' has no field {', '.join(lacking)}; it has {', '.join(other.fields)}."
        for language in source.languages or ():
            if language not in other.languages:
                yield (
                    ("splits", split, "languages"),
                    f"the task '{other.name}' has no language '{language}'.{nearest(language, other.languages)}",
                )

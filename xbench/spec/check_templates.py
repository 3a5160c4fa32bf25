"""Rules for templates and verbalizers: fields, masks, languages, label words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xbench.errors import SpecError, nearest
from xbench.spec.mistakes import Mistake, missing_languages, unknown_languages
from xbench.spec.scripts import mixed_script
from xbench.spec.task import FORMS, TaskSpec, TemplateSpec
from xbench.spec.template import parse_template
from xbench.spec.yaml import KeyPath


def check_verbalizers(task: TaskSpec) -> Iterator[Mistake]:
    """Every language and label has words; no two labels share one; no word mixes scripts."""
    for name, spec in task.verbalizers.items():
        place: KeyPath = ("verbalizers", name)
        unknown = [
            *unknown_languages(task, (*place, "words"), spec.words, keys=True),
            *unknown_languages(task, (*place, "languages"), spec.languages or ()),
        ]
        yield from unknown or missing_languages(task, (*place, "words"), spec.words, spec.languages, "words")
        for language, words in spec.words.items():
            yield from _label_words(task, (*place, "words", language), words)


def _label_words(task: TaskSpec, place: KeyPath, words: Mapping[str, tuple[str, ...]]) -> Iterator[Mistake]:
    unknown = [label for label in words if label not in task.labels]
    missing = [label for label in task.labels if label not in words]
    for label in unknown:
        yield (*place, label), f"'{label}' is no label of this task.{nearest(label, task.labels)}"
    if missing and not unknown:
        yield place, f"has no word for the label{'s' * (len(missing) > 1)} {', '.join(missing)}."
    owner: dict[str, str] = {}
    for label, of_label in words.items():
        if not of_label:
            yield (*place, label), "has no word; expected one such as good."
        for word in of_label:
            yield from (((*place, label), message) for message in _word_mistakes(word, label, owner))


def _word_mistakes(word: str, label: str, owner: dict[str, str]) -> Iterator[str]:
    """`owner` holds the label of each word seen so far, in small letters."""
    if not word or word != word.strip():
        yield f"the word '{word}' is blank, or begins or ends with a space."
    elif mixed := mixed_script(word):
        yield f"{mixed}."
    elif owner.setdefault(word.casefold(), label) != label:
        yield f"the labels '{owner[word.casefold()]}' and '{label}' share the word '{word}'."


def check_templates(task: TaskSpec) -> Iterator[Mistake]:
    """Every template has a verbalizer, known fields, the right number of masks, and the languages it claims."""
    for name, spec in task.templates.items():
        place: KeyPath = ("templates", name)
        if spec.cloze is None and spec.text2text is None:
            yield place, "has no text; add 'cloze:' or 'text2text:'."
        if spec.verbalizer is None:
            if task.kind in ("classification", "multiple-choice") or spec.cloze is not None:
                yield place, "names no verbalizer; add 'verbalizer: NAME', which says what the labels are written as."
        elif spec.verbalizer not in task.verbalizers:
            hint = nearest(spec.verbalizer, task.verbalizers)
            yield (*place, "verbalizer"), f"there is no verbalizer '{spec.verbalizer}'.{hint}"
        yield from unknown_languages(task, (*place, "languages"), spec.languages or ())
        for form, texts in (("cloze", spec.cloze), ("text2text", spec.text2text)):
            if isinstance(texts, dict):
                yield from _template_languages(task, spec, (*place, form), texts)
                if spec.language is not None:
                    yield (*place, "language"), f"is for one plain text; '{form}' has one a language. Remove it."
                for language, text in texts.items():
                    yield from (((*place, form, language), message) for message in _text_mistakes(task, form, text))
            elif texts is not None:
                yield from _plain_text_words(task, spec, place)
                yield from (((*place, form), message) for message in _text_mistakes(task, form, texts))


def _template_languages(
    task: TaskSpec, spec: TemplateSpec, place: KeyPath, texts: Mapping[str, str]
) -> Iterator[Mistake]:
    unknown = list(unknown_languages(task, place, texts, keys=True))
    missing = [] if unknown else list(missing_languages(task, place, texts, spec.languages, "texts"))
    yield from unknown or missing
    if spec.verbalizer in task.verbalizers and not unknown and not missing:
        words = task.verbalizers[spec.verbalizer].words
        lacking = [language for language in texts if language not in words]
        if lacking:
            yield place, f"has texts in {', '.join(lacking)}, where its verbalizer '{spec.verbalizer}' has no words."


def _plain_text_words(task: TaskSpec, spec: TemplateSpec, place: KeyPath) -> Iterator[Mistake]:
    language = spec.language or task.source
    if language not in task.languages:
        yield from unknown_languages(task, (*place, "language"), [language])
    elif spec.verbalizer in task.verbalizers and language not in task.verbalizers[spec.verbalizer].words:
        yield (*place, "verbalizer"), f"the verbalizer '{spec.verbalizer}' has no words in '{language}'."


def _text_mistakes(task: TaskSpec, form: str, text: str) -> Iterator[str]:
    try:
        template = parse_template(text)
    except SpecError as error:
        yield str(error)
        return
    unknown = [field for field in template.fields if field not in task.fields]
    for field in unknown:
        yield f"'{{{field}}}' is no field of this task.{nearest(field, (*task.fields, 'mask', 'soft:4'))}"
    if not template.fields:
        yield f"the template '{text}' uses no field; put one in, such as {{{task.fields[0]}}}."
    if unknown:
        return
    if form == "cloze" and template.mask_count != 1:
        yield f"a cloze template has exactly one {{mask}}; '{text}' has {template.mask_count}."
    if form == "text2text" and template.has_mask:
        yield f"a text2text template has no {{mask}}, for its answer is generated; '{text}' has {template.mask_count}."


def check_defaults(task: TaskSpec) -> Iterator[Mistake]:
    """The default template of each form exists and has a text of that form."""
    for form in FORMS:
        name = getattr(task.default_templates, form)
        usable = [other for other, spec in task.templates.items() if spec.text(form) is not None]
        if name is not None and name not in task.templates:
            yield ("default_templates", form), f"there is no template '{name}'.{nearest(name, usable)}"
        elif name is not None and name not in usable:
            key = "text2text" if form == "text2text" else "cloze"
            yield ("default_templates", form), f"the template '{name}' has no {key} text.{nearest('', usable)}"

"""What `xbench tasks check` looks at: the spec, its rows, and what a tokenizer makes of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from xbench.answers import gold_answers, text_list
from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.errors import RequestError, nearest
from xbench.spec.registry import load_task
from xbench.spec.sources import SPLITS, Data
from xbench.spec.task import FORMS, Form, TaskSpec
from xbench.spec.template import FieldSegment, SoftSegment, Template, TextSegment

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHOWN = 160  # characters of a field that are shown
DEFAULT_BACKBONE = "micro-xlmr"


def check_task(
    file: str | Path,
    *,
    directories: Sequence[Path] = (),
    data: str | None = None,
    model: str | None = None,
    languages: Sequence[str] | None = None,
) -> Iterator[str]:
    """The report on one task, line by line. Raises XbenchError at the first thing that is wrong."""
    from xbench.metrics.compute import check_names

    task = load_task(file, directories)
    check_names(task.metrics)
    kind = data_kind(task, data)
    chosen = _languages(task, kind, languages)
    yield (
        f"{task.name}: {task.kind}, {len(task.languages)} languages, {len(task.labels)} labels, "
        f"{len(task.templates)} templates, {len(task.verbalizers)} verbalizers ({task.file})"
    )
    shown: dict[str, Examples] = {}
    yield f"rows in the {kind} data (split, language, rows, with an empty field, dropped, content hash)"
    for split in SPLITS:
        for language in _with_split(task, split, kind, chosen):
            examples = load_examples(task, split, language, kind, directories=directories)
            shown[language] = examples  # test comes last
            yield (
                f"  {split:<5}  {language:<7} {len(examples):>7} {_with_empty_field(examples):>5} "
                f"{examples.dropped:>5}  {examples.content_hash}"
            )
            where = f"warning: {task.name}, {split}, {language}"
            yield from (f"{where}: {remark}" for remark in _row_remarks(task, examples))
            checked = task.checked.get(split, {}).get(language) if kind == "hub" else None
            if checked is not None and checked.hash != examples.content_hash:
                yield f"{where}: the content hash is not the one that was checked ({checked.hash}); the set has changed"
    if task.templates:
        from xbench.backbone.load import load_tokenizer

        tokenizer = load_tokenizer(model or DEFAULT_BACKBONE)
        yield from _examples_shown(task, shown, tokenizer)
        yield from (f"warning: {task.name}, {remark}" for remark in label_word_remarks(task, chosen, tokenizer))


def data_kind(task: TaskSpec, data: str | None) -> Data:
    """The kind of data asked for, or the first that needs no network."""
    if data is not None and data not in get_args(Data):
        raise RequestError(f"'{data}' is no kind of data.{nearest(data, get_args(Data))}")
    kinds = [kind for kind in ("sample", "files", "hub") if kind in task.data_kinds]
    if not kinds:
        raise RequestError(f"task '{task.name}' has no test data; add 'splits:', 'files:' or 'sample:' to {task.file}.")
    if data is not None and data not in kinds:
        raise RequestError(f"task '{task.name}' has no {data} data, only {', '.join(kinds)}.")
    return data or kinds[0]


def _languages(task: TaskSpec, data: Data, wanted: Sequence[str] | None) -> tuple[str, ...]:
    for language in wanted or ():
        if language not in task.languages:
            raise RequestError(f"task '{task.name}' has no language '{language}'.{nearest(language, task.languages)}")
    available = {language for split in SPLITS for language in task.languages_of(data, split)}
    return tuple(language for language in task.languages if language in (wanted or available))


def _with_split(task: TaskSpec, split: str, data: Data, languages: Sequence[str]) -> list[str]:
    return [language for language in languages if language in task.languages_of(data, split)]  # type: ignore[arg-type]


def _with_empty_field(examples: Examples) -> int:
    rows = zip(*examples.fields.values(), strict=True)
    return sum(not all(text.strip() for text in row) for row in rows)


def _row_remarks(task: TaskSpec, examples: Examples) -> Iterator[str]:
    labels = _labels(examples)
    missing = [label for label in task.labels if label not in labels]
    if task.labels and len(missing) == len(task.labels) - 1:
        yield f"every row is '{next(iter(labels))}'; such a split can measure nothing"
    elif missing:
        yield f"no row is {', '.join(missing)}"
    unanswered = sum(not gold_answers(gold).texts for gold in examples.gold) if task.kind == "extractive-qa" else 0
    if unanswered and not task.unanswerable:
        yield f"{unanswered} questions have no answer in their context"
    for name, column in examples.fields.items():
        quoted = sum(len(text) > 1 and text[0] == text[-1] == '"' for text in column)
        if quoted > len(column) / 10:
            yield f"{quoted} texts of '{name}' stand in double quotes; if the file is quoted as csv, say 'quoting: csv'"


def _labels(examples: Examples) -> set[str]:
    """The labels that occur; of tagging, the tags."""
    if examples.kind != "tagging":
        return set(examples.gold)
    return {tag for gold in examples.gold for tag in text_list(gold)}


def _readable(task: TaskSpec, text: str) -> str:
    """Tokens, tags and answers as people read them."""
    if task.kind == "tagging":
        return " ".join(text_list(text))
    if task.kind == "extractive-qa":
        return " / ".join(gold_answers(text).texts) or "(no answer)"
    return text


def render(template: Template, fields: dict[str, str], tokenizer: PreTrainedTokenizerBase) -> str:
    """The text a template makes of an example, with the tokenizer's mask; a soft slot is shown as [soft:N]."""
    parts = []
    for segment in template.segments:
        match segment:
            case TextSegment(text):
                parts.append(text)
            case FieldSegment(name):
                text = segment.shown(fields[name])
                parts.append(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
            case SoftSegment(length):
                parts.append(f"[soft:{length}]")
            case _:
                parts.append(tokenizer.mask_token or "[no mask]")
    return "".join(parts)


def _examples_shown(task: TaskSpec, shown: dict[str, Examples], tokenizer: PreTrainedTokenizerBase) -> Iterator[str]:
    for form in FORMS:
        if getattr(task.default_templates, form) is None:
            continue
        model = Path(tokenizer.name_or_path).name
        yield f"{form} template '{task.template_name(form)}', one example a language ({model})"
        for language, examples in shown.items():
            asked = language if language in task.template_languages(form) else task.source
            template = task.template(form, None, asked)
            fields = {name: column[0] for name, column in examples.fields.items()}
            if task.kind == "tagging":
                fields = {name: _readable(task, text) if name == "tokens" else text for name, text in fields.items()}
            gold = _readable(task, examples.gold[0])
            note = "" if asked == language else f" [template and words of {asked}]"
            yield f"  {language:<7} {render(template, fields, tokenizer)!r}, gold {gold}{note}"
            if task.templates[task.template_name(form)].verbalizer is not None:
                yield f"          {_words_shown(task, form, asked, tokenizer)}"


def _words_shown(task: TaskSpec, form: Form, language: str, tokenizer: PreTrainedTokenizerBase) -> str:
    words = task.verbalizer(form, None, language).words
    if form == "text2text":
        return ", ".join(f"{label}: {'/'.join(of_label)}" for label, of_label in words.items())
    return ", ".join(
        f"{label}: {'/'.join(f'{word} ({_pieces_shown(word, tokenizer)})' for word in of_label)}"
        for label, of_label in words.items()
    )


def _pieces_shown(word: str, tokenizer: PreTrainedTokenizerBase) -> str:
    return " ".join(tokenizer.convert_ids_to_tokens(_pieces(word, tokenizer)))


def _pieces(word: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    from xbench.encoding.label_words import word_pieces

    return word_pieces(word, tokenizer)


def label_word_remarks(task: TaskSpec, languages: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> Iterator[str]:
    """What is doubtful about the label words of cloze templates: unknown, split, or alike in what is compared."""
    used = {spec.verbalizer for spec in task.templates.values() if spec.cloze is not None}
    for name, spec in task.verbalizers.items():
        for language in (language for language in languages if name in used and language in spec.words):
            where = f"verbalizer '{name}', {language}"
            compared: dict[tuple[int, ...], Any] = {}
            for label, words in spec.words[language].items():
                for word in words:
                    ids = _pieces(word, tokenizer)
                    pieces = _pieces_shown(word, tokenizer)
                    if not ids or tokenizer.unk_token_id in ids:
                        yield f"{where}: '{word}' ({label}) has pieces this tokenizer does not know: {pieces}"
                        continue
                    if len(ids) > 1:
                        yield f"{where}: '{word}' ({label}) splits into {pieces}; compared by '{spec.pieces}'"
                    key = tuple(ids[:1] if spec.pieces == "first-piece" else ids)
                    other = compared.setdefault(key, label)
                    if other != label:
                        yield f"{where}: '{word}' ({label}) and a word of '{other}' are alike in what is compared"

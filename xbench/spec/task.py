"""A task: one dataset seen as one problem, as its YAML file in `tasks/` describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, StrictBool, StrictInt, Tag, field_validator
from pydantic_core import PydanticCustomError

from xbench.errors import RequestError, nearest
from xbench.spec.sources import (
    SPLITS,
    Columns,
    Data,
    FileSource,
    HubSource,
    PathSource,
    SampleSource,
    Source,
    Split,
    SplitSources,
    TaskSource,
    UnlabelledSample,
    UnlabelledSource,
)
from xbench.spec.strict import PlainText, Strict
from xbench.spec.template import Template, parse_template

Kind = Literal["classification", "tagging", "extractive-qa", "multiple-choice", "generation"]
Author = Literal["paper", "human", "machine", "unreviewed"]
Role = Literal["target", "expanding"]
Form = Literal["cloze", "text2text", "soft"]
FORMS: tuple[Form, ...] = ("cloze", "text2text", "soft")


def _empty(value: Any) -> Any:
    return {} if value is None else value


class Language(Strict):
    """What a task says of one of its languages: the code its sources use, where that is not the BCP-47 key."""

    code: PlainText | None = None


def _text_kind(value: Any) -> str:
    return "<by language>" if isinstance(value, dict) else "<text>"


# One text for every language, or one a language.
TemplateText = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[dict[str, str], Tag("<by language>")], Discriminator(_text_kind)
]


class TemplateSpec(Strict):
    """One named template: a cloze text, a text-to-text one, or both, and the verbalizer of its answers.

    A plain text serves every language (a cross-lingual template); a mapping holds one text a language (in-lingual)
    and must hold all languages of the task, or those that `languages` lists. `author` is that of the least reviewed
    of its texts. `language` is what a plain text is written in: its label words are then of that language too,
    whichever language the example is in (an English prompt asks for an English answer). Kinds whose answers are no
    label words (tags, spans, texts) need no verbalizer.
    """

    author: Author
    reference: str | None = None
    cloze: TemplateText | None = None
    text2text: TemplateText | None = None
    verbalizer: str | None = None
    language: str | None = None
    languages: tuple[str, ...] | None = None

    def text(self, form: Form) -> str | dict[str, str] | None:
        """The text or texts for a form; `soft` reads the cloze text."""
        return self.text2text if form == "text2text" else self.cloze


def _words(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


LabelWords = Annotated[tuple[PlainText, ...], BeforeValidator(_words)]


class VerbalizerSpec(Strict):
    """Label words of each language. Several words of a label are put together by `aggregate`; `pieces` says what is
    compared of a word that the tokenizer splits: its first piece, the mean of its pieces, or that it is an error."""

    author: Author
    reference: str | None = None
    aggregate: Literal["max", "mean", "sum"] = "max"
    pieces: Literal["first-piece", "mean", "error"] = "first-piece"
    words: dict[str, dict[PlainText, LabelWords]]
    languages: tuple[str, ...] | None = None


class DefaultTemplates(Strict):
    """The template each form uses where a request names none."""

    cloze: str | None = None
    text2text: str | None = None
    soft: str | None = None


class Checked(Strict):
    """What a split of the hub held in one language when `xbench tasks check --hub` loaded it."""

    rows: StrictInt
    hash: PlainText


@dataclass(frozen=True)
class Verbalizer:
    """Label -> label words of one language, in the order of the task's labels."""

    words: Mapping[str, tuple[str, ...]]
    aggregate: Literal["max", "mean", "sum"]
    pieces: Literal["first-piece", "mean", "error"]
    language: str


def _files(value: Any) -> Any:
    """One source may serve all splits through `{split}` in its path."""
    one = isinstance(value, str) or (isinstance(value, dict) and "path" in value)
    return dict.fromkeys(SPLITS, value) if one else value


def _attribute_text(value: Any) -> Any:
    """A user's own attribute, `{name: n, function: "m:f"}`, as the one text that commands take as well: `n=m:f`."""
    if not isinstance(value, dict):
        return value
    if set(value) != {"name", "function"} or not all(isinstance(entry, str) for entry in value.values()):
        raise PydanticCustomError(
            "attribute", "an attribute is a name, module:function, or {name: NAME, function: 'module:function'}."
        )
    return f"{value['name']}={value['function']}"


class TaskSpec(Strict):
    """A task. Read one with `xbench.spec.registry.load_task`, which also checks what spans several keys.

    `role`: target tasks are trained on and tested; expanding ones give further training rows to methods that train on
    many tasks together. `language_sets` names some of the languages, such as a paper's. `unanswerable`: questions may
    have no answer in their context, and so may predictions.
    """

    name: str
    kind: Kind
    role: Role = "target"
    description: str
    paper: str | None = None
    fields: tuple[str, ...]
    labels: tuple[PlainText, ...] = ()
    languages: dict[str, Annotated[Language, BeforeValidator(_empty)]]
    source: str = "en"
    language_sets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unanswerable: StrictBool = False
    splits: dict[Split, SplitSources] = Field(default_factory=dict)
    files: Annotated[dict[Split, PathSource] | None, BeforeValidator(_files)] = None
    sample: SampleSource | None = None
    parallel: UnlabelledSource | None = None
    text: UnlabelledSource | None = None
    columns: Columns = Field(default_factory=dict)
    templates: dict[str, TemplateSpec] = Field(default_factory=dict)
    default_templates: DefaultTemplates = DefaultTemplates()
    verbalizers: dict[str, VerbalizerSpec] = Field(default_factory=dict)
    metrics: tuple[str, ...]
    attributes: tuple[Annotated[str, BeforeValidator(_attribute_text)], ...] = ()
    redistribute: StrictBool = True
    checked: dict[Split, dict[str, Checked]] = Field(default_factory=dict)
    parallel_training: StrictBool = False

    _file: Path = PrivateAttr(default=Path("task.yaml"))

    @field_validator("fields", "metrics", "languages")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        if not value:
            raise PydanticCustomError("empty", "expected at least one; found none.")
        return value

    @property
    def file(self) -> Path:
        """The YAML file this was read from; relative paths start at its folder."""
        return self._file

    @property
    def headline_metric(self) -> str:
        """The first metric."""
        return self.metrics[0]

    # --- languages and sources ---

    @property
    def language_list(self) -> tuple[str, ...]:
        """All languages, in the order of the file."""
        return tuple(self.languages)

    def code(self, language: str) -> str:
        """What the task's sources call a language; one that is not the task's goes by its own code."""
        return (self.languages[language].code if language in self.languages else None) or language

    def source_of(self, data: str) -> str:
        """The language to train in: the task's source, or the one that its sample data names for itself."""
        own = self.sample.source if data == "sample" and self.sample is not None else None
        return own or self.source

    @property
    def data_kinds(self) -> tuple[Data, ...]:
        """Of sample, hub and files those that this task can be read from."""
        return tuple(data for data in ("sample", "hub", "files") if self.split_source("test", data) is not None)

    def published(self, split: Split) -> tuple[TaskSource | HubSource | FileSource, ...]:
        """What `splits` says of one split: its source, or several for different languages."""
        given = self.splits.get(split, ())
        return given if isinstance(given, tuple) else (given,)

    def sources(self, split: Split, data: Data) -> tuple[Source, ...]:
        """Where a split comes from in one kind of data. `hub` is what `splits` says, `files` local copies."""
        published = self.published(split)
        if data == "sample" and self.sample is not None:
            return (self.sample,) if split in self.sample.rows else ()
        if data == "files" and self.files is not None and split in self.files:
            return (self.files[split], *(source for source in published if isinstance(source, TaskSource)))
        all_published = [source for name in self.splits for source in self.published(name)]
        kinds: dict[Data, tuple[type[Source], ...]] = {
            "sample": (TaskSource,),
            "files": (TaskSource, FileSource),
            "hub": (TaskSource, HubSource),
        }
        if any(isinstance(source, HubSource) for source in all_published):
            kinds["hub"] += (FileSource,)
        return tuple(source for source in published if isinstance(source, kinds[data]))

    def split_source(self, split: Split, data: Data, language: str | None = None) -> Source | None:
        """Where a split comes from in one kind of data: the source that has the language, else the first, or None."""
        sources = self.sources(split, data)
        fitting = [source for source in sources if source.languages is None or language in source.languages]
        return next(iter((*fitting, *sources)), None)

    def languages_of(self, data: Data, split: Split = "test") -> tuple[str, ...]:
        """Languages that have a split in one kind of data, in the task's order."""
        sources = self.sources(split, data)
        return tuple(
            language
            for language in self.languages
            if any(source.languages is None or language in source.languages for source in sources)
        )

    def text_source(self, language: str, data: Data) -> UnlabelledSample | HubSource | FileSource | None:
        """Where unlabelled text of a language comes from; with hub data from local files where the hub has none."""
        kinds: tuple[Data, ...] = ("hub", "files") if data == "hub" else (data,)
        sources = [source for kind in kinds if (source := getattr(self.text, kind, None)) is not None]
        return next((source for source in sources if source.languages is None or language in source.languages), None)

    def text_languages(self, data: Data) -> tuple[str, ...]:
        """Languages that the unlabelled text may be in; all where the source names none, or there is no source."""
        source = getattr(self.text, data, None)
        return (source and source.languages) or self.language_list

    # --- templates ---

    def template_name(self, form: Form, name: str | None = None) -> str:
        """The name itself, checked, or the default of the form. Raises RequestError with the nearest name."""
        if name is None:
            name = getattr(self.default_templates, form)
            if name is None:
                raise RequestError(
                    f"task '{self.name}' has no default {form} template; name one of its templates, or add "
                    f"'default_templates: {{{form}: NAME}}' to {self.file.name}.{nearest('', self._names(form))}"
                )
        if name not in self.templates:
            raise RequestError(f"task '{self.name}' has no template '{name}'.{nearest(name, self._names(form))}")
        if self.templates[name].text(form) is None:
            raise RequestError(
                f"template '{name}' of task '{self.name}' has no {_key(form)} text.{nearest('', self._names(form))}"
            )
        return name

    def template(self, form: Form, name: str | None, language: str) -> Template:
        """The template for a language. Raises RequestError where it has no text in that language."""
        name = self.template_name(form, name)
        text = self.templates[name].text(form)
        if isinstance(text, dict):
            if language not in text:
                raise RequestError(
                    f"template '{name}' of task '{self.name}' has no {_key(form)} text in '{language}', only in "
                    f"{', '.join(text)}. Use the source language's template, or add a translation to {self.file.name}."
                )
            text = text[language]
        assert text is not None
        return parse_template(text)

    def verbalizer(self, form: Form, name: str | None, language: str) -> Verbalizer:
        """The label words of a template for examples of a language. Raises RequestError where there are none.

        They are in that language, or in the one that a plain template declares to be written in.
        """
        name = self.template_name(form, name)
        language = self.templates[name].language or language
        chosen = self.templates[name].verbalizer
        if chosen is None:
            raise RequestError(f"template '{name}' of task '{self.name}' has no verbalizer, and so no label words.")
        spec = self.verbalizers[chosen]
        if language not in spec.words:
            raise RequestError(
                f"verbalizer '{chosen}' of task '{self.name}' has no words in '{language}', "
                f"only in {', '.join(spec.words)}. Use the source language's words, or add some to {self.file.name}."
            )
        words = {label: spec.words[language][label] for label in self.labels}
        return Verbalizer(words, spec.aggregate, spec.pieces, language)

    def template_languages(self, form: Form, name: str | None = None) -> tuple[str, ...]:
        """Languages for whose examples a template has a text and, where it has a verbalizer, label words."""
        spec = self.templates[self.template_name(form, name)]
        if spec.language is not None:
            return self.language_list
        text = spec.text(form)
        known = set(self.languages) if isinstance(text, str) else set(text or ())
        if spec.verbalizer is not None:
            known &= set(self.verbalizers[spec.verbalizer].words)
        return tuple(language for language in self.languages if language in known)

    def _names(self, form: Form) -> list[str]:
        return [name for name, spec in self.templates.items() if spec.text(form) is not None]


def _key(form: Form) -> str:
    return "text2text" if form == "text2text" else "cloze"

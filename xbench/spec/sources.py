"""Where a task's rows come from: the sample data, the hub, local files, or another task."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, StrictInt, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from xbench.spec.strict import PlainText, Strict, found

Split = Literal["train", "dev", "test"]
Data = Literal["sample", "hub", "files"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")


class Column(Strict):
    """Where a field, the gold answer or the id is read from, and how its raw values read here.

    `from` is a column, or a place inside its values: `options.A` is the entry A of objects, `answers.0` the first of a
    list. `map` turns raw values (of lists, each entry) into labels; rows whose raw value, or an entry of it, is in
    `drop` are left out and counted.
    Of answers to be found in a context: `starts: search` is for those that come as text alone, and start where the
    context has them first; `spans` names the column that has {start: [...], end: [...]} for each of them, as MRQA
    does. `misplaced: drop` leaves out and counts rows without an answer, or with one that is not at its place.
    """

    from_: str = Field(alias="from")
    map: dict[PlainText, PlainText] | None = None
    drop: tuple[PlainText, ...] = ()
    starts: Literal["given", "search"] = "given"
    spans: str | None = None
    misplaced: Literal["error", "drop"] = "error"


def _column(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


Columns = dict[str, Annotated[Column, BeforeValidator(_column)]]

Format = Literal["csv", "tsv", "json", "jsonl", "parquet", "lines", "conllu", "conll", "squad"]
FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".parquet": "parquet",
    ".txt": "lines",
    ".conllu": "conllu",
    ".conll": "conll",
    ".iob2": "conll",
}

# Options that only some formats have.
_FORMATS_WITH: dict[str, tuple[Format, ...]] = {
    "column_names": ("csv", "tsv", "conll"),
    "separator": ("csv", "tsv", "conll"),
    "quoting": ("csv", "tsv"),
    "header": ("csv", "tsv"),
    "comments": ("conll",),
}


class FileSource(Strict):
    """Local files; `{language}`, `{code}` and `{split}` in the path are filled in. UTF-8.

    A relative path starts at the folder of the task's YAML file, `{data}` at the user's own folder of data sets
    (`$XBENCH_DATA`, by default `data` where the command runs). `obtain` says how to come by files that nobody may pass
    on; who asks for them without having them reads it. `where: {id: "{code}-"}` keeps the rows whose `id` begins so,
    for files of several languages. `column_names` are for files without a header line, or, with `header: true`, instead
    of the one there is.
    `quoting: csv` reads double quotes as RFC 4180 does, `none` takes them as text. `lines` is plain text: one row a
    line, in the column `text`. `conll` is one token a line and a blank line after each sentence, a row being a
    sentence and its columns lists; its columns are `tokens` and `tags` unless `column_names` says otherwise, and lines
    before a sentence that begin with the text `comments` are none of its tokens. `conllu` is the format of Universal
    Dependencies (columns id, text, tokens, lemmas, upos, xpos), `squad` the JSON of SQuAD (columns id, title, context,
    question, answers).
    """

    path: str
    format: Format | None = None  # by default what the name ends with
    column_names: tuple[str, ...] | None = None
    header: StrictBool | None = None  # by default the first line names the columns where column_names does not
    separator: str | None = None  # by default ',' for csv and a tab for tsv and conll
    quoting: Literal["none", "csv"] | None = None  # by default csv for csv and none for tsv
    comments: str | None = None  # by default no line is a comment
    languages: tuple[str, ...] | None = None
    where: dict[str, PlainText] = Field(default_factory=dict)
    obtain: str | None = None
    columns: Columns = Field(default_factory=dict)

    @field_validator("separator")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        if value is not None and (len(value) != 1 or value in '"\r\n'):
            raise PydanticCustomError(
                "separator", "expected one character, such as ';' or \"\\t\"; found '{v}'.", {"v": value}
            )
        return value

    @model_validator(mode="after")
    def _readable(self) -> FileSource:
        ending = PurePath(self.path).suffix
        if self.format is None and ending not in FORMATS:
            raise PydanticCustomError(
                "format",
                "the path '{path}' ends with no known format; add 'format:' ({formats}).",
                {"path": self.path, "formats": ", ".join(get_args(Format))},
            )
        for name, formats in _FORMATS_WITH.items():
            if getattr(self, name) is not None and self.resolved_format not in formats:
                raise PydanticCustomError(
                    "format",
                    "'{name}' is for {formats} files only; this one is {format}.",
                    {"name": name, "formats": " and ".join(formats), "format": self.resolved_format},
                )
        if self.header is False and self.column_names is None:
            raise PydanticCustomError("format", "without a header line, 'column_names' has to name the columns.")
        return self

    @property
    def resolved_format(self) -> Format:
        """The declared format, or the one the file name ends with."""
        return self.format or FORMATS[PurePath(self.path).suffix]


class HubSource(Strict):
    """A dataset of the hub (or a local folder laid out like one), read by `datasets.load_dataset`.

    `{language}` and `{code}` in `config` and `folder` are filled in. `folder` is where in the dataset the files lie,
    for revisions without configs, such as the parquet files that the hub made of a loading script. `split` is by
    default `train`, `validation` for dev, `test`. `where` keeps the rows whose column begins as it says, for configs of
    several languages.
    """

    hub: str
    config: str | None = None
    folder: str | None = None
    split: str | None = None
    revision: PlainText | None = None
    languages: tuple[str, ...] | None = None
    where: dict[str, PlainText] = Field(default_factory=dict)
    columns: Columns = Field(default_factory=dict)


class TaskSource(Strict):
    """The same split of another task, which has the same fields and labels."""

    task: str
    split: Split | None = None
    languages: tuple[str, ...] | None = None


class SampleSource(Strict):
    """Rows of the embedded sample data, made by one of its generators.

    `source` is the language to train in, where it is another than the task's own.
    """

    generator: str
    rows: dict[Split, StrictInt]
    languages: tuple[str, ...]
    source: str | None = None
    columns: Columns = Field(default_factory=dict)


def _path(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _source_kind(value: Any) -> str:
    if not isinstance(value, dict):
        value = value.model_dump() if isinstance(value, Strict) else {}
    for key in ("task", "hub", "path"):
        if key in value:
            return f"<{key}>"
    return "<unknown>"


def _refuse(value: Any) -> Any:
    raise PydanticCustomError(
        "source",
        'expected a source: {{hub: owner/name, ...}}, {{path: "data/{{language}}.tsv", ...}} or {{task: other-task}}; '
        "found {found}.",
        {"found": found(value)},
    )


PathSource = Annotated[FileSource, BeforeValidator(_path)]

SplitSource = Annotated[
    Annotated[TaskSource, Tag("<task>")]
    | Annotated[HubSource, Tag("<hub>")]
    | Annotated[FileSource, Tag("<path>")]
    | Annotated[Any, BeforeValidator(_refuse), Tag("<unknown>")],
    Discriminator(_source_kind),
]


def _one_or_several(value: Any) -> str:
    return "<several>" if isinstance(value, list | tuple) else "<one>"


# Where languages come from different places, a list: the first source that has a language serves it.
SplitSources = Annotated[
    Annotated[SplitSource, Tag("<one>")] | Annotated[tuple[SplitSource, ...], Tag("<several>")],
    Discriminator(_one_or_several),
]


class UnlabelledSample(Strict):
    """Sample data without labels: plain text, or sentence pairs that are parallel across languages."""

    generator: str
    rows: StrictInt = 2000
    languages: tuple[str, ...]
    columns: Columns = Field(default_factory=dict)


class UnlabelledSource(Strict):
    """Text without labels, for each kind of data: plain (`text`) or aligned row by row across languages (`parallel`).

    Rows of two languages belong together by their `id` column if `columns` names one, else by their order.
    """

    sample: UnlabelledSample | None = None
    hub: HubSource | None = None
    files: PathSource | None = None


Source = TaskSource | HubSource | FileSource | SampleSource

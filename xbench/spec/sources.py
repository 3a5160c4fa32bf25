"""Where a task's rows come from: the sample data, the hub, local files, or another task."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, StrictInt, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from xbench.spec.strict import PlainText, Strict, found

Split = Literal["train", "dev", "test"]
Data = Literal["sample", "hub", "files"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")


class Column(Strict):
    """Where a field, the gold answer or the id is read from, and how its raw values read here.

    `from` is a column, or a place inside its values: `options.A` is the entry A of objects, `answers.0` the first of a
    list. `map` turns raw values into labels; rows whose raw value is in `drop` are left out and counted.
    """

    from_: str = Field(alias="from")
    map: dict[PlainText, PlainText] | None = None
    drop: tuple[PlainText, ...] = ()


def _column(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


Columns = dict[str, Annotated[Column, BeforeValidator(_column)]]

FORMATS = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "jsonl", ".parquet": "parquet", ".txt": "lines"}
Format = Literal["csv", "tsv", "json", "jsonl", "parquet", "lines"]


class FileSource(Strict):
    """Local files; `{language}`, `{code}` and `{split}` in the path are filled in. UTF-8.

    A relative path starts at the folder of the task's YAML file, `{data}` at the user's own folder of data sets
    (`$XBENCH_DATA`, by default `data` where the command runs). `obtain` says how to come by files that nobody may pass
    on; who asks for them without having them reads it. `where: {id: "{code}-"}` keeps the rows whose `id` begins so,
    for files of several languages. `column_names` are for files without a header line.
    `quoting: csv` reads double quotes as RFC 4180 does, `none` takes them as text. `lines` is plain text: one row a
    line, in the column `text`.
    """

    path: str
    format: Format | None = None  # by default what the name ends with
    column_names: tuple[str, ...] | None = None
    separator: str | None = None  # by default ',' for csv and a tab for tsv
    quoting: Literal["none", "csv"] | None = None  # by default csv for csv and none for tsv
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
                "the path '{path}' ends with no known format; add 'format:' (csv, tsv, json, jsonl, parquet, lines).",
                {"path": self.path},
            )
        if self.resolved_format not in ("csv", "tsv"):
            for name in ("column_names", "separator", "quoting"):
                if getattr(self, name) is not None:
                    raise PydanticCustomError("format", "'{name}' is for csv and tsv files only.", {"name": name})
        return self

    @property
    def resolved_format(self) -> Format:
        """The declared format, or the one the file name ends with."""
        return self.format or FORMATS[PurePath(self.path).suffix]  # type: ignore[return-value]


class HubSource(Strict):
    """A dataset of the hub (or a local folder laid out like one), read by `datasets.load_dataset`.

    `{language}` and `{code}` in `config` are filled in. `split` is by default `train`, `validation` for dev, `test`.
    `where` keeps the rows whose column begins as it says, for configs of several languages.
    """

    hub: str
    config: str | None = None
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
    """Rows of the embedded sample data, made by one of its generators."""

    generator: str
    rows: dict[Split, StrictInt]
    languages: tuple[str, ...]
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

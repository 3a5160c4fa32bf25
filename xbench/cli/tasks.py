"""`xbench tasks`: list, show, check, start and export task specs.

What a command finds is printed on stdout, remarks about it on stderr. Everything heavy is imported inside the functions
that need it; listing needs neither a YAML reader nor pydantic.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from xbench.spec.sources import FileSource, HubSource, TaskSource
    from xbench.spec.task import TaskSpec

app = typer.Typer(no_args_is_help=True, help="The tasks: list, show, check, start a new one, export its inputs.")

Directories = Annotated[list[Path] | None, typer.Option("--tasks-dir", help="A folder of your own tasks; repeatable.")]


def show_task(name: str, directories: Sequence[Path] = ()) -> Iterator[str]:
    """The lines that tell what a task is: labels, languages, data, templates with their authors, verbalizers."""
    from xbench.spec.registry import load_task

    task = load_task(name, directories)
    yield f"{task.name}: {task.description}"
    yield f"  file        {task.file}"
    yield f"  paper       {task.paper or '-'}"
    yield f"  kind        {task.kind} ({task.role}), fields {', '.join(task.fields)}"
    yield f"  labels      {', '.join(task.labels) or '-'}"
    yield f"  languages   {', '.join(task.language_list)} (source {task.source})"
    yield from (f"              {name}: {', '.join(languages)}" for name, languages in task.language_sets.items())
    for data in task.data_kinds:
        source = f" (source {task.source_of(data)})" if task.source_of(data) != task.source else ""
        yield f"  {data:<11} {', '.join(task.languages_of(data))}{source}"
    for split in task.splits:
        yield f"  {split:<11} {'; '.join(map(_source_shown, task.published(split)))}"
    gold = [("columns", task.columns), ("sample", task.sample.columns if task.sample else {})]
    for place, columns in gold:
        if "gold" in columns and columns["gold"].drop:
            yield f"  dropped     rows whose '{columns['gold'].from_}' is {', '.join(columns['gold'].drop)} ({place})"
        if "gold" in columns and columns["gold"].misplaced == "drop":
            yield f"  dropped     rows whose '{columns['gold'].from_}' is not where it is said to be ({place})"
    yield f"  metrics     {', '.join(task.metrics)}"
    yield f"  attributes  {', '.join(task.attributes) or '-'}"
    yield f"  texts       {'may be shown on sites' if task.redistribute else 'may not be redistributed'}"
    yield from _template_lines(task)


def _source_shown(source: TaskSource | HubSource | FileSource) -> str:
    """A published source: what it is, and which languages it serves where not all."""
    from xbench.spec.sources import HubSource, TaskSource

    if isinstance(source, TaskSource):
        shown = f"task {source.task}"
    elif isinstance(source, HubSource):
        parts = (source.hub, source.config or source.folder, source.split, source.revision)
        shown = f"hub {' '.join(part for part in parts if part)}"
    else:
        shown = source.path
    return f"{shown} ({', '.join(source.languages)})" if source.languages else shown


def _template_lines(task: TaskSpec) -> Iterator[str]:
    from xbench.spec.task import FORMS

    defaults = {getattr(task.default_templates, form): form for form in FORMS}
    for name, spec in task.templates.items():
        for form, text in (("cloze", spec.cloze), ("text2text", spec.text2text)):
            if text is None:
                continue
            mark = f", default for {defaults[name]}" if name in defaults else ""
            plain = f"every language, in {spec.language}" if spec.language else "every language"
            languages = ", ".join(text) if isinstance(text, dict) else plain
            yield f"  template    {name} ({form}; author {spec.author}; {languages}{mark})"
            shown = text.get(task.source, next(iter(text.values()))) if isinstance(text, dict) else text
            yield f"              {shown}"
    for name, verbalizer in task.verbalizers.items():
        language = task.source if task.source in verbalizer.words else next(iter(verbalizer.words))
        words = ", ".join(f"{label}: {'/'.join(of_label)}" for label, of_label in verbalizer.words[language].items())
        yield f"  verbalizer  {name} (author {verbalizer.author}; {', '.join(verbalizer.words)})"
        yield f"              {language}: {words}"


def check_task_files(
    files: Sequence[str | Path],
    *,
    directories: Sequence[Path] = (),
    data: str | None = None,
    model: str | None = None,
    languages: Sequence[str] | None = None,
) -> Iterator[str]:
    """Check task files or tasks by name; the lines of the report, remarks beginning with 'warning:'.

    Validates each file, loads its rows in every language and split, renders and tokenizes an example a language.
    Raises SpecError, DataError, RequestError or BackboneError at the first thing that is wrong.
    """
    from xbench.cli.task_check import check_task

    for file in files:
        yield from check_task(file, directories=directories, data=data, model=model, languages=languages)


def new_task(name: str, folder: Path | None = None, kind: str = "classification") -> str:
    """A commented starter spec; written as NAME.yaml into `folder` where one is given, with a few rows in files beside.

    Raises RequestError for a name or kind that is none, and where a file is there already.
    """
    from xbench.cli.task_starter import starter
    from xbench.cli.task_starter_files import write_starter_files
    from xbench.errors import RequestError

    text = starter(name, kind)
    if folder is not None:
        path = folder / f"{name}.yaml"
        if (folder / name).exists():
            raise RequestError(f"{folder / name} is there already; choose another name, or remove it.")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise RequestError(f"{path} is there already; choose another name, or remove it.") from None
        except OSError as error:
            raise RequestError(f"{path} cannot be written: {error.strerror}.") from None
        write_starter_files(name, kind, folder)
    return text


def export_task(
    name: str,
    *,
    data: str,
    split: str = "test",
    languages: Sequence[str] | None = None,
    directories: Sequence[Path] = (),
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Ids and fields of the examples, without gold, for others to predict; tokens as a list.

    Raises RequestError for a task, split, language or kind of data that there is none of.
    """
    from xbench.answers import text_list
    from xbench.cli.task_check import data_kind
    from xbench.data.load import load_examples
    from xbench.errors import RequestError, nearest
    from xbench.spec.registry import load_task
    from xbench.spec.sources import SPLITS

    if split not in SPLITS:
        raise RequestError(f"'{split}' is no split.{nearest(split, SPLITS)}")
    task = load_task(name, directories)
    kind = data_kind(task, data)
    for language in languages or task.languages_of(kind, split):
        examples = load_examples(task, split, language, kind, directories=directories, limit=limit)
        for index, identity in enumerate(examples.ids):
            fields: dict[str, Any] = {field: column[index] for field, column in examples.fields.items()}
            if task.kind == "tagging":
                fields["tokens"] = text_list(fields["tokens"])
            yield {"task": task.name, "language": language, "id": identity, **fields}


@app.command("list")
def _list(
    role: Annotated[str | None, typer.Option(help="Only target or only expanding tasks.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only tasks of this kind, such as tagging.")] = None,
    names: Annotated[bool, typer.Option("--names", help="A name and a line a task of a role, no more.")] = False,
    format_: Annotated[str, typer.Option("--format", help="table, csv, json or markdown")] = "table",
    tasks_dir: Directories = None,
) -> None:
    """The tasks there are: kind, role, languages, rows, metrics, paper and source of each.

    Rows are those of train, dev and test: of each language in the sample data, or, where 'xbench tasks check --hub' has
    counted them, on the hub in all languages together.
    """
    from xbench.cli.task_list import check_choice, headings, write_list
    from xbench.cli.task_starter import STARTERS

    check_choice("role", role, ("target", "expanding"))
    check_choice("kind", kind, tuple(STARTERS))
    if names:
        shown = _described(role, tasks_dir or ())
        width = max(map(len, shown), default=0)
        for name, description in shown.items():
            print(f"{name:<{width}}  {description}")
        return
    found = [
        heading
        for heading in headings(tasks_dir or ())
        if role in (None, heading.role) and kind in (None, heading.kind)
    ]
    write_list(found, format_, sys.stdout)


def _described(role: str | None, directories: Sequence[Path]) -> dict[str, str]:
    """Names and one-line descriptions of the tasks of a role, or of all; reads no more of the files than that."""
    from xbench.spec.registry import describe_tasks, target_tasks

    targets = set(target_tasks(directories))
    return {
        name: description
        for name, description in describe_tasks(directories).items()
        if role is None or (name in targets) == (role == "target")
    }


@app.command("show")
def _show(name: str, tasks_dir: Directories = None) -> None:
    """What a task is: labels, languages, data, templates, verbalizers."""
    for line in show_task(name, tasks_dir or ()):
        print(line)


@app.command("check")
def _check(
    files: Annotated[list[str], typer.Argument(help="Task files, or names of tasks.")],
    data: Annotated[str | None, typer.Option(help="sample, hub or files; by default what needs no network.")] = None,
    model: Annotated[str | None, typer.Option(help="Whose tokenizer to look through; by default micro-xlmr.")] = None,
    languages: Annotated[str | None, typer.Option(help="Only these, such as en,de.")] = None,
    hub: Annotated[
        bool, typer.Option("--hub", help="Load all from the hub; write revisions, rows and hashes into the files.")
    ] = False,
    tasks_dir: Directories = None,
) -> None:
    """Validate task files, load their rows, and show an example a language as a model gets it."""
    from xbench.cli.task_hub import check_hub

    chosen = [part.strip() for part in languages.split(",")] if languages else None
    checks = check_task_files(files, directories=tasks_dir or (), data=data, model=model, languages=chosen)
    if hub:
        checks = (line for file in files for line in check_hub(file, directories=tasks_dir or (), languages=chosen))
    for line in checks:
        print(line, file=sys.stderr if line.startswith("warning:") else sys.stdout)


@app.command("new")
def _new(
    name: Annotated[str, typer.Argument(help="Small letters, digits, '-' and '_'; also the name of the file.")],
    kind: Annotated[
        str, typer.Option(help="classification, tagging, extractive-qa, multiple-choice or generation")
    ] = "classification",
    to: Annotated[Path, typer.Option(help="The folder the files go into.")] = Path("."),
    show: Annotated[bool, typer.Option("--print", help="Print it instead of writing it.")] = False,
) -> None:
    """Write NAME.yaml, a commented task of a kind, and a folder NAME with a few rows that work at once."""
    text = new_task(name, None if show else to, kind)
    if show:
        print(text, end="")
    else:
        print(
            f"wrote {to / name}.yaml and rows in {to / name}; put yours in their place, then run: "
            f"xbench tasks check {to / name}.yaml",
            file=sys.stderr,
        )


@app.command("export")
def _export(
    name: str,
    data: Annotated[str, typer.Option(help="sample, hub or files.")],
    split: Annotated[str, typer.Option(help="train, dev or test.")] = "test",
    languages: Annotated[str | None, typer.Option(help="Only these, such as en,de.")] = None,
    limit: Annotated[int | None, typer.Option(help="As many rows of each language, spread over the whole.")] = None,
    tasks_dir: Directories = None,
) -> None:
    """Print ids and inputs as JSON lines, for predictions made elsewhere."""
    chosen = [part.strip() for part in languages.split(",")] if languages else None
    rows = export_task(name, data=data, split=split, languages=chosen, directories=tasks_dir or (), limit=limit)
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))

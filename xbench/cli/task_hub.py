"""`xbench tasks check --hub`: load what is on the hub, compare it with the spec, and pin what was found in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xbench.data.load import load_examples
from xbench.data.source_tables import published_table
from xbench.errors import DataError, RequestError, SpecError
from xbench.spec.registry import load_task
from xbench.spec.sources import SPLITS, HubSource, Split
from xbench.spec.task import Checked, TaskSpec
from xbench.spec.yaml import KeyPath, read_yaml, read_yaml_text

_PINNED = re.compile(r"[0-9a-f]{40}\Z")
_REVISION = re.compile(r"(\brevision:\s*)(\"[^\"]*\"|'[^']*'|[^,}\s#]+)")
_CHECKED = re.compile(
    r"(?:^# Written by `xbench tasks check --hub`.*\n)?^checked:.*\n(?:[ \t#].*\n|\n(?=[ \t]))*", re.MULTILINE
)
_HEAD = "# Written by `xbench tasks check --hub`: what each split held when it was loaded at its revision.\n"


@dataclass(frozen=True)
class Place:
    """A hub source of a task and where it stands in the file."""

    key: KeyPath
    source: HubSource


def check_hub(
    file: str | Path, *, directories: Sequence[Path] = (), languages: Sequence[str] | None = None
) -> Iterator[str]:
    """Pin the revision of each hub set, load every split of it, and write revisions, rows and content hashes into the
    task's file, whose comments and order stay. The lines of the report; remarks begin with 'warning:'.

    Raises RequestError for a task without hub sources, DataError where something does not load or fit; the file is
    then as it was.
    """
    task = load_task(file, directories)
    found = list(hub_places(task))
    if not found:
        raise RequestError(f"task '{task.name}' reads nothing from the hub; its data: {', '.join(task.data_kinds)}.")
    before = task.file.read_text(encoding="utf-8")
    text, remarks = pinned(before, task.file, {place.key: _commit(place.source, task) for place in found})
    try:
        _write(task.file, text)
        yield f"{task.name} ({task.file})"
        yield from (f"warning: {task.name}, {remark}" for remark in remarks)
        task = load_task(task.file, directories)
        yield from _label_remarks(task, languages)
        checked = {split: dict(entries) for split, entries in task.checked.items()}
        yield "rows on the hub (split, language, rows, dropped, content hash)"
        for split in SPLITS:
            for language in _hub_languages(task, split, languages):
                examples = load_examples(task, split, language, "hub", directories=directories)
                checked.setdefault(split, {})[language] = Checked(rows=len(examples), hash=examples.content_hash)
                yield f"  {split:<5}  {language:<7} {len(examples):>8} {examples.dropped:>6}  {examples.content_hash}"
        _write(task.file, with_checked(text, task.file, checked))
    except BaseException:
        _write(task.file, before)
        raise
    yield f"wrote revisions, rows and content hashes into {task.file}"


def hub_places(task: TaskSpec) -> Iterator[Place]:
    """Every hub source of a task: of splits, of parallel text, of text."""
    for split, given in task.splits.items():
        for number, source in enumerate(task.published(split)):
            if isinstance(source, HubSource):
                yield Place(("splits", split, number) if isinstance(given, tuple) else ("splits", split), source)
    for section, unlabelled in (("parallel", task.parallel), ("text", task.text)):
        if unlabelled is not None and unlabelled.hub is not None:
            yield Place((section, "hub"), unlabelled.hub)


def _hub_languages(task: TaskSpec, split: Split, wanted: Sequence[str] | None) -> list[str]:
    """The languages whose rows of a split are on the hub, and not another task's."""
    return [
        language
        for language in task.languages_of("hub", split)
        if language in (wanted or task.languages) and isinstance(task.split_source(split, "hub", language), HubSource)
    ]


def _commit(source: HubSource, task: TaskSpec) -> str | None:
    """The commit that a source's revision is today; None for a local folder, and where it is a commit already.

    Raises DataError where the hub does not answer.
    """
    if source.hub.startswith((".", "/")) or _PINNED.match(source.revision or ""):
        return None
    from huggingface_hub import HfApi

    try:
        return HfApi().dataset_info(source.hub, revision=source.revision).sha
    except Exception as error:  # the hub client raises many kinds
        reason = " ".join(str(error).split())[:200]
        raise DataError(
            f"task '{task.name}': the hub tells nothing of {source.hub}: {type(error).__name__}: {reason}"
        ) from None


def pinned(text: str, path: Path, commits: Mapping[KeyPath, str | None]) -> tuple[str, list[str]]:
    """The file with the revision of each source (by its place) set, and what could not be written, with what to add."""
    document = read_yaml_text(text, path)
    lines = text.splitlines(keepends=True)
    remarks = []
    for key, commit in commits.items():
        if commit is None:
            continue
        number = document.lines.get((*key, "revision"), 0)
        if not number or len(_REVISION.findall(lines[number - 1])) != 1:
            where = ".".join(map(str, key))
            remarks.append(f"{where}: its revision could not be written; give it a line with 'revision: {commit}'")
            continue
        lines[number - 1] = _REVISION.sub(lambda found, commit=commit: f"{found[1]}{commit}", lines[number - 1])  # type: ignore[misc]
    return "".join(lines), remarks


def with_checked(text: str, path: Path, checked: Mapping[Split, Mapping[str, Checked]]) -> str:
    """The file with the block `checked:` replaced, or put at its end."""
    block = _HEAD + "checked:\n"
    for split in SPLITS:
        if split in checked:
            block += f"  {split}:\n"
            block += "".join(
                f'    {language}: {{rows: {found.rows}, hash: "{found.hash}"}}\n'
                for language, found in checked[split].items()
            )
    if not text.endswith("\n"):
        text += "\n"
    if "checked" in read_yaml_text(text, path).data:
        return _CHECKED.sub(lambda _: block, text, count=1)
    return f"{text}\n{block}"


def _label_remarks(task: TaskSpec, wanted: Sequence[str] | None) -> Iterator[str]:
    """Where the set's own names of its class labels are not those that the task's map gives their numbers."""
    for split in SPLITS:
        for source in task.published(split):
            if not isinstance(source, HubSource):
                continue
            language = next((lang for lang in source.languages or task.languages if lang in (wanted or [lang])), None)
            gold = {**task.columns, **source.columns}.get("gold")
            if language is None or gold is None:
                continue
            names = published_table(task, source, split, language).label_names.get(gold.from_, ())
            for number, name in enumerate(names):
                label = (gold.map or {}).get(str(number))
                if label is not None and _bare(label) != _bare(name):
                    yield (
                        f"warning: {task.name}, {split}: the set calls label {number} '{name}', the task '{label}'; "
                        "see that they are the same"
                    )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _write(path: Path, text: str) -> None:
    try:
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SpecError(
            f"cannot be written: {error.strerror}. Copy the file into a folder of your own and check it there.",
            file=path,
        ) from None
    read_yaml(path)

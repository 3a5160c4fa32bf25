"""The examples pages: what every system answered to every example, a page a task and language, in parts of 100.

Each page works without scripts. With them all examples of the language are one table, with filters; the systems'
answers lie in files of their own, read as systems are chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from xbench.diagnosis.answers import readable
from xbench.site.collect import slug
from xbench.site.sheets import Sheet, SystemAnswers, answers_frame, filled, longest_text, places, sheets_of
from xbench.site.survey import Survey
from xbench.site.text import inert
from xbench.site.workers import Workers
from xbench.site.writing import Writer, script_json

if TYPE_CHECKING:
    from xbench.spec.task import TaskSpec

IN_PART = 100
IN_FILE = 1_000_000  # characters of the answers that one file has
LONGEST_ANSWER = 300
NAMED = 6  # systems that a page without scripts names beside an answer
FEW_ANSWERS = 100_000  # are not worth a process
BUCKET_ORDER = ("XS", "S", "L", "XL", *map(str, range(1, 10)))


@dataclass(frozen=True)
class SheetRequest:
    """A sheet to write at `place`; `others` are all of the task, `groups` the titles of the realm's, by letter."""

    writer: Writer
    sheet: Sheet
    spec: TaskSpec | None
    place: str
    others: tuple[dict[str, str], ...]
    groups: Mapping[str, str]


@dataclass(frozen=True)
class ExamplePages:
    """The pages on which the answers of (a system's key, task, language) are, and their files as they are written."""

    pages: Mapping[tuple[str, str, str], str]
    files: Iterator[list[str]]


def begin_examples(writer: Writer, survey: Survey, workers: Workers) -> ExamplePages:
    """Writes `examples/index.html`; sets the processes to write the pages and data of every task and language."""
    rows, requests, frames = [], [], []
    pages: dict[tuple[str, str, str], str] = {}
    groups = {group.letter: group.title for group in survey.realm.groups}
    own = replace(writer, written=[])  # its copies travel to other processes
    for task in survey.realm.tasks:
        sheets = sheets_of(survey, task)
        named = list(zip(sheets, places(sheets), strict=True))
        others = tuple({"text": _name(one, sheets), "place": where} for one, where in named)
        for sheet, place in named:
            pages |= {(system.key, task, sheet.language): f"{place}.html" for system in sheet.systems}
            requests.append(SheetRequest(own, sheet, survey.specs[task], place, others, groups))
        spec = survey.specs[task]
        links = [(_name(sheet, sheets), place, len(sheet)) for sheet, place in named]
        rows.append({"task": task, "links": links, "shows_texts": spec is not None and spec.redistribute})
        frames.append((own, f"downloads/examples/{slug(task)}", tuple(sheets)))
    many = sum(len(request.sheet) * len(request.sheet.systems) for request in requests) > FEW_ANSWERS
    writer.page("examples/index.html", "examples.html", "Examples", rows=rows)
    sheets_written = workers.begin(write_sheet, requests, enough=many)
    answers_written = workers.begin(write_answers, frames, enough=many)
    return ExamplePages(pages, chain(sheets_written, answers_written))


def write_answers(given: tuple[Writer, str, tuple[Sheet, ...]]) -> list[str]:
    """Writes all answers of a task to download; the files."""
    from xbench.site.downloads import write_frame

    writer, path, sheets = given
    writer = replace(writer, written=[])
    write_frame(writer, path, answers_frame(sheets))
    return writer.written


def _name(sheet: Sheet, sheets: Sequence[Sheet]) -> str:
    repeated = sum(one.language == sheet.language for one in sheets) > 1
    return f"{sheet.language} ({len(sheet)} examples)" if repeated else sheet.language


def write_sheet(request: SheetRequest) -> list[str]:
    """Writes the pages of a sheet and what its script reads; the files."""
    writer, place = replace(request.writer, written=[]), request.place
    sheet = filled(request.sheet, request.spec)
    kind = request.spec.kind if request.spec else ""
    parts = [range(start, min(start + IN_PART, len(sheet))) for start in range(0, len(sheet), IN_PART)]
    files = _answer_files(sheet, kind)
    data = _data(sheet, request.groups, kind, files, place.rpartition("/")[2])
    writer.file(f"{place}.js", f"window.xbenchExamples = {script_json(data)};\n")
    for number, texts in enumerate(files, start=1):
        writer.file(_answers_place(place, number), _answers_script(texts))
    for number, part in enumerate(parts, start=1):
        writer.page(
            _part_place(place, number),
            "sheet.html",
            f"{sheet.task} in {sheet.language}",
            sheet=sheet,
            rows=[_row(sheet, index, kind) for index in part],
            number=number,
            pages=[_part_place(place, one) for one in range(1, len(parts) + 1)],
            first=part[0] + 1,
            last=part[-1] + 1,
            data=f"{place}.js",
            answers=_answers_place(place, 1),
            others=request.others,
            place=place,
            download=f"downloads/examples/{slug(sheet.task)}",
        )
    return writer.written


def _part_place(place: str, number: int) -> str:
    return f"{place}.html" if number == 1 else f"{place}-{number}.html"


def _answers_place(place: str, number: int) -> str:
    return f"{place}-answers-{number}.js"


def _shown(text: str, kind: str) -> str:
    return inert(readable(text, kind), LONGEST_ANSWER)


def _row(sheet: Sheet, index: int, kind: str) -> dict[str, Any]:
    given: dict[str, list[str]] = {}
    right = seeds = 0
    for system in sheet.systems:
        one = system.answers
        code = int(one.codes[index])
        given.setdefault(one.texts[code] if code >= 0 else "", []).append(system.label)
        right += int(one.right[index])
        seeds += one.seeds
    answers = [
        {
            "text": _shown(text, kind),
            "count": len(systems),
            "systems": ", ".join(systems[:NAMED]),
            "more": len(systems) > NAMED,
        }
        for text, systems in sorted(given.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    return {
        "id": inert(sheet.ids[index], 80),
        "gold": _shown(sheet.gold[index], kind) if sheet.shows_answers else "",
        "answers": answers[:NAMED] if sheet.shows_answers else [],
        "fields": [(name, readable(text, kind)) for name, text in zip(sheet.names, sheet.fields[index], strict=True)]
        if sheet.fields
        else [],
        "right": right / max(seeds, 1),
        "other_answers": max(0, len(answers) - NAMED) if sheet.shows_answers else 0,
    }


def _data(
    sheet: Sheet, groups: Mapping[str, str], kind: str, files: Sequence[Mapping[str, str]], name: str
) -> dict[str, Any]:
    """What the page's script shows but for the answers; gold answers are places in a list, so that they stay small."""
    golds = list(dict.fromkeys(sheet.gold)) if sheet.shows_answers else [""]
    few = len(golds) < len(sheet)
    longest = min(LONGEST_ANSWER, longest_text(len(golds)))
    numbers = {text: number for number, text in enumerate(golds)}
    file_of = {key: number for number, texts in enumerate(files, start=1) for key in texts}
    return {
        "ids": [inert(id, 80) for id in sheet.ids],
        "golds": [inert(readable(text, kind), longest) for text in golds],
        "gold": [numbers.get(text, 0) for text in sheet.gold] if few else None,
        "names": sheet.names,
        "fields": [[readable(text, kind) for text in texts] for texts in sheet.fields],
        "language": sheet.language,
        "showsAnswers": sheet.shows_answers,
        "name": name,
        "buckets": {name: _coded(values) for name, values in sheet.buckets.items()},
        "systems": [
            {"key": one.key, "label": inert(one.label, 80), "group": one.group, "file": file_of[one.key]}
            for one in sheet.systems
        ],
        "groups": groups,
    }


def _coded(values: Sequence[str]) -> dict[str, Any]:
    names = sorted(set(values) - {""}, key=BUCKET_ORDER.index)
    return {"names": names, "codes": [names.index(value) if value else -1 for value in values]}


def _answer_files(sheet: Sheet, kind: str) -> list[dict[str, str]]:
    """The answers by system's key, each as JSON, divided into files of about the same size."""
    files: list[dict[str, str]] = [{}]
    size = 0
    for system in sheet.systems:
        text = script_json(_answers(system, sheet.shows_answers, kind))
        if files[-1] and size + len(text) > IN_FILE:
            files.append({})
            size = 0
        files[-1][system.key] = text
        size += len(text)
    return files


def _answers(system: SystemAnswers, shown: bool, kind: str) -> dict[str, Any]:
    """Answers are places in a list of texts, -1 for one outside the label set; none where they may not be shown."""
    one = system.answers
    return {
        "seeds": one.seeds,
        "texts": [_shown(text, kind) for text in one.texts] if shown else [],
        "codes": one.codes.tolist() if shown else None,
        "right": one.right.tolist(),
        "values": None if one.values is None else [round(float(value), 3) for value in one.values],
    }


def _answers_script(texts: Mapping[str, str]) -> str:
    lines = [f"window.xbenchAnswers[{script_json(key)}] = {text};\n" for key, text in texts.items()]
    return "".join(["window.xbenchAnswers ||= {};\n", *lines])

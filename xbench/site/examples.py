"""The examples pages: what every system answered to every example, a page a task and language, in parts of 100.

Each page works without scripts. With them all examples of the language are one table, with filters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy

from xbench.errors import XbenchError
from xbench.site.collect import System, slug
from xbench.site.survey import Survey
from xbench.site.task import languages_in_order
from xbench.site.text import LONGEST, inert
from xbench.site.writing import Writer, script_json

if TYPE_CHECKING:
    import pandas

    from xbench.site.findings import LanguageAnswers

IN_PART = 100
MOST_TEXT = 2_500_000  # characters of all texts of one page together
NAMED = 6  # systems that a page without scripts names beside an answer
BUCKETS = 4


@dataclass(frozen=True)
class Sheet:
    """The examples of one task and language, and the systems that answered them.

    `fields` are the texts of each example, none where they may not be shown; `buckets` has, by attribute, the bucket of
    each example ("" for none).
    """

    task: str
    language: str
    examples: str
    ids: tuple[str, ...]
    gold: tuple[str, ...]
    answers: tuple[tuple[System, LanguageAnswers], ...]
    names: tuple[str, ...] = ()
    fields: tuple[tuple[str, ...], ...] = ()
    shows_texts: bool = False
    buckets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


def write_examples(writer: Writer, survey: Survey) -> dict[tuple[str, str, str], str]:
    """Writes `examples/index.html`, and the pages and data of every task and language.

    Returns the page on which the answers of (a system's key, task, language) are.
    """
    from xbench.site.downloads import write_frame

    rows = []
    pages: dict[tuple[str, str, str], str] = {}
    for task in survey.realm.tasks:
        sheets = [sheet for language in languages_in_order(survey, task) for sheet in _sheets(survey, task, language)]
        places = _places(sheets)
        for sheet, place in zip(sheets, places, strict=True):
            pages |= {(system.key, task, sheet.language): f"{place}.html" for system, _ in sheet.answers}
            others = [{"text": _name(one, sheets), "place": where} for one, where in zip(sheets, places, strict=True)]
            _write_sheet(writer, survey, sheet, place, others)
        links = [(_name(sheet, sheets), place, len(sheet)) for sheet, place in zip(sheets, places, strict=True)]
        rows.append({"task": task, "links": links, "shows_texts": any(sheet.shows_texts for sheet in sheets)})
        write_frame(writer, f"downloads/examples/{slug(task)}", examples_frame(sheets))
    writer.page("examples/index.html", "examples.html", "Examples", rows=rows)
    return pages


def examples_frame(sheets: Sequence[Sheet]) -> pandas.DataFrame:
    """One row a system and example: the first seed's answer, how many seeds are right, and the metric's value."""
    import pandas

    frames = []
    for sheet in sheets:
        for system, one in sheet.answers:
            texts = numpy.array([*one.texts, None], dtype=object)
            about = {"task": sheet.task, "language": sheet.language, "group": system.group, "system": system.label}
            columns = {"id": sheet.ids, "answer": texts[one.codes], "seeds_right": one.right}
            frames.append(pandas.DataFrame({**columns, "seeds": one.seeds, "value": one.values}).assign(**about))
    names = ["task", "language", "id", "group", "system", "answer", "seeds_right", "seeds", "value"]
    return pandas.concat(frames, ignore_index=True)[names] if frames else pandas.DataFrame(columns=names)


def _sheets(survey: Survey, task: str, language: str) -> list[Sheet]:
    """One for each set of examples that systems of the task were asked in the language."""
    by_content: dict[str, list[tuple[System, LanguageAnswers]]] = {}
    for group in survey.realm.groups:
        for system in survey.ordered(group):
            found = survey.findings.get((system.key, task))
            if found and language in found.answers:
                one = found.answers[language]
                by_content.setdefault(one.examples, []).append((system, one))
    sheets = []
    for content, answers in by_content.items():
        ids, gold = next(((one.ids, one.gold) for _, one in answers if one.ids), ((), ()))
        fitting = tuple(pair for pair in answers if len(pair[1].codes) == len(ids))
        if ids:
            sheets.append(_filled(survey, Sheet(task, language, content, ids, gold, fitting)))
    return sheets


def _filled(survey: Survey, sheet: Sheet) -> Sheet:
    """With texts, where they may be shown, and buckets, where attributes are to be had."""
    from dataclasses import replace

    spec = survey.specs[sheet.task]
    names: tuple[str, ...] = ()
    fields: tuple[tuple[str, ...], ...] = ()
    if spec is not None and spec.redistribute and sheet.examples:
        scores = sheet.answers[0][0].tasks[sheet.task].scores
        cell = scores.cells[scores.seeds[0], sheet.language]
        try:
            stored = cell.store.examples(sheet.examples).drop_duplicates("id").set_index("id")
        except XbenchError:
            stored = None
        if stored is not None:
            names = tuple(name for name in spec.fields if name in stored)
            found = stored.reindex(list(sheet.ids))[list(names)].fillna("").astype(str)
            longest = max(120, min(LONGEST, MOST_TEXT // max(1, len(sheet) * len(names))))
            fields = tuple(
                tuple(inert(text, longest) for text in row) for row in found.itertuples(index=False, name=None)
            )
    return replace(sheet, names=names, fields=fields, shows_texts=bool(fields), buckets=_buckets(survey, sheet))


def _buckets(survey: Survey, sheet: Sheet) -> dict[str, tuple[str, ...]]:
    from xbench.diagnosis.attributes.cache import cached_attributes
    from xbench.diagnosis.buckets import assign_buckets, bucket_edges, bucket_names

    spec = survey.specs[sheet.task]
    if spec is None or not sheet.examples or not spec.attributes:
        return {}
    scores = sheet.answers[0][0].tasks[sheet.task].scores
    cell = scores.cells[scores.seeds[0], sheet.language]
    try:
        frame = cached_attributes(
            cell.store,
            sheet.examples,
            spec.kind,
            sheet.language,
            spec.attributes,
            fields=spec.fields,
            tokenizer=cell.record.model,
        )
    except XbenchError:
        return {}
    found = {}
    for name in frame.columns if len(frame) == len(sheet) else ():
        values = frame[name].to_numpy(dtype=float)
        edges = bucket_edges(values, BUCKETS)
        texts = [*bucket_names(len(edges) + 1), ""]
        if len(edges):
            found[str(name)] = tuple(texts[code] for code in assign_buckets(values, edges))
    return found


def _places(sheets: Sequence[Sheet]) -> list[str]:
    """Each sheet's folder and name; a second set of examples of a language is told apart by its content hash."""
    seen: set[str] = set()
    places = []
    for sheet in sheets:
        place = f"examples/{slug(sheet.task)}/{slug(sheet.language)}"
        place += f"-x{sheet.examples[:6]}" if place in seen else ""
        seen.add(place)
        places.append(place)
    return places


def _name(sheet: Sheet, sheets: Sequence[Sheet]) -> str:
    repeated = sum(one.language == sheet.language for one in sheets) > 1
    return f"{sheet.language} ({len(sheet)} examples)" if repeated else sheet.language


def _write_sheet(writer: Writer, survey: Survey, sheet: Sheet, place: str, others: list[dict[str, str]]) -> None:
    parts = [range(start, min(start + IN_PART, len(sheet))) for start in range(0, len(sheet), IN_PART)]
    writer.file(f"{place}.js", f"window.xbenchExamples = {script_json(_data(survey, sheet))};\n")
    for number, part in enumerate(parts, start=1):
        writer.page(
            _part_place(place, number),
            "sheet.html",
            f"{sheet.task} in {sheet.language}",
            sheet=sheet,
            rows=[_row(sheet, index) for index in part],
            number=number,
            pages=[_part_place(place, one) for one in range(1, len(parts) + 1)],
            first=part[0] + 1,
            last=part[-1] + 1,
            data=f"{place}.js",
            others=others,
            place=place,
            several=len(sheet.answers) > 1,
            download=f"downloads/examples/{slug(sheet.task)}",
        )


def _part_place(place: str, number: int) -> str:
    return f"{place}.html" if number == 1 else f"{place}-{number}.html"


def _row(sheet: Sheet, index: int) -> dict[str, Any]:
    given: dict[str, list[str]] = {}
    right = seeds = 0
    for system, one in sheet.answers:
        code = int(one.codes[index])
        given.setdefault(one.texts[code] if code >= 0 else "", []).append(system.label)
        right += int(one.right[index])
        seeds += one.seeds
    answers = [
        {
            "text": inert(text, 300),
            "count": len(systems),
            "systems": ", ".join(systems[:NAMED]),
            "more": len(systems) > NAMED,
        }
        for text, systems in sorted(given.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    return {
        "id": inert(sheet.ids[index], 80),
        "gold": inert(sheet.gold[index], 300),
        "answers": answers[:NAMED],
        "fields": list(zip(sheet.names, sheet.fields[index], strict=True)) if sheet.fields else [],
        "right": right / max(seeds, 1),
        "other_answers": max(0, len(answers) - NAMED),
    }


def _data(survey: Survey, sheet: Sheet) -> dict[str, Any]:
    """What the page's script shows; answers and counts are places in lists, so that they stay small."""
    golds = list(dict.fromkeys(sheet.gold))
    return {
        "ids": [inert(id, 80) for id in sheet.ids],
        "golds": [inert(text, 300) for text in golds],
        "gold": [golds.index(text) for text in sheet.gold] if len(golds) < len(sheet) else None,
        "names": sheet.names,
        "fields": sheet.fields,
        "language": sheet.language,
        "buckets": {name: _coded(values) for name, values in sheet.buckets.items()},
        "systems": [
            {
                "key": system.key,
                "label": inert(system.label, 80),
                "group": system.group,
                "seeds": one.seeds,
                "texts": [inert(text, 300) for text in one.texts],
                "codes": one.codes.tolist(),
                "right": one.right.tolist(),
                "values": None if one.values is None else [round(float(value), 3) for value in one.values],
            }
            for system, one in sheet.answers
        ],
        "groups": {group.letter: group.title for group in survey.realm.groups},
    }


def _coded(values: Sequence[str]) -> dict[str, Any]:
    names = sorted(set(values) - {""}, key=("XS", "S", "L", "XL", *map(str, range(1, 10))).index)
    return {"names": names, "codes": [names.index(value) if value else -1 for value in values]}

"""The test examples of one task and language beside what every system answered to them: what the viewer shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy

from xbench.analysis.results import StoredCell
from xbench.errors import XbenchError
from xbench.site.collect import System, slug
from xbench.site.findings import LanguageAnswers
from xbench.site.survey import Survey, shows_answers
from xbench.site.task import languages_in_order
from xbench.site.text import LONGEST, inert

if TYPE_CHECKING:
    import pandas

    from xbench.spec.task import TaskSpec

MOST_TEXT = 1_200_000  # characters of all texts of one language together, so that no file has more than a few MB
LEAST_TEXT = 40  # characters of a text, however many there are
BUCKETS = 4


@dataclass(frozen=True)
class SystemAnswers:
    """A system by its key, label and group's letter, and what it answered."""

    key: str
    label: str
    group: str
    answers: LanguageAnswers


@dataclass(frozen=True)
class Sheet:
    """The examples of one task and language, and the systems that answered them.

    `gold` and the systems' texts are there to be counted; `shows_answers` says whether they may be shown. `fields` are
    the texts of each example, none where they may not; `buckets` has, by attribute, the bucket of each example ("" for
    none). `cell` is one that answered these examples.
    """

    task: str
    language: str
    examples: str
    ids: tuple[str, ...]
    gold: tuple[str, ...]
    systems: tuple[SystemAnswers, ...]
    cell: StoredCell
    shows_answers: bool = True
    names: tuple[str, ...] = ()
    fields: tuple[tuple[str, ...], ...] = ()
    buckets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def shows_texts(self) -> bool:
        """Whether the examples' texts are shown."""
        return bool(self.fields)


def sheets_of(survey: Survey, task: str) -> list[Sheet]:
    """The sheets of a task, its source language first; of a language one for each set of examples that was asked."""
    return [sheet for language in languages_in_order(survey, task) for sheet in _in_language(survey, task, language)]


def _in_language(survey: Survey, task: str, language: str) -> list[Sheet]:
    by_content: dict[str, list[tuple[System, LanguageAnswers]]] = {}
    for group in survey.realm.groups:
        for system in survey.ordered(group):
            found = survey.findings.get((system.key, task))
            if found and language in found.answers:
                one = found.answers[language]
                by_content.setdefault(one.examples, []).append((system, one))
    shown = shows_answers(survey.specs[task])
    sheets = []
    for content, answered in by_content.items():
        ids, gold = next(((one.ids, one.gold) for _, one in answered if one.ids), ((), ()))
        systems = tuple(
            SystemAnswers(system.key, system.label, system.group, one)
            for system, one in answered
            if len(one.codes) == len(ids)
        )
        if ids:
            scores = answered[0][0].tasks[task].scores
            cell = scores.cells[scores.seeds[0], language]
            sheets.append(Sheet(task, language, content, ids, gold, systems, cell, shown))
    return sheets


def filled(sheet: Sheet, spec: TaskSpec | None) -> Sheet:
    """With texts, where they may be shown, and buckets, where attributes are to be had."""
    if spec is None or not sheet.examples:
        return sheet
    names, fields = _texts(sheet, spec) if spec.redistribute else ((), ())
    return replace(sheet, names=names, fields=fields, buckets=_buckets(sheet, spec))


def _texts(sheet: Sheet, spec: TaskSpec) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    try:
        stored = sheet.cell.store.examples(sheet.examples).drop_duplicates("id").set_index("id")
    except XbenchError:
        return (), ()
    names = tuple(name for name in spec.fields if name in stored)
    found = stored.reindex(list(sheet.ids))[list(names)].fillna("").astype(str)
    longest = longest_text(len(sheet) * len(names))
    return names, tuple(tuple(inert(text, longest) for text in row) for row in found.itertuples(index=False, name=None))


def longest_text(count: int) -> int:
    """How many characters each of so many texts may have."""
    return max(LEAST_TEXT, min(LONGEST, MOST_TEXT // max(1, count)))


def _buckets(sheet: Sheet, spec: TaskSpec) -> dict[str, tuple[str, ...]]:
    from xbench.diagnosis.attributes.cache import cached_attributes
    from xbench.diagnosis.buckets import assign_buckets, bucket_edges, bucket_names

    if not spec.attributes:
        return {}
    try:
        frame = cached_attributes(
            sheet.cell.store,
            sheet.examples,
            spec.kind,
            sheet.language,
            spec.attributes,
            fields=spec.fields,
            tokenizer=sheet.cell.record.model,
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


def places(sheets: Sequence[Sheet]) -> list[str]:
    """Each sheet's folder and name; a second set of examples of a language is told apart by its content hash."""
    seen: set[str] = set()
    found = []
    for sheet in sheets:
        place = f"examples/{slug(sheet.task)}/{slug(sheet.language)}"
        place += f"-x{sheet.examples[:6]}" if place in seen else ""
        seen.add(place)
        found.append(place)
    return found


def answers_frame(sheets: Sequence[Sheet]) -> pandas.DataFrame:
    """One row a system and example: the first seed's answer, how many seeds are right, and the metric's value.

    No answers where they may not be shown.
    """
    import pandas

    columns = ["task", "language", "id", "group", "system", "answer", "seeds_right", "seeds", "value"]
    frames = [_frame(sheet) for sheet in sheets]
    return pandas.concat(frames, ignore_index=True)[columns] if frames else pandas.DataFrame(columns=columns)


def _frame(sheet: Sheet) -> pandas.DataFrame:
    import pandas

    size, systems = len(sheet), sheet.systems
    known = [one.answers.values for one in systems]
    values = [numpy.full(size, numpy.nan, numpy.float32) if one is None else one for one in known]
    answers = [_answer_texts(one.answers) if sheet.shows_answers else numpy.full(size, None) for one in systems]
    return pandas.DataFrame(
        {
            "task": sheet.task,
            "language": sheet.language,
            "id": numpy.tile(numpy.array(sheet.ids, dtype=object), len(systems)),
            "group": numpy.repeat([one.group for one in systems], size),
            "system": numpy.repeat(numpy.array([one.label for one in systems], dtype=object), size),
            "answer": numpy.concatenate(answers),
            "seeds_right": numpy.concatenate([one.answers.right for one in systems]),
            "seeds": numpy.repeat([one.answers.seeds for one in systems], size),
            "value": numpy.concatenate(values),
        }
    )


def _answer_texts(one: LanguageAnswers) -> numpy.ndarray:
    """The answers [examples], None for one outside the label set."""
    return numpy.array([*one.texts, None], dtype=object)[one.codes]

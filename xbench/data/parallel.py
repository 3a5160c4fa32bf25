"""Parallel examples: each source row beside its translation into one language (MPT, section III-A, PAWS-15)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from xbench.data.examples import MIXED, Examples, content_keys
from xbench.data.rows import examples_from
from xbench.data.source_tables import published_table, sample_table
from xbench.data.tables import Table
from xbench.errors import DataError, RequestError
from xbench.spec.sources import Data, FileSource, HubSource, UnlabelledSample
from xbench.spec.task import TaskSpec


@dataclass(frozen=True)
class ParallelExamples:
    """Pairs: row i of `target` translates row i of `source`, into the language `target.languages[i]`. No gold."""

    source: Examples
    target: Examples

    def __len__(self) -> int:
        return len(self.source)


def load_parallel(
    task: TaskSpec, source: str, targets: Sequence[str], data: Data, count: int, seed: int
) -> ParallelExamples:
    """`count` rows in the source language drawn by seed, each with its translation into one of `targets` drawn by seed.

    Targets the corpus does not have are left out of the draw. Raises RequestError where the task has no such corpus,
    DataError where it is too small, or has none of the targets, or files that are aligned by row differ in length.
    """
    corpus = _corpus(task, data)
    available = [language for language in targets if language != source and _has(corpus, task, language)]
    if not _has(corpus, task, source) or not available:
        raise DataError(
            f"the parallel corpus of task '{task.name}' ({data}) has {', '.join(_languages(corpus, task))}; "
            f"asked for {source} beside {', '.join(targets) or 'no language'}."
        )
    whole = {language: _examples(task, corpus, language) for language in (source, *available)}
    by_id = corpus.columns.get("id") is not None
    if not by_id:
        _same_length(whole, task)
    place = {lang: {i: row for row, i in enumerate(found.ids) if _filled(found, row)} for lang, found in whole.items()}
    keys = content_keys(whole[source], f"parallel {seed}")
    pairs: list[tuple[int, str, int]] = []
    for row in sorted(range(len(whole[source])), key=keys.__getitem__):
        identity = whole[source].ids[row]
        choices = [language for language in available if identity in place[language]]
        if len(pairs) < count and choices and identity in place[source]:
            draw = int.from_bytes(hashlib.sha256(b"language" + keys[row]).digest()[:8], "big")
            language = choices[draw % len(choices)]
            pairs.append((row, language, place[language][identity]))
    if len(pairs) < count:
        raise DataError(
            f"the parallel corpus of task '{task.name}' ({data}) has {len(pairs)} pairs; {count} asked for."
        )
    return ParallelExamples(whole[source].take([row for row, _, _ in pairs]), _mixed(whole, pairs))


def parallel_languages(task: TaskSpec, data: Data) -> tuple[str, ...]:
    """The languages of a task's parallel corpus, which need not be the task's (its own where the source names none).

    Raises RequestError where the task has no such corpus.
    """
    return _languages(_corpus(task, data), task)


def _corpus(task: TaskSpec, data: Data) -> UnlabelledSample | HubSource | FileSource:
    corpus = getattr(task.parallel, data, None) if task.parallel else None
    if corpus is None:
        raise RequestError(
            f"task '{task.name}' has no parallel corpus for '--data {data}'; "
            f"add one under 'parallel: {{{data}: ...}}' in {task.file}."
        )
    return corpus


def _languages(corpus: UnlabelledSample | HubSource | FileSource, task: TaskSpec) -> tuple[str, ...]:
    return corpus.languages or task.language_list


def _has(corpus: UnlabelledSample | HubSource | FileSource, task: TaskSpec, language: str) -> bool:
    return language in _languages(corpus, task)


def unlabelled_table(task: TaskSpec, corpus: UnlabelledSample | HubSource | FileSource, language: str) -> Table:
    """All rows of an unlabelled source in one language."""
    if isinstance(corpus, UnlabelledSample):
        return sample_table(corpus.generator, language, "train", corpus.rows)
    return published_table(task, corpus, "train", language)


def _examples(task: TaskSpec, corpus: UnlabelledSample | HubSource | FileSource, language: str) -> Examples:
    table = unlabelled_table(task, corpus, language)
    found = examples_from(table, task, corpus.columns, "parallel", language, labelled=False)
    return replace(found, ids=tuple(map(str, range(len(found))))) if "id" not in corpus.columns else found


def _filled(examples: Examples, row: int) -> bool:
    return all(column[row].strip() for column in examples.fields.values())


def _same_length(whole: dict[str, Examples], task: TaskSpec) -> None:
    lengths = {language: len(found) for language, found in whole.items()}
    if len(set(lengths.values())) > 1:
        rows = ", ".join(f"{language} {length}" for language, length in lengths.items())
        raise DataError(
            f"the parallel corpus of task '{task.name}' is aligned by row, but its languages differ in length "
            f"({rows}). Name its id column ('columns: {{id: NAME}}') to align by id."
        )


def _mixed(whole: dict[str, Examples], pairs: list[tuple[int, str, int]]) -> Examples:
    """The target rows, each from its own language."""
    first = next(iter(whole.values()))
    return Examples(
        task=first.task,
        language=MIXED,
        split="parallel",
        ids=tuple(whole[language].ids[row] for _, language, row in pairs),
        fields={name: tuple(whole[language].fields[name][row] for _, language, row in pairs) for name in first.fields},
        gold=("",) * len(pairs),
        languages=tuple(language for _, language, _ in pairs),
    )

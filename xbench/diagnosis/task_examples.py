"""The examples behind a system's answers: their attributes, and their texts where these may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy

from xbench.analysis.results import StoredCell
from xbench.analysis.systems import TaskScores
from xbench.diagnosis.answers import Answers, judged_by, readable
from xbench.diagnosis.selection import Candidate
from xbench.diagnosis.training_examples import needs_training, training_examples
from xbench.errors import RequestError, StoreError

if TYPE_CHECKING:
    import pandas

    from xbench.spec.task import TaskSpec

MANY_EXAMPLES = 50_000
"""Fewer examples are not worth a process that computes their attributes."""


@dataclass(frozen=True)
class TaskExamples:
    """What the task's YAML says of its examples; `spec` is None where there is no YAML of that name at hand.

    `kind` is then what the headline metric tells.
    """

    task: str
    kind: str
    spec: TaskSpec | None
    names: tuple[str, ...] | None
    basic_words: Path | None = None
    entity_tagger: str | None = None
    workers: int = 1
    directories: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        candidate: Candidate,
        names: str | Sequence[str] | None,
        tasks_dirs: Sequence[str | Path],
        *,
        basic_words: Path | None = None,
        entity_tagger: str | None = None,
        workers: int = 1,
    ) -> TaskExamples:
        """For a system; `names` are attributes, "all", or None for those of the task.

        `workers` processes compute the attributes of many examples.
        """
        from xbench.spec.registry import load_task

        task, notes = candidate.scores.task, []
        directories = tuple(map(str, tasks_dirs))
        try:
            spec = load_task(task, directories)
        except RequestError:
            spec = None
            notes.append(f"There is no YAML of the task {task} here (--tasks-dir): no texts are shown.")
        if names is None:
            chosen = spec.attributes or None if spec else None
        else:
            given = (names,) if isinstance(names, str) else tuple(names)
            chosen = None if given == ("all",) else given
        kind = spec.kind if spec else judged_by(candidate.scores.metric).kinds[0]
        return cls(task, kind, spec, chosen, basic_words, entity_tagger, workers, directories, notes)

    @property
    def labels(self) -> tuple[str, ...]:
        """The task's labels, in its order; none where they are not known."""
        return self.spec.labels if self.spec else ()

    def attributes(self, system: TaskScores, answers: Mapping[str, Answers]) -> dict[str, pandas.DataFrame]:
        """The attributes of each language's examples, a row for each answer; languages without examples are noted."""
        frames: dict[str, pandas.DataFrame] = {}
        absent: list[str] = []
        said: dict[str, str] = {}
        training = self._training(system)
        self._compute_ahead(system, answers, training)
        for language, one in answers.items():
            try:
                frame = self._attributes(_cell(system, language), language, one, training)
            except StoreError:
                absent.append(language)
                continue
            said |= {text: name for name, text in frame.attrs.get("notes", {}).items()}
            frames[language] = frame
        if absent:
            self.notes.append(f"No attributes in {', '.join(absent)}: the examples are not in the run store.")
        self.notes.extend(f"{name}: {text}" for text, name in said.items())
        return frames

    def _training(self, system: TaskScores) -> pandas.DataFrame | None:
        """The system's training examples, where an attribute is defined against them and they can be had."""
        if self.spec is None or not needs_training(self.names, self.kind, len(self.spec.fields)):
            return None
        found, note = training_examples(system, self.spec, self.directories)
        self.notes.append(note)
        return found

    def _compute_ahead(
        self, system: TaskScores, answers: Mapping[str, Answers], training: pandas.DataFrame | None
    ) -> None:
        """Fills the cache by several processes, where there are examples enough to be worth their start."""
        if self.workers > 1 and sum(map(len, answers.values())) >= MANY_EXAMPLES:
            from xbench.diagnosis.attributes.cache import fill_cache

            cells = {language: _cell(system, language) for language in answers}
            having = {language: cell for language, cell in cells.items() if self._content(cell, language)}
            fill_cache([self._asked(cell, language, training) for language, cell in having.items()], self.workers)

    def _attributes(
        self, cell: StoredCell, language: str, answers: Answers, training: pandas.DataFrame | None
    ) -> pandas.DataFrame:
        content = self._content(cell, language)
        if not content:
            raise StoreError(f"cell {cell.record.id} does not say what its examples in {language} are")
        ids = _ids(cell, content)
        frame = self._asked(cell, language, training)()
        if len(ids) == len(answers) and numpy.array_equal(ids, answers.ids):
            return frame
        return _in_order(frame, ids, answers.ids)

    def _asked(self, cell: StoredCell, language: str, training: pandas.DataFrame | None) -> partial[pandas.DataFrame]:
        """The attributes of a language's examples, to be read or computed here or in another process."""
        from xbench.diagnosis.attributes.cache import cached_attributes

        content = self._content(cell, language)
        return partial(
            cached_attributes,
            cell.store,
            content,
            self.kind,
            language,
            self.names,
            fields=self.spec.fields if self.spec else _field_names(cell, content),
            tokenizer=cell.record.model,
            basic_words=self.basic_words,
            entity_tagger=self.entity_tagger,
            training=training,
        )

    def _content(self, cell: StoredCell, language: str) -> str:
        return cell.record.pair(self.task, language).examples

    @property
    def shows_texts(self) -> bool:
        """Whether the task's texts may be passed on."""
        return self.spec is not None and self.spec.redistribute

    def with_texts(self, examples: pandas.DataFrame, system: TaskScores) -> pandas.DataFrame:
        """Rows with `language` and `id`, with a column `text` where the task may be redistributed."""
        import pandas

        if not self.shows_texts or examples.empty:
            return examples
        assert self.spec is not None
        fields = list(self.spec.fields)
        texts = pandas.Series("", index=examples.index, dtype=object)
        for language, rows in examples.groupby("language", sort=False):
            cell = _cell(system, str(language))
            try:
                stored = cell.store.examples(cell.record.pair(self.task, str(language)).examples).set_index("id")
            except StoreError:
                continue
            found = stored.reindex(rows["id"])[fields].fillna("").astype(str)
            texts.loc[rows.index] = [
                " | ".join(readable(part, self.kind) for part in parts) for parts in found.itertuples(index=False)
            ]
        return examples.assign(text=texts)


def _cell(system: TaskScores, language: str) -> StoredCell:
    return system.cells[system.seeds[0], language]


def _ids(cell: StoredCell, content: str) -> numpy.ndarray:
    from xbench.store.files import read_parquet

    return read_parquet(cell.store.examples_path(content), columns=("id",))["id"].to_numpy(dtype=object)


def _field_names(cell: StoredCell, content: str) -> tuple[str, ...]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(cell.store.examples_path(content)) as file:
        return tuple(name for name in file.schema_arrow.names if name not in ("id", "gold"))


def _in_order(frame: pandas.DataFrame, ids: numpy.ndarray, wanted: numpy.ndarray) -> pandas.DataFrame:
    """The rows of the wanted ids; NaN where there is no such example."""
    import pandas

    places = pandas.Index(ids).get_indexer(pandas.Index(wanted))
    found = frame.iloc[numpy.where(places >= 0, places, 0)].reset_index(drop=True) if len(frame) else frame
    return found.where(pandas.Series(places >= 0), numpy.nan, axis=0)

"""The examples behind a stage: sampled, hashed for its id, and encoded as streams and batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from xbench.backbone.load import Backbone
from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.data.parallel import ParallelExamples, load_parallel, parallel_languages
from xbench.data.sampling import sample_train_and_dev, train_languages_of, train_size_of
from xbench.data.translations import translated_sample
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Batch, Row, Stream, token_budget_batches
from xbench.errors import DataError, RequestError, nearest
from xbench.method.stages import Fit, LabelledData, ParallelData, TextData
from xbench.runner.grid import CellPlan
from xbench.runner.text_stream import text_identity, text_stream
from xbench.spec.registry import load_task
from xbench.spec.sources import Data, Split
from xbench.spec.task import TaskSpec

EVALUATION_TOKENS = 8192
"""Padded tokens in an evaluation batch."""


@dataclass(frozen=True)
class Sample:
    """What one task and language trains on, and the dev set that goes with it."""

    task: TaskSpec
    train: Examples
    dev: Examples


class StageData:
    """The data of one cell, loaded when first asked for and shared by its stages."""

    def __init__(self, plan: CellPlan, directories: Sequence[Path]) -> None:
        self.plan, self.directories = plan, tuple(directories)
        self._samples: tuple[Sample, ...] | None = None

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The training samples, one for each training task and training language."""
        if self._samples is None:
            self._samples = tuple(
                self._sample(task, language)
                for task in self.plan.train_tasks
                for language in training_languages(task, self.plan)
            )
        return self._samples

    @property
    def sampled_ids(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Ids of the training and dev examples, by `task/language`."""
        name = "{0.task}/{0.language}".format
        return (
            {name(sample.train): list(sample.train.ids) for sample in self.samples},
            {name(sample.dev): list(sample.dev.ids) for sample in self.samples},
        )

    @property
    def skipped_rows(self) -> int:
        """Bad rows left out of the training and dev data that the samples were drawn from."""
        return sum(sample.train.skipped + sample.dev.skipped for sample in self.samples)

    def test(self, task: TaskSpec, language: str) -> Examples:
        """The test examples of a task in a language."""
        return self._load(task, "test", language, self.plan.limit)

    def _load(self, task: TaskSpec, split: Split, language: str, limit: int | None = None) -> Examples:
        skip = self.plan.on_bad_row == "skip"
        return _load(task.file, task.name, split, language, self._data, self.directories, limit, skip)

    def parallel(self, data: ParallelData) -> ParallelExamples:
        """A task's parallel corpus, with all languages but the source as targets; or its own training sample so."""
        (task,) = [task for task in self.plan.train_tasks if task.name == data.task]
        if data.count is None:
            return self._translated_sample(task)
        languages = parallel_languages(task, self._data)
        targets = tuple(language for language in languages if language != self.plan.source)
        asked = (self.plan.source, targets, self._data, data.count, self.plan.sample_seed)
        return _load_parallel(task.file, self.directories, *asked)

    def _translated_sample(self, task: TaskSpec) -> ParallelExamples:
        """The training sample in the source language, each example beside one of its translations."""
        if not task.parallel_training:
            raise RequestError(
                f"Task '{task.name}' does not say that its training examples of one id are translations of each other "
                "('parallel_training: true' in its file), so that its own examples cannot serve as a parallel corpus."
            )
        (sample,) = [each for each in self.samples if (each.task, each.train.language) == (task, self.plan.source)]
        others = [each for each in task.languages_of(self._data, "train") if each != self.plan.source]
        return translated_sample(sample.train, {language: self._load(task, "train", language) for language in others})

    def identity(self, stage: Fit) -> dict[str, object]:
        """Content hashes of all that a stage trains on and is selected by."""
        identity: dict[str, object] = {}
        if stage.is_labelled:
            identity["dev"] = [sample.dev.content_hash for sample in self.samples]
        for name, stream in stage.streams.items():
            if isinstance(stream.data, LabelledData):
                identity[name] = [sample.train.content_hash for sample in self._of(stream.data)]
            elif isinstance(stream.data, TextData):
                identity[name] = text_identity(stream.data, self.plan, self.directories)
            else:
                pairs = self.parallel(stream.data)
                identity[name] = [pairs.source.content_hash, pairs.target.content_hash]
        return identity

    def streams(self, stage: Fit, formulations: dict[str, Formulation], backbone: Backbone) -> list[Stream]:
        """A stage's streams of encoded rows."""
        streams = []
        for name, plan in stage.streams.items():
            if isinstance(plan.data, TextData):
                streams.append(text_stream(name, plan, plan.data, self.plan, self.directories, backbone))
                continue
            if isinstance(plan.data, LabelledData):
                rows, batch = self._labelled(plan.data, name, formulations)
            else:
                formulation = formulations[plan.data.task]
                rows = formulation.encode_pairs(self.parallel(plan.data))
                batch = partial(formulation.batch_pairs, stream=name)
            streams.append(Stream(name, rows, batch, plan.weight))
        return streams

    def _labelled(
        self, data: LabelledData, stream: str, formulations: dict[str, Formulation]
    ) -> tuple[list[Row], Callable[[Sequence[Row]], Batch]]:
        rows: list[Row] = []
        samples = self._of(data)
        for sample in samples:
            rows += formulations[sample.task.name].training_rows(sample.train)
        # Rows of several tasks or languages share a batch only where nothing but padding differs (text-to-text).
        first = samples[0]
        formulation = formulations[first.task.name]
        if len(samples) == 1:
            return rows, partial(formulation.training_batch, language=first.train.language, stream=stream)
        return rows, partial(formulation.mixed_batch, stream=stream)

    def _of(self, data: LabelledData) -> list[Sample]:
        return [sample for sample in self.samples if sample.task.name in data.tasks]

    def _sample(self, task: TaskSpec, language: str) -> Sample:
        size = train_size_of(self.plan.size, task.name, task.role)
        dev = self._load(task, "dev", language)
        train, dev = sample_train_and_dev(self._load(task, "train", language), dev, size, self.plan.sample_seed)
        return Sample(task, train, dev)

    @property
    def _data(self) -> Data:
        return self.plan.data  # type: ignore[return-value]  # checked in EvalRequest


def training_languages(task: TaskSpec, plan: CellPlan) -> tuple[str, ...]:
    """The source alone, or in the in-language setting every language with training data, as far as the size allows.

    Raises:
        DataError: there is no training data in the source language.
        RequestError: the size names a language that the task does not have.
    """
    data: Data = plan.data  # type: ignore[assignment]  # checked in EvalRequest
    present = task.languages_of(data, "train")
    if plan.source not in present:
        raise DataError(
            f"Task '{task.name}' has no {data} training data in the source language '{plan.source}'; it has "
            f"{', '.join(present) or 'none'}. Name another with --source."
        )
    if plan.setting != "in-language":
        return (plan.source,)
    allowed = train_languages_of(plan.size, task.name, task.role)
    for language in allowed or ():
        if language not in task.languages:
            hint = nearest(language, task.languages)
            raise RequestError(f"The train size names {task.name}@{language}: it has no such language.{hint}")
    return tuple(language for language in present if allowed is None or language in allowed)


def evaluation_batches(rows: Sequence[Row], formulation: Formulation, language: str) -> list[Callable[[], Batch]]:
    """Length-sorted batches under the token budget, made when called.

    Computing padding costs more than one more batch, but for answers that are written token by token.
    """
    groups = token_budget_batches(rows, EVALUATION_TOKENS, even=not formulation.generates)
    return [partial(formulation.batch, group, language) for group in groups]


def in_order(rows: Sequence[Row], batch: Callable[[Sequence[Row]], Batch], size: int = 64) -> Iterable[Batch]:
    """Batches of rows as they come."""
    for start in range(0, len(rows), size):
        yield batch(rows[start : start + size])


@lru_cache(maxsize=8)
def _load_parallel(
    file: Path,
    directories: tuple[Path, ...],
    source: str,
    targets: tuple[str, ...],
    data: Data,
    count: int,
    seed: int,
) -> ParallelExamples:
    """Parallel examples, read once per process."""
    return load_parallel(load_task(file, directories), source, targets, data, count, seed)


@lru_cache(maxsize=256)
def _load(
    file: Path,
    name: str,
    split: Split,
    language: str,
    data: Data,
    directories: tuple[Path, ...],
    limit: int | None,
    skip_bad_rows: bool,
) -> Examples:
    """Examples of a task, read once per process; tasks are told apart by their files."""
    task = load_task(file, directories)
    return load_examples(task, split, language, data, directories=directories, limit=limit, skip_bad_rows=skip_bad_rows)

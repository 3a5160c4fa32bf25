"""What planned cells need besides labelled examples, text and parallel text, as far as the task files tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.data.parallel import parallel_languages
from xbench.data.source_tables import file_path
from xbench.data.text import text_source
from xbench.errors import RequestError
from xbench.method.stages import Fit, ParallelData, TextData
from xbench.spec.sources import Data, FileSource
from xbench.spec.task import TaskSpec

if TYPE_CHECKING:
    from xbench.runner.grid import CellPlan


def lacking_source(plans: Iterable[CellPlan]) -> str | None:
    """Why the unlabelled data of one of the cells cannot be had: its task names no source. None: all have one."""
    try:
        for plan in plans:
            for task, data in _unlabelled(plan):
                if isinstance(data, ParallelData):
                    parallel_languages(task, _kind(plan))
                else:
                    for language in data.languages:
                        text_source(task, language, _kind(plan))
    except RequestError as error:
        return str(error)
    return None


def missing_text_files(plans: Iterable[CellPlan]) -> dict[str, list[Path]]:
    """Local files of unlabelled text that cells read and that are not there, by task and how they are obtained."""
    missing: dict[str, dict[Path, None]] = {}
    for plan in plans:
        for task, data in _unlabelled(plan):
            for language in data.languages if isinstance(data, TextData) else ():
                source = text_source(task, language, _kind(plan))
                if isinstance(source, FileSource):
                    path = file_path(task, source, "train", language)
                    if not path.is_file():
                        about = f"{task.name} ({source.obtain})" if source.obtain else task.name
                        missing.setdefault(about, {})[path] = None
    return {about: list(paths) for about, paths in missing.items()}


def _unlabelled(plan: CellPlan) -> Iterator[tuple[TaskSpec, TextData | ParallelData]]:
    """The text and the parallel text of a cell's training stages, each with the task whose it is."""
    tasks = {task.name: task for task in plan.train_tasks}
    for stage in plan.method(plan.settings).stages(plan.request):
        for stream in stage.streams.values() if isinstance(stage, Fit) else ():
            if isinstance(stream.data, TextData):
                yield plan.train_tasks[0], stream.data
            elif isinstance(stream.data, ParallelData) and stream.data.count is not None:
                yield tasks[stream.data.task], stream.data


def _kind(plan: CellPlan) -> Data:
    return plan.data  # type: ignore[return-value]  # checked in EvalRequest

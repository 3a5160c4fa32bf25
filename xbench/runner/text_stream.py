"""The unlabelled text behind a stage, and the stream of masked rows made of it."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path

from xbench.backbone.load import Backbone
from xbench.data.text import load_balanced_text, text_hash
from xbench.encoding.masked_text import MaskedText
from xbench.encoding.rows import Stream
from xbench.errors import RequestError
from xbench.method.stages import StreamPlan, TextData
from xbench.runner.grid import CellPlan
from xbench.spec.registry import load_task
from xbench.spec.sources import Data

LEAST_LENGTH = 8


def text_identity(data: TextData, cell: CellPlan, directories: tuple[Path, ...]) -> dict[str, object]:
    """What decides the rows: the texts' content by language, and how they are cut and hidden; no task, no method."""
    texts = _texts(data, cell, directories)
    about = {name: value for name, value in asdict(data).items() if name not in ("languages", "count", "share")}
    return {**about, "texts": {language: text_hash(found) for language, found in texts.items()}}


def text_stream(
    name: str, plan: StreamPlan, data: TextData, cell: CellPlan, directories: tuple[Path, ...], backbone: Backbone
) -> Stream:
    """The stream of masked rows of all the languages' texts.

    Raises:
        RequestError: no room is left beside what the method reserves.
    """
    room = min(data.max_length, backbone.max_length - data.reserved)
    if room < LEAST_LENGTH:
        raise RequestError(
            f"{cell.choice}: {data.reserved} positions of its own leave {room} of the {backbone.max_length} tokens "
            f"that '{backbone.name}' takes; text needs {LEAST_LENGTH} at least."
        )
    masked = MaskedText(backbone.tokenizer, room, packed=data.packed, hidden=data.hidden)
    texts = _texts(data, cell, directories)
    rows = masked.rows([text for found in texts.values() for text in found])
    return Stream(name, rows, partial(masked.batch, stream=name), plan.weight, masked.hide)


def _texts(data: TextData, cell: CellPlan, directories: tuple[Path, ...]) -> dict[str, tuple[str, ...]]:
    (task,) = cell.train_tasks
    kind: Data = cell.data  # type: ignore[assignment]  # checked in EvalRequest
    return _load(task.file, directories, data.languages, kind, data.share, data.count)


@lru_cache(maxsize=32)
def _load(
    file: Path, directories: tuple[Path, ...], languages: tuple[str, ...], data: Data, share: float, count: int | None
) -> dict[str, tuple[str, ...]]:
    """Texts of a task's source, read once per process."""
    return load_balanced_text(load_task(file, directories), languages, data, share=share, count=count)

"""Predictions of a trained model over batches, by one process or several, every example exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import nn

from xbench.data.examples import Examples
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Batch
from xbench.errors import StoreError
from xbench.method.base import Method
from xbench.spec.task import TaskSpec

WAIT_SECONDS = 600.0


@dataclass
class Predictions:
    """Predictions and scores by example index; of one process, or of all."""

    predictions: dict[int, str | None] = field(default_factory=dict)
    scores: dict[int, dict[str, float]] = field(default_factory=dict)


def predict_rows(
    method: Method[Any],
    model: nn.Module,
    formulation: Formulation,
    batches: Sequence[Callable[[], Batch]],
    accelerator: Accelerator,
    *,
    everywhere: bool = False,
) -> Predictions:
    """Predicts this process's share of the batches; with `everywhere`, all processes end with all predictions."""
    model.eval()
    found = Predictions()
    mine = batches[accelerator.process_index :: accelerator.num_processes]
    with torch.inference_mode(), accelerator.autocast():
        for make in mine:
            batch = make().to(accelerator.device)
            decoded = formulation.decode(method.predict(model, batch), batch)
            for place, index in enumerate(decoded.indices):
                found.predictions[index] = decoded.predictions[place]
                found.scores[index] = {label: column[place] for label, column in decoded.scores.items()}
    if everywhere and accelerator.num_processes > 1:
        for part in gather_object([found]):
            found.predictions.update(part.predictions)
            found.scores.update(part.scores)
    return found


def write_predictions(
    folder: Path, found: Predictions, examples: Examples, task: TaskSpec, accelerator: Accelerator
) -> None:
    """Writes `predictions.parquet`, from the shards of all processes; scores of labels are classification's alone.

    Each process leaves its shard in the folder; the first one waits for the files, so that no collective can hang
    after the loop.

    Raises:
        StoreError: an example is missing or was predicted twice.
    """
    _write(folder / f"shard-{accelerator.process_index}.parquet", _table(found, examples, task))
    if not accelerator.is_main_process:
        return
    shards = [folder / f"shard-{number}.parquet" for number in range(accelerator.num_processes)]
    _wait_for(shards)
    merged = pa.concat_tables([pq.read_table(shard) for shard in shards]).sort_by("index")
    if merged["index"].to_pylist() != list(range(len(examples))):
        raise StoreError(
            f"{task.name} ({examples.language}): {len(examples)} examples were given and {len(merged)} predictions "
            "came back, some missing or twice. Nothing was stored; please report this."
        )
    _write(folder / "predictions.parquet", merged)
    for shard in shards:
        shard.unlink()


def _table(found: Predictions, examples: Examples, task: TaskSpec) -> pa.Table:
    indices = sorted(found.predictions)
    columns: dict[str, pa.Array] = {
        "index": pa.array(indices, pa.int64()),
        "id": pa.array([examples.ids[index] for index in indices], pa.string()),
        "gold": pa.array([examples.gold[index] for index in indices], pa.string()),
        "prediction": pa.array([found.predictions[index] for index in indices], pa.string()),
    }
    for label in task.labels if task.kind == "classification" else ():
        columns[f"score_{label}"] = pa.array([found.scores[index].get(label) for index in indices], pa.float64())
    return pa.table(columns)


def _write(path: Path, table: pa.Table) -> None:
    """Writes under another name first: whoever waits for the file must not see half of it."""
    partial = path.with_suffix(".partial")
    pq.write_table(table, partial)
    partial.rename(path)


def _wait_for(paths: Sequence[Path]) -> None:
    start = time.monotonic()
    while not all(path.exists() for path in paths):
        if time.monotonic() - start > WAIT_SECONDS:
            late = [path.name for path in paths if not path.exists()]
            raise StoreError(
                f"Waited {WAIT_SECONDS:.0f} s for {', '.join(late)} in {paths[0].parent}; a process is stuck."
            )
        time.sleep(0.005)

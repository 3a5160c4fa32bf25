"""Merging run stores, made on several machines, into one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from xbench.errors import StoreError
from xbench.store.files import disk_errors, move
from xbench.store.record import CellRecord, PredictionRecord
from xbench.store.run_store import RunStore
from xbench.store.staging import staging_folder


@dataclass
class Merge:
    """What a merge did: pairs that were taken, that were there already, and conflicts, each said in words."""

    taken: int = 0
    present: int = 0
    conflicts: list[str] = field(default_factory=list)


def merge(source: RunStore, target: RunStore) -> Merge:
    """Copies into `target` what it has not: artifacts, examples, cells, and further languages of its cells.

    A pair that both have is left as it is in `target`; where the two predict differently it is a conflict, and so is
    a cell that is another one under the same id.
    """
    result = Merge()
    for id in source.artifacts():
        if not target.has_artifact(id):
            with target.stage(id) as folder:
                shutil.copytree(source.artifact(id), folder, dirs_exist_ok=True)
    for path in sorted((source.path / "examples").glob("*.parquet")):
        _copy_examples(source, target, path.stem)
    for record in source.cells():
        _merge_cell(source, target, record, result)
    return result


def _copy_examples(source: RunStore, target: RunStore, content_hash: str) -> None:
    path = target.examples_path(content_hash)
    if not path.exists():
        with disk_errors(path), staging_folder(target.path / "staging", "examples") as folder:
            shutil.copyfile(source.examples_path(content_hash), folder / path.name)
            move(folder / path.name, path)


def _merge_cell(source: RunStore, target: RunStore, record: CellRecord, result: Merge) -> None:
    place = f"cell {record.id} ({record.label}, seed {record.seed})"
    try:
        present = {pair.pair for pair in target.cell(record.id).predictions} if target.has_cell(record.id) else set()
        fresh = tuple(pair for pair in record.predictions if pair.pair not in present)
        for pair in record.predictions:
            if pair.pair not in present:
                continue
            if same_predictions(source, target, record.id, pair):
                result.present += 1
            else:
                result.conflicts.append(
                    f"{place}: {pair.task} in {pair.language} is predicted differently in {source.path} and in "
                    f"{target.path}, which keeps its own."
                )
        if fresh:
            paths = {pair.pair: _present(source.predictions_path(record.id, *pair.pair)) for pair in fresh}
            target.write_cell(replace(record, predictions=fresh), paths)
            result.taken += len(fresh)
    except StoreError as error:
        result.conflicts.append(f"{place} of {source.path} was not taken: {error}")


def _present(path: Path) -> Path:
    if not path.exists():
        raise StoreError(f"{path}: is missing")
    return path


def same_predictions(source: RunStore, target: RunStore, id: str, pair: PredictionRecord) -> bool:
    """Whether a pair of a cell has the same answers in both. Raises StoreError for a missing or damaged file."""
    # Scores may differ in their last bits between machines; what was answered may not.
    columns = ("index", "id", "gold", "prediction")
    first, second = (store.predictions(id, *pair.pair, columns=columns) for store in (source, target))
    first, second = (frame.sort_values("index", ignore_index=True) for frame in (first, second))
    return bool(first.equals(second))

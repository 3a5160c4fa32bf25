"""The run store: a folder of finished artifacts and cells that many processes may read and write at once.

artifacts/<id>/                              one rename makes it visible; never changed after
cells/<id>/cell.json                         written last, so that a cell seen is a whole cell
cells/<id>/predictions/<task>/<language>.parquet
examples/<content hash>.parquet              the fields of the examples, once
checkpoints/<id>/                            of training stages that are not finished
claims/  staging/                            locks, and things being written
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import StoreError
from xbench.store.files import (
    disk_errors,
    move,
    publish,
    read_columns,
    read_json,
    read_parquet,
    write_json,
    write_parquet,
)
from xbench.store.filters import CellFilter
from xbench.store.identity import checked_name
from xbench.store.locks import lock
from xbench.store.record import CellRecord
from xbench.store.staging import clean_staging, staging_folder

if TYPE_CHECKING:
    import numpy
    import pandas

PREDICTION_COLUMNS = ("index", "id", "gold", "prediction")


def default_path() -> Path:
    """`$XBENCH_RUNS`, or `runs` in the current folder."""
    return Path(os.environ.get("XBENCH_RUNS") or "runs")


class RunStore:
    """The run store at `path`. Opening it removes what killed writers left; folders are made at the first write.

    Raises StoreError where `path` is no folder, and, from everything that writes, where the disk is full.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"{self.path}: a run store is a folder, and this is a file. Name another with --runs.")
        clean_staging(self.path / "staging")
        for folder in (self.path / "checkpoints").glob("*"):
            if self.has_artifact(folder.name):  # killed between the artifact and its checkpoint's removal
                shutil.rmtree(folder, ignore_errors=True)

    # Artifacts

    def artifact(self, id: str) -> Path:
        """The folder of an artifact, whether it exists yet or not."""
        return self.path / "artifacts" / checked_name(id, "artifact")

    def has_artifact(self, id: str) -> bool:
        """Whether the artifact is finished; half an artifact is never seen."""
        return self.artifact(id).is_dir()

    def artifacts(self) -> tuple[str, ...]:
        """The ids of all finished artifacts, sorted."""
        return tuple(sorted(path.name for path in (self.path / "artifacts").glob("*") if path.is_dir()))

    def artifact_record(self, id: str) -> dict[str, Any]:
        """The artifact's `artifact.json`; {} where it has none. Raises StoreError where it cannot be read."""
        path = self.artifact(id) / "artifact.json"
        return read_json(path) if path.exists() else {}

    @contextmanager
    def stage(self, id: str) -> Iterator[Path]:
        """A folder to write an artifact in, which becomes `artifacts/<id>` by one rename when the body succeeds.

        Of two writers of one id the first wins and the second's folder is discarded: both hold the same.
        """
        target = self.artifact(id)
        with disk_errors(target), staging_folder(self.path / "staging", id) as folder:
            yield folder
            publish(folder, target)
            shutil.rmtree(self._checkpoint_path(id), ignore_errors=True)

    def checkpoint_folder(self, id: str) -> Path:
        """A folder for a training stage's checkpoints, kept until its artifact exists. Write files by `atomic_path`."""
        folder = self._checkpoint_path(id)
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _checkpoint_path(self, id: str) -> Path:
        return self.path / "checkpoints" / checked_name(id, "artifact")

    # Claims

    @contextmanager
    def claim(self, id: str, blocking: bool = False) -> Iterator[bool]:
        """Yields whether this caller alone may work on `id`; a claim ends with its body or its process.

        After a claim was waited for, look again: the other may have finished the work.
        """
        folder = self.path / "claims"
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with lock(folder / f"{checked_name(id, 'claim')}.lock", blocking=blocking) as held:
                yield held

    # Examples

    def write_examples(self, content_hash: str, fields: Any) -> None:
        """The fields of examples as `examples/<content hash>.parquet`: anything that makes a data frame, once."""
        import pandas

        path = self.examples_path(content_hash)
        if path.exists():
            return
        with disk_errors(path), staging_folder(self.path / "staging", "examples") as folder:
            write_parquet(folder / path.name, pandas.DataFrame(fields))
            move(folder / path.name, path)

    def examples_path(self, content_hash: str) -> Path:
        """Where the examples of this content hash are, or would be."""
        return self.path / "examples" / f"{checked_name(content_hash, 'content hash')}.parquet"

    def examples(self, content_hash: str) -> pandas.DataFrame:
        """The examples' columns: id, their fields, gold. Raises StoreError where they are missing."""
        return read_parquet(self.examples_path(content_hash))

    # Cells

    def cell_path(self, id: str) -> Path:
        """The folder of a cell, whether it exists yet or not."""
        return self.path.joinpath("cells", checked_name(id, "cell"))

    def has_cell(self, id: str) -> bool:
        """Whether the cell has been written."""
        return (self.cell_path(id) / "cell.json").is_file()

    def cell(self, id: str) -> CellRecord:
        """The record of one cell. Raises StoreError, with the file, where it is missing or damaged."""
        path = self.cell_path(id) / "cell.json"
        try:
            record = CellRecord.from_dict(read_json(path))
        except StoreError as error:
            raise error if str(path) in str(error) else StoreError(f"{path}: {error}") from error
        if record.id != id:
            raise StoreError(f"{path}: says that it is the cell {record.id}")
        return record

    def cells(self, keep: CellFilter | None = None) -> Iterator[CellRecord]:
        """The records asked for, by id. Reads `cell.json` only; one that is damaged is named on stderr and left out."""
        for path in sorted((self.path / "cells").glob("*/cell.json")):
            try:
                record = self.cell(path.parent.name)
            except StoreError as error:
                print(f"Left out, damaged: {error}", file=sys.stderr)
                continue
            selected = record if keep is None else keep.select(record)
            if selected is not None:
                yield selected

    def write_cell(
        self, record: CellRecord, predictions: Mapping[tuple[str, str], Path | pandas.DataFrame]
    ) -> CellRecord:
        """Writes a cell, its prediction files first; returns what is stored.

        `predictions` holds a data frame or a parquet file for each pair of the record (columns index, id, gold,
        prediction, score_*). Pairs of an existing cell that are not given again stay. Raises StoreError where the
        record names a pair without predictions, or the existing cell of that id is another one.
        """
        folder = self.cell_path(record.id)
        with (
            disk_errors(folder),
            self._changing(record.id),
            staging_folder(self.path / "staging", record.id) as staging,
        ):
            record = self._merged(record)
            self._check_pairs(record, predictions)
            for number, ((task, language), table) in enumerate(predictions.items()):
                path = staging / f"{number}.parquet"
                shutil.copyfile(table, path) if isinstance(table, Path) else write_parquet(path, table)
                move(path, self.predictions_path(record.id, task, language))
            write_json(staging / "cell.json", record.to_dict())
            move(staging / "cell.json", folder / "cell.json")
        return record

    def _merged(self, record: CellRecord) -> CellRecord:
        if not self.has_cell(record.id):
            return record
        try:
            older = self.cell(record.id)
        except StoreError as error:
            print(f"Written anew, damaged: {error}", file=sys.stderr)
            return record
        if differences := older.differences(record):
            raise StoreError(
                f"{self.cell_path(record.id)}: holds another cell of this id ({'; '.join(differences)}); "
                "nothing was changed."
            )
        return record.merged_into(older)

    def _check_pairs(self, record: CellRecord, given: Mapping[tuple[str, str], Any]) -> None:
        recorded = {pair.pair for pair in record.predictions}
        for task, language in recorded - set(given):
            if not self.predictions_path(record.id, task, language).exists():
                raise StoreError(f"cell {record.id}: no predictions for {task} in {language} were given.")
        for task, language in set(given) - recorded:
            raise StoreError(f"cell {record.id}: predictions for {task} in {language} were given without a record.")

    def remove_pairs(self, id: str, pairs: Collection[tuple[str, str]]) -> None:
        """Removes (task, language) pairs of a cell, or the whole of it when none is left: invisible at once."""
        folder = self.cell_path(id)
        with disk_errors(folder), self._changing(id), staging_folder(self.path / "staging", id) as staging:
            record = self.cell(id)
            left = tuple(pair for pair in record.predictions if pair.pair not in pairs)
            if not left:
                os.rename(folder, staging / "removed")
                return
            write_json(staging / "cell.json", replace(record, predictions=left).to_dict())
            move(staging / "cell.json", folder / "cell.json")
            for task, language in pairs:
                self.predictions_path(id, task, language).unlink(missing_ok=True)

    def remove_artifact(self, id: str) -> None:
        """Removes an artifact: invisible at once, by one rename, then deleted."""
        folder = self.artifact(id)
        with disk_errors(folder), staging_folder(self.path / "staging", id) as staging:
            if folder.is_dir():
                os.rename(folder, staging / "removed")

    @contextmanager
    def _changing(self, id: str) -> Iterator[None]:
        # Not the cell's claim itself: its holder, who computes the cell, is the one who writes it.
        with self.claim(f"{id}.cell", blocking=True):
            yield

    # Predictions

    def predictions_path(self, cell: str, task: str, language: str) -> Path:
        """Where the predictions of a cell's pair are, or would be."""
        file = f"{checked_name(language, 'language')}.parquet"
        return self.cell_path(cell).joinpath("predictions", checked_name(task, "task"), file)

    def predictions(
        self, cell: CellRecord | str, task: str, language: str, columns: Sequence[str] | None = None
    ) -> pandas.DataFrame:
        """A pair's predictions: index, id, gold, prediction (null: outside the label set), score_*; or some columns.

        Raises StoreError where the file is missing or damaged.
        """
        id = cell.id if isinstance(cell, CellRecord) else cell
        frame = read_parquet(self.predictions_path(id, task, language), columns)
        if columns is not None:
            return frame
        if missing := [column for column in PREDICTION_COLUMNS if column not in frame]:
            raise StoreError(f"{self.predictions_path(id, task, language)}: has no column '{missing[0]}'")
        return frame

    def prediction_columns(
        self, cell: CellRecord | str, task: str, language: str, columns: Sequence[str] | None = None
    ) -> dict[str, numpy.ndarray]:
        """A pair's predictions in the order of their index, each column an array [examples]; None where it is null.

        The same as `predictions` in a fraction of the time. Raises StoreError where the file is missing or damaged.
        """
        id = cell.id if isinstance(cell, CellRecord) else cell
        path = self.predictions_path(id, task, language)
        found = read_columns(path, columns)
        if missing := [column for column in columns or PREDICTION_COLUMNS if column not in found]:
            raise StoreError(f"{path}: has no column '{missing[0]}'")
        index = found.get("index")
        if index is not None and (index[1:] < index[:-1]).any():
            order = index.argsort(kind="stable")
            found = {name: column[order] for name, column in found.items()}
        return found

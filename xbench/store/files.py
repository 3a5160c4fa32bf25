"""Writing files so that a reader sees all of one or nothing of it, and a full disk is said in words."""

from __future__ import annotations

import errno
import json
import math
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import StoreError

if TYPE_CHECKING:
    import numpy
    import pandas
    import pyarrow

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
# Writers that are no Python code (safetensors, arrow) raise their own types, with the system's words in the text.
FULL_TEXTS = ("No space left on device", "os error 28", "os error 122", "os error 27", "File too large")


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turns a full or write-protected disk into StoreError, whoever reports it; other errors pass."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        if number in FULL or any(text in str(error) for text in FULL_TEXTS):
            raise StoreError(
                f"{place}: the disk, or your share of it, is full. Nothing half-written is in the run store; "
                "free some space and give the same command again: finished work is kept."
            ) from error
        if isinstance(error, OSError) and number in REFUSED and _is_ours(error, place):
            raise StoreError(f"{error.filename}: the run store cannot be written ({error.strerror}).") from error
        raise


def _is_ours(error: OSError, place: Path) -> bool:
    # The body may read other files: those are no matter of the store.
    return isinstance(error.filename, (str, os.PathLike)) and Path(error.filename).is_relative_to(place.parent.parent)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write a file at; takes its place on success and goes away on failure."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with disk_errors(path):
            yield temporary
            synchronize(temporary)
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """A JSON file at `path`, keys in the given order; NaN and infinity become null, which every reader knows."""
    text = json.dumps(without_infinities(value), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def without_infinities(value: Any) -> Any:
    """The value with None for each float that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: without_infinities(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_infinities(entry) for entry in value]
    return value


def synchronize(path: Path) -> None:
    """Has the file, or each file of the folder, on the disk before a rename tells others that it is there.

    Names need no such care: a journal keeps their order.
    """
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises StoreError, with the file, where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: {error}") from error


def write_parquet(path: Path, frame: pandas.DataFrame) -> None:
    """A data frame as a parquet file, without its row labels."""
    frame.to_parquet(path, index=False)


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pandas.DataFrame:
    """A parquet file, or some columns of it, as a data frame. Raises StoreError, with the file, if it cannot."""
    return _read_table(path, columns).to_pandas(use_threads=False)


def read_columns(path: Path, columns: Sequence[str] | None = None) -> dict[str, numpy.ndarray]:
    """As `read_parquet`, each column as an array [rows], texts as objects: of a small file in a quarter of the time."""
    table = _read_table(path, columns)
    return {name: table.column(name).to_numpy() for name in table.column_names}


def _read_table(path: Path, columns: Sequence[str] | None) -> pyarrow.Table:
    from pyarrow import BufferReader
    from pyarrow.parquet import ParquetFile

    names = None if columns is None else list(columns)
    try:
        # These files are small: threads, file systems and pandas' own reader take longer to set up than to read.
        with ParquetFile(BufferReader(path.read_bytes())) as file:
            return file.read(columns=names, use_threads=False)
    except FileNotFoundError as error:
        raise StoreError(f"{path}: is missing") from error
    except (OSError, ValueError) as error:  # pyarrow.ArrowInvalid is a ValueError
        raise StoreError(f"{path}: is damaged ({error})") from error


def publish(folder: Path, target: Path) -> None:
    """Makes a staged folder visible as `target` by one rename, unless another writer came first."""
    synchronize(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.rename(folder, target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def move(staged: Path, target: Path) -> None:
    """Makes a staged file visible as `target` by one rename, in place of what was there."""
    synchronize(staged)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(staged, target)

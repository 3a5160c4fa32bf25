"""Attributes computed once for a set of examples, and kept beside the predictions in the run store."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.diagnosis.attributes.frame import as_frame, chosen_attributes, compute
from xbench.diagnosis.attributes.inputs import Supplies
from xbench.diagnosis.attributes.registry import Attribute, function_fingerprint, import_function
from xbench.diagnosis.attributes.tokenizer_files import tokenizer_file
from xbench.diagnosis.attributes.words import VERSION
from xbench.errors import StoreError
from xbench.store.files import atomic_path
from xbench.store.identity import checked_name, stable_hash
from xbench.store.run_store import RunStore

if TYPE_CHECKING:
    import pandas

NOTES = b"xbench.notes"


def cached_attributes(
    store: RunStore,
    examples_hash: str,
    kind: str,
    language: str,
    names: Sequence[str] | None = None,
    *,
    fields: Sequence[str],
    tokenizer: str | None = None,
    basic_words: Path | None = None,
    entity_tagger: str | None = None,
    training: pandas.DataFrame | None = None,
) -> pandas.DataFrame:
    """`attribute_frame` of stored examples, read from the store where it has been computed before.

    Written to `attributes/<examples hash>-<hash of the attributes and all they depend on>.parquet`. A store that cannot
    be written, or a full disk, costs the time to compute it again and nothing else.

    Raises:
        StoreError: the examples are missing.
        RequestError: an unknown attribute.
    """
    supplies = Supplies(tokenizer, basic_words, entity_tagger, training)
    attributes = chosen_attributes(kind, names, len(fields))
    path = _path(store, examples_hash, attribute_set_hash(attributes, kind, language, fields, supplies))
    if (found := _read(path, language)) is not None:
        return found
    examples = store.examples(examples_hash)
    columns = compute(attributes, kind, examples, language, fields, supplies)
    frame = as_frame(columns, len(examples), language, supplies.notes)
    _write(path, frame)
    return frame


def cache_path(
    store: RunStore,
    examples_hash: str,
    kind: str,
    language: str,
    names: Sequence[str] | None = None,
    *,
    fields: Sequence[str],
    **supplied: Any,
) -> Path:
    """Where `cached_attributes`, asked the same, keeps its frame."""
    supplies = Supplies(**supplied)
    attributes = chosen_attributes(kind, names, len(fields))
    return _path(store, examples_hash, attribute_set_hash(attributes, kind, language, fields, supplies))


def _path(store: RunStore, examples_hash: str, attribute_set: str) -> Path:
    return store.path / "attributes" / f"{checked_name(examples_hash, 'content hash')}-{attribute_set}.parquet"


def fill_cache(asked: Sequence[partial[pandas.DataFrame]], workers: int) -> None:
    """Computes what `cached_attributes` is asked for in several processes, so that it then only has to be read.

    `asked` are `partial`s of it; those that are there already are left alone. What fails there is left to the caller,
    who meets the same failure and says it.
    """
    missing = [one for one in asked if not cache_path(*one.args, **one.keywords).exists()]
    if not missing:
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(missing)), mp_context=context) as pool:
        for future in [pool.submit(_compute, one) for one in missing]:
            future.exception()


def _compute(asked: partial[pandas.DataFrame]) -> None:
    asked()  # its frame stays here: the caller reads it from the store


def attribute_set_hash(
    attributes: Sequence[Attribute], kind: str, language: str, fields: Sequence[str], supplies: Supplies
) -> str:
    """The identity of a set of attributes: whatever changes a value changes it."""
    needs = sorted({name for entry in attributes for name in entry.needs})
    return stable_hash(
        {
            "attributes": [[entry.name, entry.source, entry.revision] for entry in attributes],
            "kind": kind,
            "language": language,
            "fields": list(fields),
            "words": VERSION,
            "supplies": {name: _identity(name, supplies) for name in needs},
        }
    )


def _read(path: Path, language: str) -> pandas.DataFrame | None:
    """The stored frame with its notes; None where there is none, or none that can be read."""
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            table = file.read(use_threads=False)
        notes = json.loads(table.schema.metadata[NOTES])
        columns = {name: table.column(name).to_numpy() for name in table.column_names if name != "row"}
        return as_frame(columns, table.num_rows, language, notes)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, frame: pandas.DataFrame) -> None:
    import pyarrow
    import pyarrow.parquet

    # The column of row numbers keeps the count where there is no attribute.
    arrays: dict[str, Any] = {"row": pyarrow.array(range(len(frame)), type=pyarrow.int64())}
    arrays |= {name: frame[name].to_numpy() for name in frame.columns}
    table = pyarrow.table(arrays).replace_schema_metadata({NOTES: json.dumps(frame.attrs["notes"]).encode()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            pyarrow.parquet.write_table(table, temporary)
    except (OSError, StoreError):
        return


def _identity(name: str, supplies: Supplies) -> str | None:
    """What identifies the content of something supplied."""
    given = getattr(supplies, name)
    if given is None:
        return None
    if name == "tokenizer":
        file = tokenizer_file(given)
        return _file_hash(file) if file else f"absent: {given}"
    if name == "basic_words":
        return _file_hash(given) if given.is_file() else f"absent: {given}"
    if name == "entity_tagger":
        import_function(given, "entity tagger")
        return function_fingerprint(given)
    return hashlib.sha256(given.to_json(orient="split").encode()).hexdigest()[:16]


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]

"""What `cell.json` holds: all that determines a cell, what it cost, and the metrics of its predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from xbench.errors import StoreError

SCHEMA = 1


@dataclass(frozen=True)
class PredictionRecord:
    """One (task, language) pair of a cell: its artifact, its examples' content hash, its counts and its metrics.

    `n` examples were scored of `n_given`; metrics are fractions in [0, 1], the task's headline metric first.
    """

    task: str
    language: str
    n: int
    n_given: int
    metrics: Mapping[str, float]
    artifact: str = ""
    examples: str = ""
    empty_fields: int = 0
    shortened: int = 0
    invalid: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        """(task, language)."""
        return self.task, self.language

    @property
    def headline(self) -> str:
        """The name of the metric that stands for the task."""
        return next(iter(self.metrics))


@dataclass(frozen=True)
class CellRecord:
    """One cell: one system (everything but seed and evaluated language) run with one seed.

    `adapted_to` is the target language of a method that trains once for each; "" where the cell is adapted to none.
    `stages` has the costs of its training stages: name, artifact, trained_parameters, stored_bytes, seconds, tokens,
    peak_memory_bytes. The cell's own costs are their sums (of memory the most), stages that other cells share included.
    """

    id: str
    system: str
    method: str
    model: str
    data: str
    profile: str
    setting: str
    shots: str
    seed: int
    source: str
    tasks: tuple[str, ...]
    train_tasks: tuple[str, ...]
    variant: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    formulation: str = ""
    model_hash: str = ""
    adapted_to: str = ""
    sample_seed: int = 0
    training_seed: int = 0
    limit: int | None = None
    on_bad_row: str = "error"
    skipped_rows: int = 0
    skipped_training_rows: int = 0
    trainable_parameters: int = 0
    total_parameters: int = 0
    stored_bytes: int = 0
    train_seconds: float = 0.0
    predict_seconds: float = 0.0
    tokens_per_second: float = 0.0
    peak_memory_bytes: int = 0
    stages: tuple[Mapping[str, Any], ...] = ()
    steps: int = 0
    best_step: int = 0
    curve: tuple[Mapping[str, Any], ...] = ()
    train_ids: Mapping[str, Any] = field(default_factory=dict)
    dev_ids: Mapping[str, Any] = field(default_factory=dict)
    device: str = ""
    precision: str = ""
    threads: int = 0
    world_size: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    created: str = ""
    predictions: tuple[PredictionRecord, ...] = ()
    schema: int = SCHEMA

    @property
    def label(self) -> str:
        """The method with its variant, as people read it: `mpt[alpha=1]`."""
        return f"{self.method}[{self.variant}]" if self.variant else self.method

    def pair(self, task: str, language: str) -> PredictionRecord:
        """The record of one pair. Raises KeyError where the cell has none."""
        return self._by_pair[task, language]

    @cached_property
    def _by_pair(self) -> dict[tuple[str, str], PredictionRecord]:
        return {entry.pair: entry for entry in self.predictions}

    def differences(self, other: CellRecord) -> list[str]:
        """Where two records of one id disagree in what makes a cell, in words; empty where they are one cell."""
        pairs = [(name, getattr(self, name), getattr(other, name)) for name in IDENTITY]
        return [f"{name} {mine!r} and {theirs!r}" for name, mine, theirs in pairs if mine != theirs]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, the schema's version first."""
        return {"schema": self.schema, **asdict(self)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> CellRecord:
        """The record that `to_dict` wrote. Raises StoreError for a missing or unknown key and for a newer schema."""
        if not isinstance(value, Mapping):
            raise StoreError(f"a mapping was expected, not {value!r}")
        if value.get("schema") != SCHEMA:
            raise StoreError(f"schema {value.get('schema')!r} is not {SCHEMA}, the one that this xbench reads")
        record = _from_keys(cls, value)
        try:
            pairs = tuple(_from_keys(PredictionRecord, entry) for entry in record.predictions)
            lists = {name: tuple(getattr(record, name)) for name in ("tasks", "train_tasks", "curve", "stages")}
            return replace(record, **lists, predictions=pairs)
        except TypeError as error:
            raise StoreError(f"a list was expected ({error})") from error

    def merged_into(self, older: CellRecord) -> CellRecord:
        """This record with the older one's tasks, and those of its pairs that this one has not."""
        before = {entry.pair: entry for entry in older.predictions}
        pairs = before | {entry.pair: entry for entry in self.predictions}
        grown = len(pairs) > len(before)
        return replace(
            self,
            tasks=tuple(dict.fromkeys((*older.tasks, *self.tasks))),
            predictions=tuple(pairs[pair] for pair in sorted(pairs)),
            skipped_rows=sum(entry.n_given - entry.n for entry in pairs.values()) + self.skipped_training_rows,
            predict_seconds=self.predict_seconds + (older.predict_seconds if grown else 0),
        )


IDENTITY = (
    *("system", "method", "variant", "model", "model_hash", "data", "profile", "setting", "shots", "seed"),
    *("sample_seed", "training_seed", "source", "limit", "train_tasks", "adapted_to"),
)


def _from_keys(kind: type[Any], value: Mapping[str, Any]) -> Any:
    if not isinstance(value, Mapping):
        raise StoreError(f"a mapping was expected, not {value!r}")
    known, required = _KEYS[kind.__name__]
    if unknown := sorted(set(value) - known):
        raise StoreError(f"unknown key '{unknown[0]}'")
    if missing := sorted(required - set(value)):
        raise StoreError(f"the key '{missing[0]}' is missing")
    return kind(**value)


def _keys(kind: type[Any]) -> tuple[frozenset[str], frozenset[str]]:
    """(all keys, those that have to be there)"""
    every = fields(kind)
    required = (one.name for one in every if one.default is MISSING and one.default_factory is MISSING)
    return frozenset(one.name for one in every), frozenset(required)


_KEYS = {kind.__name__: _keys(kind) for kind in (CellRecord, PredictionRecord)}

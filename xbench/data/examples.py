"""Examples: the rows of one task, language and split, column by column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xbench.spec.task import Kind

MIXED = "mul"  # ISO 639: multiple languages


@dataclass(frozen=True)
class Examples:
    """Rows of one split. All columns have the same length; texts are exactly as the source has them.

    `gold` holds what xbench.answers says for the kind, and is empty text where a source has no answers.
    `languages` gives the language of each row where rows differ (`language` is then `mul`), and is empty otherwise.
    `dropped` counts rows left out because the task says so, `skipped` rows left out because they were bad.
    """

    task: str
    language: str
    split: str
    ids: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    gold: tuple[str, ...]
    languages: tuple[str, ...] = ()
    dropped: int = 0
    skipped: int = 0
    kind: Kind = "classification"

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, indices: Sequence[int]) -> Examples:
        """The rows at these positions, in this order."""
        return replace(
            self,
            ids=tuple(self.ids[index] for index in indices),
            fields={name: tuple(column[index] for index in indices) for name, column in self.fields.items()},
            gold=tuple(self.gold[index] for index in indices),
            languages=tuple(self.languages[index] for index in indices) if self.languages else (),
        )

    @cached_property
    def content_hash(self) -> str:
        """16 hex digits of task, language, ids, fields and gold; the same on every machine."""
        digest = hashlib.sha256()
        columns = [self.ids, self.gold, self.languages, *(self.fields[name] for name in sorted(self.fields))]
        for part in ((self.task, self.language, *sorted(self.fields)), *columns):
            digest.update(json.dumps(part, ensure_ascii=True, separators=(",", ":")).encode())
            digest.update(b"\n")
        return digest.hexdigest()[:16]


def content_keys(examples: Examples, seed: str) -> list[bytes]:
    """A seeded, random-looking key for each row, from its content alone.

    Sorting by it shuffles, and the outcome does not depend on the order of the file. Rows with equal content get
    different keys, by their occurrence.
    """
    names = sorted(examples.fields)
    seen: dict[bytes, int] = {}
    keys = []
    for index in range(len(examples)):
        row = [examples.gold[index], *(examples.fields[name][index] for name in names)]
        content = hashlib.sha256(json.dumps(row).encode()).digest()
        occurrence = seen[content] = seen.get(content, -1) + 1
        keys.append(hashlib.sha256(f"{seed}\n{occurrence}\n".encode() + content).digest())
    return keys

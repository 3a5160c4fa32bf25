"""Few-shot samples of train and dev: drawn by seed, the same for every method, whatever the order of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xbench.data.examples import Examples, content_keys
from xbench.data.held_out import hold_out
from xbench.data.kinds import KIND_ROWS, apart_text
from xbench.errors import DataError, RequestError, nearest

Unit = Literal["shots", "class", "language", "total", "most", "full"]
UNITS: tuple[Unit, ...] = ("class", "language", "total", "most", "full")


@dataclass(frozen=True)
class TrainSize:
    """How much to train on: `count` a class, a language, or in total; or all there is (`full`, no count).

    `shots` is what a plain number asks for: that many of each class in classification, that many in all for the kinds
    that have no classes. `most` is `count` a language, or all where there are fewer.
    """

    unit: Unit
    count: int | None = None

    def __str__(self) -> str:
        if self.unit == "full":
            return "full"
        return str(self.count) if self.unit == "shots" else f"{self.unit}:{self.count}"


def parse_train_size(text: str) -> TrainSize:
    """The size written as 16, class:16, language:100, total:50, most:3000 or full. Raises RequestError for others."""
    unit, colon, number = text.strip().rpartition(":")
    known: Unit | None = next((each for each in UNITS[:-1] if each == unit), None) if colon else "shots"
    if text.strip() == "full":
        return TrainSize("full")
    if known is not None and number.isascii() and number.isdecimal() and int(number) > 0:
        return TrainSize(known, int(number))
    hint = nearest(unit, UNITS) if unit and unit not in UNITS else ""
    raise RequestError(
        f"'{text}' is no train size; expected 16 or class:16, language:100, total:50, most:3000, or full.{hint}"
    )


def train_size_of(text: str, task: str, role: str) -> TrainSize:
    """What a size says for one task: `most:3000+expanding=most:5000+news=class:8`, each part for a task or a role.

    The first part is for all tasks that no other part names; a task's own part goes before its role's.
    Raises RequestError for a part that is no `NAME=SIZE`.
    """
    return parse_train_size(_part(text, task, role)[1])


def train_languages_of(text: str, task: str, role: str) -> tuple[str, ...] | None:
    """The languages that a size allows a task to train in: those of `news@en/fr=class:8`; None: all it has.

    Raises RequestError as `train_size_of` does.
    """
    return _part(text, task, role)[0]


def _part(text: str, task: str, role: str) -> tuple[tuple[str, ...] | None, str]:
    """(languages, size) of the part that is about a task."""
    first, *parts = text.split("+")
    found: dict[str, tuple[tuple[str, ...] | None, str]] = {}
    for part in parts:
        name, equals, size = part.partition("=")
        if not equals:
            raise RequestError(f"'{part}' in the train size '{text}': write NAME=SIZE, such as expanding=total:50.")
        name, at, languages = name.strip().partition("@")
        found[name] = (tuple(languages.split("/")) if at else None, size)
    return found.get(task) or found.get(role) or (None, first)


def sample_train_and_dev(
    train: Examples, dev: Examples | None, size: TrainSize, seed: int
) -> tuple[Examples, Examples]:
    """A training sample and a dev sample of the same size, without a text in common (for questions, a context).

    For unit `class`, `count` rows of each label for train and as many for dev; for `language` and `total`, `count`
    rows of these examples, for `most` as many as there are up to `count`; for `shots`, as for `class` in classification
    and as for `total` in all other kinds. dev comes from `dev`, or, where that is None, from the rows of `train` that
    were not drawn. `full` takes all of train and all of dev. Which rows are drawn depends on seed and contents, not on
    their order.
    Raises RequestError for `class` where the kind has no classes, DataError where there are too few rows.
    """
    if size.unit == "full" or size.count is None:
        return (train, dev) if dev is not None else hold_out(train, f"train {seed}")
    _check_classes(train, size)
    chosen = _draw(train, _ranked(train, f"train {seed}"), size, "training")
    texts = {apart_text(train, index) for index in chosen}
    pool = train if dev is None else dev
    ranked = [
        index
        for index in _ranked(pool, f"{'train' if dev is None else 'dev'} {seed}")
        if apart_text(pool, index) not in texts
    ]
    return train.take(chosen), pool.take(_draw(pool, ranked, size, "dev"))


def _ranked(examples: Examples, seed: str) -> list[int]:
    keys = content_keys(examples, seed)
    return sorted(range(len(examples)), key=keys.__getitem__)


def _check_classes(train: Examples, size: TrainSize) -> None:
    if size.unit == "class" and not KIND_ROWS[train.kind].classes:
        raise RequestError(
            f"{train.task} ({train.language}): class:{size.count} counts the examples of each label, and {train.kind} "
            f"has no classes. Use total:{size.count} or language:{size.count}, or full."
        )


def _counts_labels(examples: Examples, size: TrainSize) -> bool:
    return size.unit == "class" or (size.unit == "shots" and KIND_ROWS[examples.kind].classes)


def _draw(examples: Examples, ranked: list[int], size: TrainSize, what: str) -> list[int]:
    """The first rows of a ranking that fill the size, in the order of the ranking."""
    assert size.count is not None
    where = f"{examples.task} ({examples.language})"
    if not _counts_labels(examples, size):
        if len(ranked) < (1 if size.unit == "most" else size.count):
            raise DataError(f"{where}: {size.count} {what} rows asked for, {len(ranked)} there are. Ask for fewer.")
        return ranked[: size.count]
    left = dict.fromkeys(sorted(set(examples.gold)), size.count)
    available = {label: sum(examples.gold[index] == label for index in ranked) for label in left}
    for label, count in available.items():
        if count < size.count:
            raise DataError(
                f"{where}: {size.count} {what} rows asked for label '{label}', {count} there are"
                f"{' that are not drawn for train' if what == 'dev' else ''}. Ask for fewer (--shots)."
            )
    drawn = []
    for index in ranked:
        if left[examples.gold[index]] > 0:
            left[examples.gold[index]] -= 1
            drawn.append(index)
    return drawn

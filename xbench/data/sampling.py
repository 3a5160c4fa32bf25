"""Few-shot samples of train and dev: drawn by seed, the same for every method, whatever the order of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from xbench.data.examples import Examples, content_keys
from xbench.errors import DataError, RequestError, nearest

Unit = Literal["class", "language", "total", "full"]
UNITS: tuple[Unit, ...] = ("class", "language", "total", "full")


@dataclass(frozen=True)
class TrainSize:
    """How much to train on: `count` a class, a language, or in total; or all there is (`full`, no count)."""

    unit: Unit
    count: int | None = None

    def __str__(self) -> str:
        if self.unit == "full":
            return "full"
        return str(self.count) if self.unit == "class" else f"{self.unit}:{self.count}"


def parse_train_size(text: str) -> TrainSize:
    """The size written as 16, class:16, language:100, total:50 or full. Raises RequestError for anything else."""
    unit, _, number = text.strip().rpartition(":")
    if text.strip() == "full":
        return TrainSize("full")
    if number.isascii() and number.isdecimal() and int(number) > 0:
        for known in UNITS[:3]:
            if (unit or "class") == known:
                return TrainSize(known, int(number))
    hint = nearest(unit, UNITS) if unit and unit not in UNITS else ""
    raise RequestError(f"'{text}' is no train size; expected 16 or class:16, language:100, total:50, or full.{hint}")


def sample_train_and_dev(
    train: Examples, dev: Examples | None, size: TrainSize, seed: int
) -> tuple[Examples, Examples]:
    """A training sample and a dev sample of the same size, without a text in common.

    For unit `class`, `count` rows of each label for train and as many for dev; for `language` and `total`, `count`
    rows of these examples. dev comes from `dev`, or, where that is None, from the rows of `train` that were not drawn.
    `full` takes all of train and all of dev. Which rows are drawn depends on seed and contents, not on their order.
    Raises DataError where there are too few rows.
    """
    if size.unit == "full" or size.count is None:
        return _full(train, dev, seed)
    chosen = _draw(train, _ranked(train, f"train {seed}"), size, "training")
    texts = _texts(train, chosen)
    pool = train if dev is None else dev
    ranked = [
        index
        for index in _ranked(pool, f"{'train' if dev is None else 'dev'} {seed}")
        if _text(pool, index) not in texts
    ]
    return train.take(chosen), pool.take(_draw(pool, ranked, size, "dev"))


def _ranked(examples: Examples, seed: str) -> list[int]:
    keys = content_keys(examples, seed)
    return sorted(range(len(examples)), key=keys.__getitem__)


def _text(examples: Examples, index: int) -> tuple[str, ...]:
    return tuple(examples.fields[name][index] for name in sorted(examples.fields))


def _texts(examples: Examples, indices: Iterable[int]) -> set[tuple[str, ...]]:
    return {_text(examples, index) for index in indices}


def _draw(examples: Examples, ranked: list[int], size: TrainSize, what: str) -> list[int]:
    """The first rows of a ranking that fill the size, in the order of the ranking."""
    assert size.count is not None
    where = f"{examples.task} ({examples.language})"
    if size.unit != "class":
        if len(ranked) < size.count:
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


def _full(train: Examples, dev: Examples | None, seed: int) -> tuple[Examples, Examples]:
    if dev is not None:
        return train, dev
    ranked = _ranked(train, f"train {seed}")
    held = max(1, len(ranked) // 10)
    if len(ranked) < 2:
        raise DataError(f"{train.task} ({train.language}): one training row cannot be divided into train and dev.")
    texts = _texts(train, ranked[:held])
    rest = [index for index in range(len(train)) if _text(train, index) not in texts]
    if not rest:
        raise DataError(
            f"{train.task} ({train.language}): all training rows have the same text; no dev set can be held out."
        )
    return train.take(rest), train.take(sorted(ranked[:held]))

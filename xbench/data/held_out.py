"""A dev set held out of train, without a text in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xbench.data.examples import Examples, content_keys
from xbench.data.kinds import KIND_ROWS, apart_text
from xbench.errors import DataError

HELD_OUT_SHARE = 0.1


def hold_out(train: Examples, seed: str) -> tuple[Examples, Examples]:
    """Train without a tenth of its rows, and these rows as dev; both in the order of the source.

    Rows with the same text (the same context, for questions) stay together. Of a classification task, a tenth of each
    label's rows is taken. Which rows depends on seed and contents, not on their order. Rows that were skipped or
    dropped count as train's. Raises DataError where all rows have the same text.
    """
    keys = content_keys(train, seed)
    groups: dict[tuple[str, ...], list[int]] = {}
    for index in sorted(range(len(train)), key=keys.__getitem__):
        groups.setdefault(apart_text(train, index), []).append(index)
    if len(groups) < 2:
        raise DataError(
            f"{train.task} ({train.language}): all {len(train)} training rows have the same text "
            f"({', '.join(KIND_ROWS[train.kind].apart or sorted(train.fields))}); no dev set can be held out of them."
        )
    dev = {index for of_label in _by_label(train, list(groups.values())) for index in _tenth(of_label)}
    if not dev:
        dev = set(next(iter(groups.values())))
    rest = train.take([index for index in range(len(train)) if index not in dev])
    return rest, replace(train.take(sorted(dev)), skipped=0, dropped=0)


def _by_label(train: Examples, groups: Sequence[list[int]]) -> list[list[list[int]]]:
    """The groups by the label of their first row, or all together where there are no classes."""
    if not KIND_ROWS[train.kind].classes:
        return [list(groups)]
    by_label: dict[str, list[list[int]]] = {}
    for group in groups:
        by_label.setdefault(train.gold[group[0]], []).append(group)
    return list(by_label.values())


def _tenth(groups: Sequence[list[int]]) -> list[int]:
    """The rows of the first groups that hold a tenth of all rows, at least one and never all of the groups."""
    wanted = max(1, round(sum(map(len, groups)) * HELD_OUT_SHARE))
    taken: list[int] = []
    for group in groups[:-1]:
        if len(taken) >= wanted:
            break
        taken += group
    return taken

"""Long inputs as several windows of about the same length, so that little of them is padding."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def consecutive_windows(lengths: Sequence[int], room: int) -> list[range]:
    """Neighbouring units (words, by their numbers of pieces) in as few windows of at most `room` as there can be.

    Every unit is in exactly one window, and of all ways with so few windows this has the shortest longest one. A unit
    longer than `room` has a window of its own.
    """
    fewest = len(_packed(lengths, room))
    # Fewer windows need more room: the smallest room that still gives the fewest.
    limit = 1 + bisect_left(range(1, room), True, key=lambda limit: len(_packed(lengths, limit)) <= fewest)
    return _packed(lengths, limit)


def _packed(lengths: Sequence[int], room: int) -> list[range]:
    """Each window as full as it can be, from the first unit on."""
    starts, filled = [0], 0
    for number, length in enumerate(lengths):
        if number > starts[-1] and filled + length > room:
            starts.append(number)
            filled = 0
        filled += length
    return [range(start, end) for start, end in zip(starts, [*starts[1:], len(lengths)], strict=True)]


def overlapping_windows(length: int, room: int, overlap: int) -> list[range]:
    """`length` pieces in as few windows of at most `room` as there can be, neighbours sharing at least `overlap`.

    Raises ValueError where the overlap leaves no room to go on.
    """
    if overlap >= room:
        raise ValueError(f"windows of {room} pieces cannot share {overlap}")
    if length <= room:
        return [range(length)]
    steps = -(-(length - room) // (room - overlap))  # windows after the first
    size = -(-(length + steps * overlap) // (steps + 1))
    return [range(start, start + size) for step in range(steps + 1) for start in [(length - size) * step // steps]]

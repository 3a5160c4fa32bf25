"""Batches under a token budget, and windows of inputs that are too long for one row."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from xbench.encoding.rows import Row, collate, token_budget_batches
from xbench.encoding.windows import consecutive_windows, overlapping_windows


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60), tokens=st.integers(1, 200))
def test_every_row_is_in_exactly_one_batch_within_the_budget(lengths: list[int], tokens: int) -> None:
    rows = [Row(index, {"input_ids": [0] * length}, length) for index, length in enumerate(lengths)]
    batches = token_budget_batches(rows, tokens)
    assert sorted(row.index for batch in batches for row in batch) == list(range(len(rows)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(row.length for row in batch) <= tokens
    sizes = [row.length for batch in batches for row in batch]
    assert sizes == sorted(sizes, reverse=True)


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60), tokens=st.integers(1, 200))
def test_uneven_batches_are_as_full_as_the_budget_allows(lengths: list[int], tokens: int) -> None:
    """For answers that are written token by token: two neighbours together would be over the budget."""
    rows = [Row(index, {"input_ids": [0] * length}, length) for index, length in enumerate(lengths)]
    batches = token_budget_batches(rows, tokens, even=False)
    assert sorted(row.index for batch in batches for row in batch) == list(range(len(rows)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(row.length for row in batch) <= tokens
    for one in batches[:-1]:
        assert (len(one) + 1) * one[0].length > tokens


EXAMPLES = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=5), min_size=1, max_size=30)


@given(examples=EXAMPLES, tokens=st.integers(1, 400), processes=st.integers(1, 3))
def test_all_rows_of_an_example_are_in_one_batch(examples: list[list[int]], tokens: int, processes: int) -> None:
    """And so in one process, whichever takes the batch."""
    rows = [
        Row(index, {"input_ids": [number] * length}, length, origin=number)
        for index, lengths in enumerate(examples)
        for number, length in enumerate(lengths)
    ]
    batches = token_budget_batches(rows, tokens)
    shares = [batches[rank::processes] for rank in range(processes)]
    found = [index for share in shares for batch in share for index in {row.index for row in batch}]
    assert sorted(found) == list(range(len(examples)))
    for batch in batches:
        longest = max(row.length for row in batch)
        assert len({row.index for row in batch}) == 1 or len(batch) * longest <= tokens
        collated = collate(batch, {"input_ids": 0})
        for index, places in collated.by_example().items():
            assert [collated.origins[place] for place in places] == list(range(len(examples[index])))
            assert [batch[place].length for place in places] == examples[index]
            assert longest - max(examples[index]) <= max(4, longest // 8)


@given(lengths=st.lists(st.integers(0, 30), max_size=40), room=st.integers(1, 60))
def test_consecutive_windows_hold_every_unit_once(lengths: list[int], room: int) -> None:
    windows = consecutive_windows(lengths, room)
    assert [unit for window in windows for unit in window] == list(range(len(lengths)))
    totals = [sum(lengths[unit] for unit in window) for window in windows]
    assert all(total <= room or len(window) == 1 for total, window in zip(totals, windows, strict=True))
    # As few as there can be, by trying every cut, and no others of so few have a shorter longest one.
    assert len(windows) == _fewest(lengths, room)
    if max(totals) <= room:
        assert max(totals) == _shortest(lengths, len(windows))


def _fewest(lengths: list[int], room: int) -> int:
    """The least number of windows, over all ways to cut."""
    best = [0]
    for end in range(1, len(lengths) + 1):
        best.append(min(best[start] + 1 for start in range(end) if sum(lengths[start:end]) <= room or end - start == 1))
    return max(best[-1], 1)


def _shortest(lengths: list[int], count: int) -> int:
    """The least length that the longest of at most `count` windows can have."""
    table = {(0, number): 0 for number in range(count + 1)}
    for number in range(1, count + 1):
        for end in range(1, len(lengths) + 1):
            table[end, number] = min(
                max(table.get((start, number - 1), 10**9), sum(lengths[start:end])) for start in range(end)
            )
    return table[len(lengths), count]


@given(length=st.integers(0, 500), room=st.integers(2, 80), data=st.data())
def test_overlapping_windows_cover_all_and_share_enough(length: int, room: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, room - 1))
    windows = overlapping_windows(length, room, overlap)
    assert set(range(length)) == {place for window in windows for place in window}
    assert all(len(window) <= room for window in windows)
    assert len({len(window) for window in windows}) == 1  # none is mostly padding beside another
    for one, other in pairwise(windows):
        assert one.stop - other.start >= overlap and one.start < other.start
    # No fewer windows would do.
    count = len(windows)
    assert count == 1 or room + (count - 2) * (room - overlap) < length

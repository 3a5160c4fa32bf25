"""Batches under a token budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xbench.encoding.rows import Row, token_budget_batches


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60), tokens=st.integers(1, 200))
def test_every_row_is_in_exactly_one_batch_within_the_budget(lengths: list[int], tokens: int) -> None:
    rows = [Row(index, {"input_ids": [0] * length}, length) for index, length in enumerate(lengths)]
    batches = token_budget_batches(rows, tokens)
    assert sorted(row.index for batch in batches for row in batch) == list(range(len(rows)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(row.length for row in batch) <= tokens
    sizes = [row.length for batch in batches for row in batch]
    assert sizes == sorted(sizes, reverse=True)

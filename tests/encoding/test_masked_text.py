"""Masked text: what is hidden and how, and that it depends on seed, stream, step and row alone."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from tests.conftest import GetBackbone
from xbench.encoding.formulation import IGNORED
from xbench.encoding.masked_text import MaskedText
from xbench.encoding.rows import Row, Stream
from xbench.encoding.tokens import special_tokens
from xbench.errors import BackboneError
from xbench.runner.training import rows_of_step

TEXTS = (
    "The cat is under the table and the dog sleeps.",
    "Good.",
    "The staff was friendly, the food was cold; nobody answered my letter about it, so I went home again.",
    "A small house by the sea.",
)


@pytest.fixture
def masked(backbone: GetBackbone) -> MaskedText:
    return MaskedText(backbone("xlmr").tokenizer, 64)


def ids(row: Row) -> list[int]:
    return list(row.values["input_ids"])  # type: ignore[arg-type]


def targets(row: Row) -> list[int]:
    return list(row.values["target_ids"])  # type: ignore[arg-type]


def test_rows_are_the_texts_between_special_tokens(masked: MaskedText) -> None:
    rows = masked.rows(TEXTS)
    assert [ids(row) for row in rows] == masked.tokenizer(list(TEXTS))["input_ids"]
    assert [row.index for row in rows] == [0, 1, 2, 3] and all(set(targets(row)) == {IGNORED} for row in rows)


def test_long_texts_are_cut_off_or_go_on_in_the_next_row(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    specials = special_tokens(tokenizer)
    plain = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in TEXTS]
    cut = MaskedText(tokenizer, 10).rows(TEXTS)
    room = 10 - len(specials.before) - len(specials.after)
    assert [ids(row) for row in cut] == [[*specials.before, *each[:room], *specials.after] for each in plain]
    packed = MaskedText(tokenizer, 10, packed=True).rows(TEXTS)
    inside = [token for row in packed for token in ids(row)[len(specials.before) : -len(specials.after)]]
    expected: list[int] = []
    for each in plain:
        expected += [*(specials.between if expected else ()), *each]
    assert inside == expected and {row.length for row in packed[:-1]} == {10}


def test_texts_without_tokens_make_no_row_and_no_special_token_comes_from_text(masked: MaskedText) -> None:
    assert len(masked.rows(["", "Good."])) == 1
    (row,) = masked.rows([f"Good {masked.tokenizer.mask_token} {masked.tokenizer.eos_token}"])
    specials = set(masked.tokenizer.all_special_ids)
    assert not specials & set(ids(row)[1:-1])


def test_fifteen_percent_are_asked_for_and_those_alone_change(masked: MaskedText) -> None:
    for row in masked.rows(TEXTS):
        for step in range(20):
            hidden = masked.hide(row, "text", 1, step)
            places = [place for place, target in enumerate(targets(hidden)) if target != IGNORED]
            assert len(places) == hidden.count == max(1, round(0.15 * (row.length - 2)))
            assert [targets(hidden)[place] for place in places] == [ids(row)[place] for place in places]
            assert 0 not in places and row.length - 1 not in places  # <s> and </s>
            assert [t for p, t in enumerate(ids(hidden)) if p not in places] == [
                t for p, t in enumerate(ids(row)) if p not in places
            ]


def test_eighty_ten_ten(masked: MaskedText) -> None:
    row = masked.rows([" ".join(TEXTS * 4)])[0]
    found: Counter[str] = Counter()
    for step in range(1500):
        hidden = masked.hide(row, "text", 1, step)
        for new, old, target in zip(ids(hidden), ids(row), targets(hidden), strict=True):
            if target != IGNORED:
                found["mask" if new == masked.tokenizer.mask_token_id else "same" if new == old else "other"] += 1
                assert new == masked.tokenizer.mask_token_id or new not in masked.tokenizer.all_special_ids
    share = {name: count / sum(found.values()) for name, count in found.items()}
    # Some 13,000 tokens: three standard errors are about 0.01.
    assert share == pytest.approx({"mask": 0.8, "other": 0.1, "same": 0.1}, abs=0.012)


def test_a_function_of_seed_stream_step_and_row(masked: MaskedText) -> None:
    row, other = masked.rows((TEXTS[2], TEXTS[2]))
    assert masked.hide(row, "text", 1, 5) == masked.hide(row, "text", 1, 5)
    torch.manual_seed(123)  # no global generator takes part
    assert masked.hide(row, "text", 1, 5) == masked.hide(row, "text", 1, 5)
    asked = masked.hide(row, "text", 1, 5)
    others = [masked.hide(row, "text", 2, 5), masked.hide(row, "more", 1, 5), masked.hide(row, "text", 1, 6)]
    others.append(masked.hide(other, "text", 1, 5))
    assert all(targets(each) != targets(asked) for each in others)


def test_a_step_has_the_same_masks_whatever_is_before_it(masked: MaskedText) -> None:
    """What a resumed training, or another number of processes, asks for is what this one does."""
    stream = Stream("text", masked.rows(TEXTS), lambda rows: masked.batch(rows, "text"), draw=masked.hide)
    steps = [rows_of_step(stream, step, 2, seed=7) for step in range(6)]
    assert rows_of_step(stream, 4, 2, seed=7) == steps[4]
    seen = {row.index: row for step in (0, 1) for row in steps[step]}
    again = {row.index: row for step in (2, 3) for row in steps[step]}
    assert seen.keys() == again.keys() == {0, 1, 2, 3}
    assert any(targets(seen[index]) != targets(again[index]) for index in seen)  # hidden anew in the next pass


def test_a_batch_pads_targets_with_what_counts_for_nothing(masked: MaskedText) -> None:
    rows = [masked.hide(row, "text", 1, 0) for row in masked.rows(TEXTS)]
    batch = masked.batch(rows, "text")
    assert batch.count == sum(row.count for row in rows) == int((batch["target_ids"] != IGNORED).sum())
    assert batch["attention_mask"].sum() == batch.tokens and batch.stream == "text"


def test_a_tokenizer_without_a_mask_is_refused(backbone: GetBackbone) -> None:
    with pytest.raises(BackboneError, match="no mask token"):
        MaskedText(backbone("mt5").tokenizer, 64)

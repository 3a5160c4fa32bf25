"""Overlap of subwords: shares by hand, and what the embedded tokenizer's unseen languages have."""

from __future__ import annotations

import pytest

from tests.conftest import GetBackbone
from xbench.backbone.load import load_tokenizer
from xbench.data.text import load_text
from xbench.encoding.subwords import subword_overlap
from xbench.spec.registry import load_task


def test_shares_by_hand(backbone: GetBackbone) -> None:
    """The pieces are known words, and letters for the rest: `xy` has two, after the lone mark of a word's start."""
    tokenizer = backbone("unigram").tokenizer
    assert tokenizer.tokenize("good bad xy") == ["▁good", "▁bad", "▁", "x", "y"]
    found = subword_overlap(tokenizer, ["good bad xy", "good good"], ["good okay"])
    assert (found.pieces, found.tokens, found.single, found.per_word) == pytest.approx((1 / 2, 3 / 7, 3 / 7, 7 / 5))


def test_a_text_with_itself_and_with_nothing_in_common(backbone: GetBackbone) -> None:
    tokenizer = backbone("unigram").tokenizer
    assert subword_overlap(tokenizer, ["good bad"], ["good bad"]).pieces == 1.0
    apart = subword_overlap(tokenizer, ["good"], ["bad"])
    assert (apart.pieces, apart.tokens) == (0.0, 0.0)


def test_unseen_languages_share_some_with_their_relative_and_fall_apart_into_characters() -> None:
    """docs/systems-adaptation.md has the numbers."""
    task, tokenizer = load_task("xnli"), load_tokenizer("micro-xlmr")
    texts = {language: load_text(task, language, "sample") for language in ("bg", "ru", "ur", "ar")}
    bulgarian = subword_overlap(tokenizer, texts["bg"], texts["ru"])
    urdu = subword_overlap(tokenizer, texts["ur"], texts["ar"])
    assert 0.05 < urdu.pieces < bulgarian.pieces < 0.5
    for unseen, relative in (("bg", "ru"), ("ur", "ar")):
        seen = subword_overlap(tokenizer, texts[relative], texts[unseen])
        own = subword_overlap(tokenizer, texts[unseen], texts[relative])
        assert own.per_word > 2.5 * seen.per_word and own.single > 2.5 * seen.single

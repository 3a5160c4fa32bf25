"""Plain texts and pairs as the tokenizer itself joins them."""

from __future__ import annotations

import pytest

from tests.conftest import GetBackbone
from tests.tiny import batch_of, examples, of_texts, task
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.linear import Linear

KINDS = ("xlmr", "unigram", "bert")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["marc", "xnli"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_rows_equal_the_tokenizers_own_pairs(backbone: GetBackbone, kind: str, name: str, language: str) -> None:
    tokenizer = backbone(kind, "encoder").tokenizer
    spec = task(name)
    given = examples(spec, language)
    for row in Linear(spec, tokenizer, EncodingOptions(), "en").encode(given).rows:
        wanted = tokenizer(*(given.fields[field][row.index] for field in spec.fields))
        for key in tokenizer.model_input_names:
            assert row.values[key] == wanted[key], key
    assert ("token_type_ids" in tokenizer.model_input_names) == (kind == "bert")


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_survive_every_limit(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind, "encoder").tokenizer
    spec = task("xnli")
    whole = tokenizer("good", "bad", return_special_tokens_mask=True)
    special = [id for id, mark in zip(whole["input_ids"], whole["special_tokens_mask"], strict=True) if mark]
    for limit in range(len(special) + 2, 30):
        formulation = Linear(spec, tokenizer, EncodingOptions(max_length=limit), "en")
        for row in formulation.encode(examples(spec)).rows:
            ids = list(row.values["input_ids"])  # type: ignore[arg-type]
            assert len(ids) <= limit
            assert [id for id in ids if id in special] == special
            assert ids[0] == special[0] and ids[-1] == special[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_padding_is_masked_and_reserved_room_stays_free(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind, "encoder").tokenizer
    formulation = Linear(task("xnli"), tokenizer, EncodingOptions(max_length=24, reserved=4), "en")
    batch = batch_of(formulation, of_texts(task("xnli"), ["good " * 30, "good"], ["bad " * 30, "bad"]))
    assert batch["input_ids"].shape == (2, 20)
    padded = batch["attention_mask"][1] == 0
    assert padded.any() and (batch["input_ids"][1][padded] == tokenizer.pad_token_id).all()
    assert kind != "bert" or batch["token_type_ids"].max() == 1

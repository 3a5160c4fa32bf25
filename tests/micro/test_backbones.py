"""The embedded backbones: small, loadable, and with words whole where tasks need them."""

import json

import numpy
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoModelForSeq2SeqLM, AutoTokenizer

from xbench.grammar import generate, language_share, languages
from xbench.micro import NAMES, path
from xbench.micro.corpus import documents
from xbench.micro.masking import encoded, masked_batch, span_batch
from xbench.micro.tokenizers import label_pieces

MEGABYTE = 1_000_000


@pytest.mark.parametrize("name", NAMES)
def test_label_words_are_single_pieces_after_a_space(name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(path(name))
    assert [word for word in label_pieces() if tokenizer.tokenize("a " + word) != ["▁a", "▁" + word]] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_character_is_known(name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(path(name))
    for generator, column in (
        ("reviews", "text"), ("inference", "premise"), ("paraphrases", "sentence1"), ("questions", "question")
    ):  # fmt: skip
        for language in languages(generator):
            texts = [row[column] for row in generate(generator, language, "test", 200)]
            assert all(tokenizer.unk_token_id not in ids for ids in tokenizer(texts)["input_ids"]), language


@pytest.mark.parametrize("name", NAMES)
def test_pieces_that_were_never_trained_stand_last_and_are_never_expected(name: str) -> None:
    card = json.loads((path(name) / "card.json").read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(path(name))
    assert card["vocabulary"] == len(tokenizer)
    learnt = len(tokenizer) - card["never_trained"]
    assert max(tokenizer.all_special_ids) == learnt - 1
    assert all(len(piece) == 1 for piece in tokenizer.convert_ids_to_tokens(range(learnt, len(tokenizer))))
    masked = name == "micro-xlmr"
    model = (AutoModelForMaskedLM if masked else AutoModelForSeq2SeqLM).from_pretrained(path(name), dtype=torch.float32)
    items = encoded(documents(77), tokenizer, 64)
    batch = (masked_batch if masked else span_batch)(items, tokenizer, numpy.random.default_rng(0))
    inputs = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    with torch.no_grad():
        logits = model(**inputs, **({} if masked else {"labels": batch.targets})).logits
    scores = logits[batch.targets != -100]  # [hidden tokens, vocabulary]
    assert scores.argmax(-1).max() < learnt
    assert scores.softmax(-1)[:, learnt:].sum(-1).max() < 0.01


def test_pairs_are_joined_as_each_architecture_does() -> None:
    masked, text_to_text = (AutoTokenizer.from_pretrained(path(name)) for name in NAMES)
    assert masked.decode(masked("the dog", "the cat")["input_ids"]).replace(" ", "") == "<s>thedog</s></s>thecat</s>"
    assert text_to_text("the dog")["input_ids"][-1] == text_to_text.eos_token_id
    assert masked.tokenize("It is <mask>.")[2].strip() == masked.mask_token


def test_masked_language_model_predicts_and_takes_128_tokens() -> None:
    tokenizer = AutoTokenizer.from_pretrained(path("micro-xlmr"))
    model = AutoModelForMaskedLM.from_pretrained(path("micro-xlmr"), dtype=torch.float32)
    inputs = tokenizer("The price is great. The quality is perfect. I love it. In short: <mask>.", return_tensors="pt")
    logits = model(**inputs).logits[inputs["input_ids"] == tokenizer.mask_token_id][0]  # [vocabulary]
    great, terrible = (tokenizer.convert_tokens_to_ids("▁" + word) for word in ("great", "terrible"))
    assert logits[great] > logits[terrible]
    assert model(input_ids=torch.full((1, 128), 5)).logits.isfinite().all()


def test_text_to_text_model_generates() -> None:
    tokenizer = AutoTokenizer.from_pretrained(path("micro-mt5"))
    model = AutoModelForSeq2SeqLM.from_pretrained(path("micro-mt5"), dtype=torch.float32)
    inputs = tokenizer("The dog is sleeping. The dog is sleeping? <extra_id_0>.", return_tensors="pt")
    generated = model.generate(**inputs, max_new_tokens=4, do_sample=False)
    assert tokenizer.convert_ids_to_tokens(generated[0])[1] == "<extra_id_0>"


def test_both_together_take_eight_megabytes_at_most() -> None:
    sizes = [file.stat().st_size for name in NAMES for file in path(name).iterdir()]
    assert sum(sizes) <= 8 * MEGABYTE


@pytest.mark.parametrize("name", NAMES)
def test_the_card_tells_shares_and_overlap(name: str) -> None:
    card = json.loads((path(name) / "card.json").read_text(encoding="utf-8"))
    # The shares that the weights were made with; the published ones are those of the masked language model.
    assert sum(card["language_share"].values()) == pytest.approx(1)
    assert card["language_share"].keys() == language_share().keys()
    assert name != "micro-xlmr" or card["language_share"] == language_share()
    assert set(card["piece_overlap"]) == {"bg-ru", "ur-ar"}
    assert {"steps", "seed", "mixture"} <= set(card["settings"])


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="there are micro-xlmr"):
        path("micro")

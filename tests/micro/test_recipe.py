"""The recipe that makes the backbones, run for a few steps."""

import json
from itertools import islice
from pathlib import Path

import numpy
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel, AutoTokenizer

from xbench.grammar import language_share
from xbench.micro import NAMES, path
from xbench.micro.corpus import Document, documents
from xbench.micro.masking import encoded, masked_batch, span_batch
from xbench.micro.recipe import Settings, build_one, later_shares
from xbench.micro.tokenizers import SENTINELS
from xbench.micro.vocabulary import extend_vocabulary

LONGER = {"micro-xlmr": {"roberta.embeddings.word_embeddings.weight", "lm_head.bias"}, "micro-mt5": {"shared.weight"}}
FILES = {"config.json", "tokenizer.json", "model.safetensors", "card.json"}


@pytest.mark.parametrize("name", NAMES)
def test_a_short_run_writes_a_loadable_folder(name: str, tmp_path: Path) -> None:
    settings = Settings(steps=5, batch_size=8, tokenizer_documents=1500, words=800, parts=1200)
    folder = build_one(name, tmp_path, settings)
    assert {file.name for file in folder.iterdir()} >= FILES
    assert AutoConfig.from_pretrained(folder).vocab_size == len(AutoTokenizer.from_pretrained(folder))


@pytest.mark.parametrize("name", NAMES)
def test_appended_pieces_change_nothing_that_was_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(steps=1, batch_size=8, tokenizer_documents=1500, words=800, parts=1200)
    with monkeypatch.context() as patch:
        patch.setattr("xbench.micro.recipe.extend_vocabulary", lambda folder, seed: [])
        folder = build_one(name, tmp_path, settings)
    tensors = load_file(folder / "model.safetensors")
    before = {key: tensor.clone() for key, tensor in tensors.items()}
    pieces = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    new = extend_vocabulary(folder, seed=3)
    after = load_file(folder / "model.safetensors")
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    assert {"한", "ế", "क", "ɓ"} & {piece for piece, _ in pieces} == set()
    assert "ế" in new and tokenizer == [*pieces, *([piece, min(score for _, score in pieces)] for piece in new)]
    assert after.keys() == before.keys()
    longer = {key for key, tensor in before.items() if len(after[key]) > len(tensor)}
    assert longer == LONGER[name]
    for key, tensor in before.items():
        assert torch.equal(after[key][: len(tensor)], tensor)
        assert key not in longer or len(after[key]) == len(tensor) + len(new)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert (card["never_trained"], card["vocabulary"]) == (len(new), len(tokenizer))
    assert card["parameters"] == sum(tensor.numel() for tensor in after.values())
    assert extend_vocabulary(folder, seed=3) == []  # nothing is lacking any more
    loaded = AutoModel.from_pretrained(folder, dtype=torch.float32)
    assert loaded.get_input_embeddings().num_embeddings == len(AutoTokenizer.from_pretrained(folder)) == len(tokenizer)


def test_later_shares_make_up_for_the_part_of_the_source_alone() -> None:
    shares = later_shares(Settings(steps=300, again=200, source_only=0.4))
    assert sum(shares.values()) == pytest.approx(1)
    alone = 0.4 * 300 / 500
    assert alone + (1 - alone) * shares["en"] == pytest.approx(language_share()["en"])
    with pytest.raises(ValueError, match="source"):
        later_shares(Settings(steps=300, source_only=0.99))


def test_a_second_pass_trains_on_other_documents(tmp_path: Path) -> None:
    short = {"batch_size": 8, "tokenizer_documents": 1500, "words": 800, "parts": 1200}
    said: list[str] = []
    folder = build_one("micro-xlmr", tmp_path, Settings(steps=3, again=100, **short), said.append)
    assert said == [line for line in said if line.startswith("step 100 of 100")] and said
    assert json.loads((folder / "card.json").read_text(encoding="utf-8"))["settings"]["again"] == 100


def test_documents_are_reproducible_and_mark_their_label_word() -> None:
    first, second = (list(islice(documents(7), 300)) for _ in range(2))
    assert first == second
    marked = [document.text[document.start : document.end] for document in first if document.end]
    assert len(marked) > 200
    assert all(word and " " not in word for word in marked)


def test_no_document_is_written_in_a_task_template() -> None:
    for document in islice(documents(8), 5000):
        assert not document.text.startswith("It's ") or document.end == 0
        assert "Answer: " not in document.text
        assert "Question: " not in document.text


def test_masking_hides_label_words_often_and_special_tokens_never() -> None:
    tokenizer = AutoTokenizer.from_pretrained(path("micro-xlmr"))
    items = encoded(documents(9), tokenizer, 400)
    batch = masked_batch(items, tokenizer, numpy.random.default_rng(0))
    hidden = batch.targets != -100  # [batch, length]
    labelled = [(row, item.label) for row, item in enumerate(items) if item.label >= 0]
    assert 0.75 < sum(hidden[place].item() for place in labelled) / len(labelled) < 0.99
    specials = [tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id]
    assert not any(batch.targets.eq(special).any() for special in specials)


def test_span_corruption_gives_back_the_text() -> None:
    tokenizer = AutoTokenizer.from_pretrained(path("micro-mt5"))
    text = "The dog is sleeping. Is that true: the animal is sleeping? Yes."
    document = Document(text, text.index("Yes"), text.index("Yes") + 3)
    (item,) = encoded(iter([document]), tokenizer, 1)
    batch = span_batch([item], tokenizer, numpy.random.default_rng(1))
    sentinels = tokenizer.convert_tokens_to_ids([f"<extra_id_{number}>" for number in range(SENTINELS)])
    spans: dict[int, list[int]] = {}
    for token in batch.targets[0].tolist()[:-1]:
        if token in sentinels:
            spans[token] = []
        else:
            spans[next(reversed(spans))].append(token)
    restored = [piece for token in batch.input_ids[0].tolist() for piece in spans.get(token, [token])]
    assert restored == item.ids

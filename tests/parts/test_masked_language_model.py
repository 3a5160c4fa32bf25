"""The head at the mask and at the label words' rows gives what the full model gives there."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.conftest import GetBackbone
from tests.tiny import Built, batch_of, examples, task
from xbench.backbone.load import Backbone, load_backbone
from xbench.encoding.cloze import Cloze
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.label_words import LabelWords
from xbench.encoding.rows import Batch
from xbench.errors import BackboneError
from xbench.parts.masked_language_model import MaskedLanguageModel, label_log_probabilities

KINDS = ("xlmr", "unigram", "bert")


def cloze_batch(backbone: Backbone, name: str = "marc") -> Batch:
    formulation = Cloze(task(name), backbone.tokenizer, EncodingOptions(max_length=96), "en")
    return batch_of(formulation, examples(task(name)))


def full_scores(backbone: Backbone, batch: Batch) -> Tensor:
    """The whole model's scores at the masks [batch, vocabulary], in float64."""
    model = backbone.fresh().double()
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    assert logits.shape[:2] == batch["input_ids"].shape
    return logits[torch.arange(len(batch)), batch["mask_position"]].detach()


def state(model: MaskedLanguageModel, batch: Batch) -> Tensor:
    return model.state_at(model.encoder(batch), batch["mask_position"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["marc", "xnli"])
def test_vocabulary_scores_equal_the_full_models(backbone: GetBackbone, kind: str, name: str) -> None:
    whole = backbone(kind)
    batch = cloze_batch(whole, name)
    model = MaskedLanguageModel(whole.fresh().double())
    found = model.vocabulary_scores(state(model, batch))
    torch.testing.assert_close(found, full_scores(whole, batch), atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("aggregate", ["max", "mean", "sum"])
def test_label_scores_equal_the_full_heads_rows(backbone: GetBackbone, kind: str, aggregate: str) -> None:
    """Words of one and of several pieces, three for one label and one for the other; put together by hand."""
    whole = backbone(kind)
    batch = cloze_batch(whole)
    ids = [[[11], [70, 12, 40], [7]], [[71, 9]]]
    padded = torch.full((2, 3, 3), -1)
    for label, words in enumerate(ids):
        for word, pieces in enumerate(words):
            padded[label, word, : len(pieces)] = torch.tensor(pieces)
    model = MaskedLanguageModel(whole.fresh().double())
    found = model.label_scores(state(model, batch), LabelWords(("a", "b"), padded, aggregate))
    scores = full_scores(whole, batch).tolist()
    together = {"max": max, "mean": lambda s: sum(s) / len(s), "sum": lambda s: math.log(sum(map(math.exp, s)))}
    for row, at_mask in zip(found.tolist(), scores, strict=True):
        for label, words in enumerate(ids):
            of_words = [sum(at_mask[id] for id in pieces) / len(pieces) for pieces in words]
            assert row[label] == pytest.approx(together[aggregate](of_words), abs=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_over_the_vocabulary(backbone: GetBackbone, kind: str) -> None:
    whole = backbone(kind)
    batch = cloze_batch(whole)
    words = batch.context["label_words"]
    assert isinstance(words, LabelWords) and words.ids.shape[1:] == (1, 1)
    model = MaskedLanguageModel(whole.fresh().double())
    found = label_log_probabilities(model.vocabulary_scores(state(model, batch)).log_softmax(-1), words)
    expected = full_scores(whole, batch).softmax(-1)[:, words.ids.flatten()]
    torch.testing.assert_close(found.exp(), expected, atol=1e-12, rtol=0)
    assert (found.exp().sum(-1) < 0.999).all()  # the rest of the vocabulary has a share


@pytest.mark.parametrize("kind", KINDS)
def test_soft_vectors_stand_at_their_rows(backbone: GetBackbone, kind: str) -> None:
    built = Built("soft", backbone(kind), length=3, position="midfix", reparameterize="none")
    batch = built.batch()
    encoder = MaskedLanguageModel(built.backbone.fresh()).encoder
    prompt = torch.randn(3, encoder.hidden_size)
    embedded = encoder.embed(batch, prompt)
    words = encoder.model.get_input_embeddings()(batch["input_ids"])
    seen = 0
    for row in range(len(batch)):
        for place, vector in enumerate(batch["soft_index"][row].tolist()):
            wanted = words[row, place] if vector < 0 else prompt[vector]
            assert torch.equal(embedded[row, place], wanted)
            seen += vector >= 0
    assert seen == 3 * len(batch)
    each = torch.randn(len(batch), 3, encoder.hidden_size)  # a prompt of its own for every row
    embedded = encoder.embed(batch, each)
    row, place = (batch["soft_index"] == 2).nonzero()[4].tolist()
    assert torch.equal(embedded[row, place], each[row, 2])


def test_a_model_without_a_head_is_no_backbone_for_a_cloze(backbone: GetBackbone, tmp_path: object) -> None:
    encoder = backbone("xlmr").fresh().base_model
    encoder.save_pretrained(str(tmp_path))
    backbone("xlmr").tokenizer.save_pretrained(str(tmp_path))
    with pytest.raises(BackboneError, match=r"is not a masked language model.*it has no weights for lm_head"):
        _ = load_backbone(str(tmp_path), "masked-lm").model

"""The soft prompt: where it enters, what trains, and what the loss normalises over."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.conftest import GetBackbone
from tests.tiny import Built, task
from xbench.encoding.label_words import LabelWords


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@pytest.mark.parametrize("label_space", ["label-words", "vocabulary"])
@pytest.mark.parametrize("reparameterize", ["none", "lstm-mlp"])
def test_the_loss_equals_one_by_hand(backbone: GetBackbone, kind: str, label_space: str, reparameterize: str) -> None:
    """From the whole model's logits, with the prompt put into its input embeddings."""
    built = Built("soft", backbone(kind), task("xnli"), label_space=label_space, reparameterize=reparameterize)
    batch = built.batch()
    model: Any = built.model().double()
    prompt = model.prompt().detach()
    assert prompt.shape == (4, 32)
    whole = built.backbone.fresh().double()
    embeddings = whole.get_input_embeddings()(batch["input_ids"]).detach().clone()
    for row in range(len(batch)):
        places = (batch["soft_index"][row] >= 0).nonzero().flatten().tolist()
        assert len(places) == 4
        for vector, place in enumerate(places):
            embeddings[row, place] = prompt[vector]
    logits = whole(inputs_embeds=embeddings, attention_mask=batch["attention_mask"]).logits.detach()
    words = batch.context["label_words"]
    assert isinstance(words, LabelWords)
    ids = words.ids[:, 0, 0].tolist()
    expected = 0.0
    for row, (label, mask) in enumerate(zip(batch["label"].tolist(), batch["mask_position"].tolist(), strict=True)):
        scores = logits[row, mask]
        rivals = scores if label_space == "vocabulary" else scores[ids]
        expected += float(rivals.logsumexp(0) - scores[ids[label]])
    assert float(built.method.loss(model, batch).detach()) == pytest.approx(expected, rel=1e-10)
    # Predictions compare the label words, whatever the loss normalises over.
    at_mask = logits[torch.arange(len(batch)), batch["mask_position"]][:, ids]
    torch.testing.assert_close(built.method.predict(model, batch).detach(), at_mask, atol=1e-10, rtol=0)


def test_the_two_label_spaces_give_other_gradients(backbone: GetBackbone) -> None:
    found = []
    for label_space in ("label-words", "vocabulary"):
        built = Built("soft", backbone("xlmr"), label_space=label_space)
        model: Any = built.model().double()
        built.method.loss(model, built.batch()).backward()
        found.append(model.prompt.vectors.grad)
    assert not torch.allclose(found[0], found[1], rtol=1e-2)


@pytest.mark.parametrize("reparameterize", ["none", "lstm-mlp"])
def test_tuning_the_prompt_alone_leaves_the_model_out(backbone: GetBackbone, reparameterize: str) -> None:
    built = Built("soft", backbone("xlmr"), tune="prompt", reparameterize=reparameterize)
    model = built.model()
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert trained == {name for name, _ in model.named_parameters() if name.startswith("prompt.")}
    assert (trained == {"prompt.vectors"}) == (reparameterize == "none")
    built.method.loss(model, built.batch()).backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad is not None and bool(parameter.grad.any())) == (name in trained), name


def test_vectors_start_as_the_backbones_weights_do(backbone: GetBackbone) -> None:
    for changes, deviation in (({}, 0.15), ({"deviation": 2.0}, 2.0)):
        model: Any = Built("soft", backbone("xlmr"), length=50, reparameterize="none", **changes).model()
        assert float(model.prompt().detach().std()) == pytest.approx(deviation, rel=0.1)


def test_every_language_reads_the_sources_words_and_prompt(backbone: GetBackbone) -> None:
    built = Built("soft", backbone("xlmr"))
    words = [built.batch(language).context["label_words"] for language in ("en", "de", "zh")]
    assert all(torch.equal(each.ids, words[0].ids) for each in words)  # type: ignore[attr-defined]
    own = Built("soft", backbone("xlmr"), template_language="target").batch("de").context["label_words"]
    assert not torch.equal(own.ids, words[0].ids)  # type: ignore[attr-defined]


def test_mixed_with_discrete_words(backbone: GetBackbone) -> None:
    """A template with words of its own, and a position for the prompt among them."""
    built = Built("soft[template=question-answer,position=suffix,length=2]", backbone("xlmr"), task("xnli"))
    batch = built.batch("de")
    text = built.backbone.tokenizer.decode(batch["input_ids"][0])
    assert text.index("Question") < text.index("Answer")
    assert (batch["soft_index"][0] >= 0).nonzero().flatten().tolist() == [
        int(batch["mask_position"][0]) - 2,
        int(batch["mask_position"][0]) - 1,
    ]

"""UniPrompt's label words and its inference without the template tower."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import XLMRobertaConfig, XLMRobertaModel

from tests.conftest import GetBackbone
from tests.reference import two_towers
from tests.tiny import Built
from xbench.encoding.label_words import LabelWords
from xbench.encoding.rows import Batch
from xbench.errors import BackboneError
from xbench.parts.two_tower import TwoTowerEncoder


def prepared(built: Built, batches: list[Batch]) -> Any:
    """A model in float64 after the method's preparation."""
    model = built.model().double()
    built.method.prepare(model, lambda: iter(batches))
    return model


def class_means(states: Tensor, labels: Tensor, count: int) -> Tensor:
    return torch.stack([states[labels == label].mean(0) for label in range(count)])


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
@pytest.mark.parametrize("mean_state", ["output", "encoder"])
def test_label_words_are_the_class_means_of_the_pretrained_models_states(
    backbone: GetBackbone, kind: str, mean_state: str
) -> None:
    """Equation 5 on 12 examples in two batches, classes of unequal size, by the whole model with hand-made masks."""
    built = Built("uniprompt", backbone(kind), split=2, mean_state=mean_state)
    batches = [built.batch(which=[0, 1, 2, 3, 4, 5, 6]), built.batch(which=[7, 2, 5, 1, 0])]
    model = prepared(built, batches)
    states, labels = [], []
    for batch in batches:
        found = two_towers(built.backbone, batch, 2)
        states.append(found.state if mean_state == "output" else found.encoder_state)
        labels.append(batch["label"])
    expected = class_means(torch.cat(states), torch.cat(labels), 5)
    torch.testing.assert_close(model.soft_words.data, expected, atol=1e-10, rtol=0)
    # Scores are W_lh h^m without a bias (equation 6), whichever state the means were of.
    scores = two_towers(built.backbone, batches[0], 2).state @ expected.T
    torch.testing.assert_close(model(batches[0]).detach(), scores, atol=1e-10, rtol=0)


def test_the_two_mean_states_differ(backbone: GetBackbone) -> None:
    words = []
    for mean_state in ("output", "encoder"):
        built = Built("uniprompt", backbone("xlmr"), mean_state=mean_state)
        words.append(prepared(built, [built.batch()]).soft_words)
    assert (words[0] - words[1]).abs().max() > 0.1


def test_a_class_without_examples_keeps_its_random_word(backbone: GetBackbone) -> None:
    built = Built("uniprompt", backbone("xlmr"))
    model = prepared(built, [built.batch(which=[0, 1, 2])])  # labels 1, 2, 3 of five
    before = built.model().double()
    assert torch.equal(model.soft_words[3:], before.soft_words[3:])  # type: ignore[index]
    assert not torch.equal(model.soft_words[0], before.soft_words[0])  # type: ignore[index]
    assert model(built.batch()).isfinite().all()


@pytest.mark.parametrize("kind", ["discrete", "soft", "soft-plm"])
def test_other_label_words_are_left_as_built(backbone: GetBackbone, kind: str) -> None:
    built = Built("uniprompt", backbone("xlmr"), label_words=kind)
    batch = built.batch()
    model = prepared(built, [batch])
    words = batch.context["label_words"]
    assert isinstance(words, LabelWords)
    rows = model.output.weight[words.ids[:, 0, 0]]  # the embeddings of the labels' words
    state = two_towers(built.backbone, batch, 3).state
    if kind == "discrete":
        assert model.soft_words is None
        bias = model.output.bias[words.ids[:, 0, 0]]
        torch.testing.assert_close(model(batch), state @ rows.T + bias, atol=1e-10, rtol=0)
        return
    if kind == "soft-plm":
        assert torch.equal(model.soft_words, rows)
    else:
        assert (model.soft_words - rows).abs().max() > 0.1
        assert float(model.soft_words.detach().std()) == pytest.approx(0.15, rel=0.3)  # the backbone's own deviation
    torch.testing.assert_close(model(batch), state @ model.soft_words.T, atol=1e-10, rtol=0)


@pytest.mark.parametrize("split", [0, 2, 4])
def test_dropping_the_template_tower_changes_no_prediction(backbone: GetBackbone, split: int) -> None:
    built = Built("uniprompt", backbone("xlmr"), split=split)
    model = built.model()
    built.method.prepare(model, lambda: iter([built.batch()]))
    for parameter in model.parameters():  # towers that training has parted
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    batches = [built.batch("en"), built.batch("zh"), built.batch("de", which=[2])]
    with torch.no_grad():
        before = [model(batch) for batch in batches]
        built.method.before_prediction(model, batches[0])
        after = [model(batch) for batch in batches]
        built.method.before_prediction(model, batches[1])  # a second language finds it done
        again = [model(batch) for batch in batches]
    for one, two, three in zip(before, after, again, strict=True):
        torch.testing.assert_close(one, two, atol=1e-6, rtol=0)
        assert torch.equal(two, three)
    assert not any("template_tower" in name for name, _ in model.named_parameters())


def test_the_tower_stays_where_every_language_has_its_own_template(backbone: GetBackbone) -> None:
    built = Built("uniprompt", backbone("xlmr"), template_language="target")
    model: Any = built.model()
    german, english = built.batch("de"), built.batch("en")
    assert german.context["template_ids"].tolist() != english.context["template_ids"].tolist()  # type: ignore[attr-defined]
    built.method.before_prediction(model, german)
    assert model.towers.template_tower is not None


def test_three_quarters_of_the_layers_are_the_default(backbone: GetBackbone) -> None:
    model: Any = Built("uniprompt", backbone("xlmr")).model()
    assert (len(model.towers.template_tower), len(model.towers.context_tower), len(model.towers.fusion_tower)) == (
        3,
        3,
        1,
    )


def test_the_template_tower_can_start_elsewhere(backbone: GetBackbone, tmp_path: Any) -> None:
    """Table 3: from the backbone, at random, or from another model."""

    def towers(tower: str) -> Any:
        return Built("uniprompt", backbone("xlmr"), tower=tower).model().towers

    def values(layers: Any) -> Tensor:
        return torch.cat([parameter.flatten() for parameter in layers.parameters()])

    own, drawn = towers("backbone"), towers("random")
    assert torch.equal(values(own.template_tower), values(own.context_tower))
    assert not torch.isclose(values(drawn.template_tower), values(own.template_tower)).any(dim=0).all()
    assert torch.equal(values(drawn.context_tower), values(own.context_tower))
    other = backbone("unigram")
    borrowed = towers(other.name)
    assert torch.equal(values(borrowed.template_tower), values(other.model.base_model.encoder.layer[:3]))  # type: ignore[index,union-attr]

    narrow = XLMRobertaModel(
        XLMRobertaConfig(vocab_size=40, hidden_size=16, num_attention_heads=2, num_hidden_layers=3)
    )
    narrow.save_pretrained(tmp_path)
    backbone("xlmr").tokenizer.save_pretrained(tmp_path)
    with pytest.raises(BackboneError, match=r"has states of size 16, the backbone '.*' of 32"):
        towers(str(tmp_path))


def count(module: Any) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("split", [0, 1, 4])
def test_towers_double_the_bottom_layers_in_training_and_add_nothing_after(backbone: GetBackbone, split: int) -> None:
    built = Built("uniprompt", backbone("xlmr"), split=split)
    model: Any = built.model()
    whole = built.backbone.fresh()
    bottom = count(whole.base_model.encoder.layer[:split])  # type: ignore[operator,union-attr]
    words = 5 * 32
    assert count(model) == count(whole) + bottom + words and (bottom > 0) == (split > 0)
    built.method.before_prediction(model, built.batch())
    assert count(model) == count(whole) + words


def test_towers_of_the_full_size_model() -> None:
    """XLM-R-base with p = 9: nine layers of 7,087,872 parameters more in training."""
    with torch.device("meta"):
        config = XLMRobertaConfig(vocab_size=250_002, max_position_embeddings=514, type_vocab_size=1)
        model = XLMRobertaModel(config, add_pooling_layer=False)
        towers = TwoTowerEncoder(model, 9)
    assert count(towers.template_tower) == 9 * 7_087_872
    assert count(towers) == count(model) + 9 * 7_087_872


def test_both_towers_can_start_elsewhere(backbone: GetBackbone) -> None:
    def values(layers: Any) -> Tensor:
        return torch.cat([parameter.flatten() for parameter in layers.parameters()])

    own = backbone("xlmr").fresh().base_model.encoder.layer  # type: ignore[union-attr]
    towers: Any = Built("uniprompt[tower=random,tower_scope=both]", backbone("xlmr")).model().towers
    assert torch.equal(values(towers.template_tower), values(towers.context_tower))
    assert not torch.equal(values(towers.context_tower), values(own[:3]))  # type: ignore[index]
    assert torch.equal(values(towers.fusion_tower), values(own[3:]))  # type: ignore[index]
    assert towers.template_tower[0] is not towers.context_tower[0]  # each is trained on its own

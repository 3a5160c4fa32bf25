"""MPT's equations: translator, divergence, and what is left of it at alpha = 1."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from tests.conftest import GetBackbone
from tests.tiny import Built, examples, task
from xbench.data.examples import MIXED, Examples
from xbench.data.parallel import ParallelExamples
from xbench.encoding.formulation import pair_side
from xbench.encoding.rows import Batch


def pairs(built: Built, equal: bool = False) -> Batch:
    """A batch of eight sentence pairs, English beside English or beside German and Chinese."""
    formulation = built.formulation
    source = examples(formulation.task, "en")
    german, chinese = (examples(formulation.task, language, 4) for language in ("de", "zh"))
    fields = {name: german.fields[name] + chinese.fields[name] for name in source.fields}
    languages = ("de",) * 4 + ("zh",) * 4
    target = Examples(
        source.task, MIXED, "parallel", source.ids, source.fields if equal else fields, ("",) * 8, languages
    )
    unlabelled = Examples(source.task, "en", "parallel", source.ids, source.fields, ("",) * 8)
    rows = formulation.encode_pairs(ParallelExamples(unlabelled, target))
    return formulation.batch_pairs(rows, "parallel")


def gradients(built: Built, model: Any) -> dict[str, Tensor | None]:
    """Gradients of equation 8 with the plan's weights, every stream computed."""
    total = torch.zeros((), dtype=torch.float64)
    for name, plan in built.fit.streams.items():
        batch = built.batch() if name == "train" else pairs(built)
        total = total + plan.weight * built.method.loss(model, batch) / batch.count
    total.backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("reparameterize", ["none", "lstm-mlp"])
@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_at_alpha_one_it_is_the_soft_prompt(backbone: GetBackbone, kind: str, reparameterize: str) -> None:
    spec = task("xnli")
    mpt = Built("mpt", backbone(kind), spec, alpha=1, reparameterize=reparameterize)
    soft = Built("soft", backbone(kind), spec, reparameterize=reparameterize, label_space="vocabulary")
    assert {name: plan.weight for name, plan in mpt.fit.streams.items()} == {"train": 1.0, "parallel": 0.0}
    models = [built.model().double() for built in (mpt, soft)]
    shared = dict(models[1].named_parameters())
    for name, parameter in models[0].named_parameters():
        assert name.startswith("translator.") or torch.equal(parameter, shared[name]), name
    ours, theirs = gradients(mpt, models[0]), gradients(soft, models[1])
    assert set(theirs) == {name for name in ours if not name.startswith("translator.")}
    for name, gradient in ours.items():
        if name.startswith("translator."):
            assert gradient is None or not gradient.any(), name
        else:
            assert gradient is not None and gradient.any(), name
            torch.testing.assert_close(gradient, theirs[name], atol=1e-12, rtol=1e-10)


def test_below_one_the_translator_learns(backbone: GetBackbone) -> None:
    built = Built("mpt", backbone("xlmr"), task("xnli"), alpha=0.5)
    assert {name: plan.weight for name, plan in built.fit.streams.items()} == {"train": 0.5, "parallel": 0.5}
    found = gradients(built, built.model().double())
    assert all(found[name] is not None and found[name].any() for name in found if name.startswith("translator."))  # type: ignore[union-attr]


def test_the_identity_translator_on_equal_sentences_diverges_nowhere(backbone: GetBackbone) -> None:
    built = Built("mpt", backbone("xlmr"), task("xnli"))
    model: Any = built.model().double()
    assert float(model.divergence(pairs(built, equal=True)).detach()) > 1e-3  # with a random translator it does
    one = torch.eye(32, dtype=torch.float64)
    model.translator.up.weight.data = torch.cat([one, -one])
    model.translator.down.weight.data = torch.cat([one, -one], dim=1)
    model.translator.up.bias.data.zero_()
    model.translator.down.bias.data.zero_()
    assert float(model.divergence(pairs(built, equal=True)).detach().abs()) < 1e-12
    assert float(model.divergence(pairs(built)).detach()) > 0.1


def log_probabilities(built: Built, batch: Batch, prompt: Tensor) -> Tensor:
    """Log-probabilities of the vocabulary at the mask by the whole model, prompt vectors put in row by row."""
    model = built.backbone.fresh().double()
    embeddings = model.get_input_embeddings()(batch["input_ids"]).detach().clone()
    for row, place in (batch["soft_index"] >= 0).nonzero().tolist():
        embeddings[row, place] = prompt[batch["soft_index"][row, place]]
    logits = model(inputs_embeds=embeddings, attention_mask=batch["attention_mask"]).logits
    return logits[torch.arange(len(batch)), batch["mask_position"]].log_softmax(-1).detach()


@pytest.mark.parametrize("kind", ["xlmr", "bert"])
def test_the_divergence_equals_one_by_hand(backbone: GetBackbone, kind: str) -> None:
    """Equations 4 to 7 from the whole model's logits: both directions, over the vocabulary, over the pairs."""
    built = Built("mpt", backbone(kind), task("xnli"))
    model: Any = built.model().double()
    batch = pairs(built)
    prompt = model.prompt().detach()
    up, down = model.translator.up, model.translator.down
    assert up.weight.shape == (64, 32) and down.weight.shape == (32, 64)
    translated = torch.stack(
        [down.weight @ torch.clamp(up.weight @ vector + up.bias, min=0) + down.bias for vector in prompt]
    ).detach()
    source = log_probabilities(built, pair_side(batch, "source"), prompt)
    target = log_probabilities(built, pair_side(batch, "target"), translated)
    forward = sum(float((p.exp() * (p - q)).sum()) for p, q in zip(source, target, strict=True))
    backward = sum(float((q.exp() * (q - p)).sum()) for p, q in zip(source, target, strict=True))
    assert forward != pytest.approx(backward, rel=1e-6) and min(forward, backward) > 0.1
    assert float(built.method.loss(model, batch).detach()) == pytest.approx(forward + backward, rel=1e-10)
    assert batch.count == 8  # so that the loop averages over pairs


def test_both_sides_of_the_divergence_are_trained(backbone: GetBackbone) -> None:
    """Nothing is detached: the source prompt gets gradients through the source side too."""
    built = Built("mpt", backbone("xlmr"), task("xnli"), reparameterize="none")
    model: Any = built.model().double()
    batch = pairs(built)
    built.method.loss(model, batch).backward()
    whole = model.prompt.vectors.grad.clone()
    model.zero_grad()
    translate = model.translator.forward
    model.translator.forward = lambda prompt: translate(prompt.detach())
    built.method.loss(model, batch).backward()
    assert model.prompt.vectors.grad.any() and not torch.allclose(model.prompt.vectors.grad, whole)


def test_targets_use_the_translated_prompt(backbone: GetBackbone) -> None:
    built = Built("mpt", backbone("xlmr"), task("xnli"))
    model: Any = built.model().double()
    prompt = model.prompt()
    assert torch.equal(model.prompt_vectors(built.batch("en")), prompt)
    for language in ("de", "zh"):
        assert torch.equal(model.prompt_vectors(built.batch(language)), model.translator(prompt))
    words = built.batch().context["label_words"]
    german = built.batch("de")
    expected = log_probabilities(built, german, model.translator(prompt).detach())
    found = model(german).log_softmax(-1)
    ids = words.ids[:, 0, 0]  # type: ignore[attr-defined]
    torch.testing.assert_close(found, expected[:, ids].log_softmax(-1), atol=1e-10, rtol=0)


def test_a_training_batch_of_several_languages_has_a_prompt_for_every_row(backbone: GetBackbone) -> None:
    built = Built("mpt", backbone("xlmr"), task("xnli"))
    model: Any = built.model().double()
    formulation = built.formulation
    rows = [formulation.encode(examples(formulation.task, language)).rows[3] for language in ("de", "en", "zh")]
    mixed = formulation.mixed_batch(rows)
    alone = [formulation.batch([row], language) for row, language in zip(rows, ("de", "en", "zh"), strict=True)]
    expected = sum(float(built.method.loss(model, batch).detach()) for batch in alone)
    assert float(built.method.loss(model, mixed).detach()) == pytest.approx(expected, rel=1e-10)


def test_the_parallel_stream_is_the_tasks_corpus(backbone: GetBackbone) -> None:
    built = Built("mpt", backbone("xlmr"), task("xnli"), parallel_size=17)
    parallel: Any = built.fit.streams["parallel"].data
    assert (parallel.task, parallel.count) == ("xnli", 17)


# --- the parts of table II and figure 4 ---


def trained_count(module: Any) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("variant", "count"),
    [
        ("translator_layers=1", 32 * 32 + 32),
        ("translator_layers=2", (32 * 64 + 64) + (64 * 32 + 32)),
        ("translator=lstm,translator_layers=1", (8 * 32 + 8) * 32),
        ("translator=lstm", 2 * (8 * 32 + 8) * 32),
        ("translator=transformer,translator_layers=1", (8 * 32 + 11) * 32),
        ("translator=transformer", 2 * (8 * 32 + 11) * 32),
    ],
)
def test_translators_have_their_shape_and_count(backbone: GetBackbone, variant: str, count: int) -> None:
    built = Built(f"mpt[{variant},length=6]", backbone("xlmr"), task("xnli"))
    model: Any = built.model().double()
    assert trained_count(model.translator) == count
    prompt = model.prompt()
    translated = model.translator(prompt)
    assert translated.shape == prompt.shape == (6, 32) and not torch.allclose(translated, prompt)
    found = gradients(built, model)
    for name, gradient in found.items():
        assert gradient is not None and gradient.isfinite().all(), name
        # Keys' biases add the same to every attention score, so that nothing depends on them.
        if "in_proj_bias" not in name:
            assert gradient.any(), name


def test_an_lstm_reads_the_prompt_and_a_perceptron_each_vector_alone(backbone: GetBackbone) -> None:
    for variant, alone in (("translator_layers=1", True), ("translator_layers=2", True), ("translator=lstm", False)):
        model: Any = Built(f"mpt[{variant}]", backbone("xlmr"), task("xnli")).model()
        prompt = torch.randn(4, 32)
        changed = torch.cat([prompt[:1] + 1, prompt[1:]])
        last = [model.translator(each)[-1] for each in (prompt, changed)]
        assert torch.allclose(*last) == alone, variant


def test_without_a_translator_the_target_prompt_is_one_of_its_own(backbone: GetBackbone) -> None:
    """Trained by the divergence alone: the task's loss never sees it."""
    built = Built("mpt[translator=none]", backbone("xlmr"), task("xnli"), reparameterize="none")
    model: Any = built.model().double()
    assert model.translator is None and not torch.equal(model.prompt.vectors, model.target_prompt.vectors)
    assert torch.equal(model.prompt_vectors(built.batch("en")), model.prompt.vectors)
    assert torch.equal(model.prompt_vectors(built.batch("de")), model.target_prompt.vectors)
    built.method.loss(model, built.batch("en")).backward()
    assert model.target_prompt.vectors.grad is None and model.prompt.vectors.grad.any()
    model.zero_grad()
    built.method.loss(model, pairs(built)).backward()
    assert model.target_prompt.vectors.grad.any() and model.prompt.vectors.grad.any()
    plain: Any = Built("soft", backbone("xlmr"), task("xnli"), reparameterize="none").model()
    assert trained_count(model) == trained_count(plain) + 4 * 32


def test_without_external_data_the_plan_asks_for_the_training_sample(backbone: GetBackbone) -> None:
    parallel: Any = Built("mpt[external_data=false]", backbone("xlmr"), task("xnli")).fit.streams["parallel"].data
    assert (parallel.task, parallel.count) == ("xnli", None)


@pytest.mark.parametrize("position", ["prefix", "midfix", "suffix", "endfix"])
@pytest.mark.parametrize("method", ["mpt", "soft"])
def test_the_prompt_stands_at_its_position(backbone: GetBackbone, method: str, position: str) -> None:
    """Equation 9: Prefix X_P . Midfix X_H ? Suffix [mask] . Endfix, at any length."""
    built = Built(f"{method}[position={position},length=3]", backbone("xlmr"), task("xnli"))
    batch, formulation = built.batch(), built.formulation
    fields = examples(formulation.task, "en").fields
    row = batch["input_ids"][0].tolist()
    slots = [place for place, index in enumerate(batch["soft_index"][0].tolist()) if index >= 0]
    assert slots == list(range(slots[0], slots[0] + 3))
    mask = int(batch["mask_position"][0])
    tokenizer = built.backbone.tokenizer
    before = tokenizer.decode(row[1 : slots[0]])
    expected = {
        "prefix": slots[0] == 1,
        "midfix": fields["premise"][0] in before and fields["hypothesis"][0] not in before,
        "suffix": mask == slots[-1] + 1,
        "endfix": mask < slots[0] and slots[-1] == int(batch["attention_mask"][0].sum()) - 2,
    }
    assert expected[position] and sum(expected.values()) == 1

"""Methods that train once per target language: their stages, exact numbers, and what passes from stage to stage."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from tests.conftest import GetBackbone
from tests.tiny import LAYERS, TEXTS, Built, examples, task
from xbench.encoding.formulation import IGNORED
from xbench.encoding.masked_text import MaskedText
from xbench.encoding.rows import Batch, Stream
from xbench.errors import RequestError
from xbench.method.budget import Budget
from xbench.method.per_language import LANGUAGE, TEXT
from xbench.method.registry import MethodChoice, load_method, method_settings
from xbench.method.stages import Fit, Predict, Request, TextData
from xbench.parts.deep_prefix import DeepPrefix
from xbench.parts.encoder import Encoder
from xbench.parts.masked_language_model import MaskedLanguageModel, words_of
from xbench.runner.checkpoint import restore_tensors, trained_tensors
from xbench.runner.training import train

METHODS = ("unseen-prompt", "mad-x", "mlm-fine-tune")
MOVING = {"unseen-prompt": ("prefix.top",), "mad-x": ("language.",), "mlm-fine-tune": ("encoder.", "language_model.")}
RATES = {"unseen-prompt": 5e-2, "mad-x": 1e-2, "mlm-fine-tune": 3e-3}


def adapted(built: Built, target: str | None = "de") -> list[Fit | Predict]:
    """The stages of a cell with a target."""
    request = Request(("marc",), ("marc",), "en", {"marc": ("en", target or "en")}, seed=built.seed, target=target)
    return built.method.stages(request)


def fits(built: Built, target: str | None = "de") -> list[Fit]:
    return [stage for stage in adapted(built, target) if isinstance(stage, Fit)]


def text_stream(built: Built) -> Stream:
    masked = MaskedText(built.backbone.tokenizer, 48)
    return Stream(TEXT, masked.rows(TEXTS["en"]), lambda rows: masked.batch(rows, TEXT), draw=masked.hide)


def model_of(built: Built, stage: Fit) -> nn.Module:
    torch.manual_seed(3)
    return built.method.build(stage, built.backbone, built.formulations).eval()


def text_batch(stream: Stream, seed: int = 1) -> Batch:
    assert stream.draw is not None
    return stream.batch([stream.draw(row, TEXT, seed, 0) for row in stream.rows])


@pytest.mark.parametrize("name", METHODS)
def test_the_stage_on_text_learns_and_only_what_should_move_moves(backbone: GetBackbone, name: str) -> None:
    built = Built(name, backbone("xlmr"))
    (stage, *_) = fits(built)
    assert stage.name == LANGUAGE and not stage.is_labelled and not stage.evaluate
    model, stream = model_of(built, stage), text_stream(built)
    start = {key: value.clone() for key, value in model.state_dict().items()}

    def loss() -> float:
        with torch.no_grad():
            return float(built.method.loss(model.eval(), text_batch(stream))) / text_batch(stream).count

    before = loss()
    budget = Budget(steps=40, batch_size=8, learning_rate=RATES[name], schedule="constant", select="last")
    train(model, built.method.loss, [stream], budget, seed=0, accelerator=Accelerator(cpu=True), evaluate=None)
    assert loss() < 0.95 * before
    moved = {key for key, value in model.state_dict().items() if not torch.equal(value, start[key])}
    assert moved and all(key.startswith(MOVING[name]) for key in moved)
    required = {key for key, parameter in model.named_parameters() if parameter.requires_grad}
    assert required == set(trained_tensors(model)) - {"prefix.bottom"}


@pytest.mark.parametrize("name", METHODS)
def test_the_stage_on_text_by_hand(backbone: GetBackbone, name: str) -> None:
    """Cross-entropy of the hidden tokens over the vocabulary, the head computed everywhere."""
    built = Built(name, backbone("xlmr"))
    model: Any = model_of(built, fits(built)[0])
    batch = text_batch(text_stream(built))
    with torch.no_grad():
        found = built.method.loss(model, batch)
        prefix = {"prefix": model.prefix(len(batch))} if name == "unseen-prompt" else {}
        language_model = model.language_model
        state = language_model.transformation(language_model.encoder(batch, **prefix))
        if name == "mad-x":
            state = model.language.invertible.inverse(state)
        scores = language_model.output(state)  # [batch, length, vocabulary]
        expected = nn.functional.cross_entropy(
            scores.flatten(0, 1), batch["target_ids"].flatten(), ignore_index=IGNORED, reduction="sum"
        )
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=0)


# --- numbers ---


def large() -> XLMRobertaForMaskedLM:
    """XLM-R-large without its weights."""
    config = XLMRobertaConfig(
        vocab_size=250_002,
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        max_position_embeddings=514,
        type_vocab_size=1,
    )
    with torch.device("meta"):
        model = XLMRobertaForMaskedLM(config)
    model.tie_weights()
    return model


def trained_numbers(built: Built, model: XLMRobertaForMaskedLM) -> list[int]:
    """Trained parameters of each stage of an adapted cell, tied tensors once."""

    class Large:
        """A backbone of that size."""

        tokenizer = built.backbone.tokenizer

        def __init__(self) -> None:
            self.model = model

        def fresh(self) -> XLMRobertaForMaskedLM:
            return large()

    numbers = []
    for stage in fits(built):
        with torch.device("meta"):
            made = built.method.build(stage, Large(), built.formulations)  # type: ignore[arg-type]
        numbers.append(sum(parameter.numel() for parameter in made.parameters() if parameter.requires_grad))
    return numbers


def test_the_papers_numbers_on_xlm_r_large(backbone: GetBackbone) -> None:
    model = large()
    total = sum(parameter.numel() for parameter in model.parameters())  # tied ones once
    stage_1, stage_2 = trained_numbers(Built("unseen-prompt", backbone("xlmr"), length=32, layers=None), model)
    assert (stage_1, stage_2) == (1_572_864, 1_179_648)
    assert round(100 * stage_1 / total, 2) == 0.28 and round(stage_1 * 4 / 1e6, 1) == 6.3
    source, target, _ = trained_numbers(Built("mad-x", backbone("xlmr")), model)
    assert source == target == 25_728_512
    # Its output matrix is its embeddings: counted twice it makes the 816M that the paper's table 3 prints.
    everything, _ = trained_numbers(Built("mlm-fine-tune", backbone("xlmr")), model)
    assert everything == total == 560_142_482
    assert round((everything + 250_002 * 1024) / 1e6) == 816


def test_stage_2_tunes_k_layers_at_either_end(backbone: GetBackbone) -> None:
    for side, trained, kept in (("top", "top", "bottom"), ("bottom", "bottom", "top")):
        built = Built("unseen-prompt", backbone("xlmr"), layers=1, side=side)
        prefix: Any = model_of(built, fits(built)[1]).prefix  # type: ignore[union-attr]
        assert [name for name, each in prefix.named_parameters() if each.requires_grad] == [trained]
        assert len(getattr(prefix, trained)) == 1 and len(getattr(prefix, kept)) == LAYERS - 1
        keys, _ = prefix(1)
        both = torch.cat([prefix.bottom, prefix.top])[:, 0]  # [layers, length, hidden]
        assert torch.equal(keys[:, 0].transpose(1, 2).flatten(2), both)


# --- from stage to stage ---


def test_stage_2_starts_from_the_prefix_of_stage_1(backbone: GetBackbone) -> None:
    built = Built("unseen-prompt", backbone("xlmr"), layers=3)
    first, second = fits(built)
    one, other = model_of(built, first), model_of(built, second)
    nn.init.normal_(one.prefix.top)  # type: ignore[union-attr, arg-type]
    restore_tensors(other, dict(built.method.inherited(other, first, trained_tensors(one))))
    assert torch.equal(one.prefix(2)[0], other.prefix(2)[0])  # type: ignore[operator]
    # What stage 1 trained is stored with it alone: stage 2 stores its three layers.
    assert set(trained_tensors(other)) == {"prefix.top"} and len(trained_tensors(other)["prefix.top"]) == 3
    alone = fits(built, None)[-1]
    assert set(trained_tensors(model_of(built, alone))) == {"prefix.top", "prefix.bottom"}


def test_fine_tuning_starts_from_the_encoder_of_the_stage_on_text(backbone: GetBackbone) -> None:
    built = Built("mlm-fine-tune", backbone("xlmr"))
    first, second = fits(built)
    one, other = model_of(built, first), model_of(built, second)
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.add_(0.01)
    restore_tensors(other, dict(built.method.inherited(other, first, trained_tensors(one))))
    batch = built.batch()
    assert torch.equal(one.encoder(batch), other.encoder(batch))  # type: ignore[operator]


def test_languages_are_swapped_under_the_task_adapter(backbone: GetBackbone) -> None:
    """At training (source, task), at test (target, task); neither language's adapter is changed by the task."""
    built = Built("mad-x", backbone("xlmr"))
    stages = adapted(built)
    source, target, tune = (stage for stage in stages if isinstance(stage, Fit))
    assert source.streams[TEXT].data == TextData(("en",), max_length=128)
    assert target.streams[TEXT].data == TextData(("de",), max_length=128)
    assert tune.parents == (source,)
    parents = {stage.language: stage.parents for stage in stages if isinstance(stage, Predict)}
    assert parents == {"en": (source, tune), "de": (target, tune)}
    assert fits(built, None) == [source, tune] == fits(built, "en")
    model = model_of(built, tune)
    assert not [name for name, each in model.named_parameters() if each.requires_grad and name.startswith("language.")]


@pytest.mark.parametrize("taken", [{"text_share": 0.25}, {"text_count": 10}], ids=str)
def test_less_text_of_the_target_leaves_the_sources_adapter_alone(backbone: GetBackbone, taken: dict[str, Any]) -> None:
    """Figure 3 is about the target's text; one adapter of the source serves all shares."""
    whole, less = (fits(Built("mad-x", backbone("xlmr"), **changes)) for changes in ({}, taken))
    assert less[0] == whole[0] and less[1] != whole[1]
    data: Any = less[1].streams[TEXT].data
    assert (data.share, data.count) == (taken.get("text_share", 1.0), taken.get("text_count"))
    assert fits(Built("mad-x", backbone("xlmr"), **taken), "en") == [whole[0], less[2]]


def test_unadapted_stages_are_the_same_whatever_is_said_of_text(backbone: GetBackbone) -> None:
    for name in METHODS:
        one = Built(name, backbone("xlmr"), adapt="all", text_share=1.0)
        other = Built(name, backbone("xlmr"), adapt="unseen", text_share=0.5)
        assert fits(one, None)[-1].settings == fits(other, None)[-1].settings


def test_with_all_layers_and_no_stage_1_it_is_prefix_tuning_with_a_verbalizer(backbone: GetBackbone) -> None:
    """The prefix of `prefix` under the language model's head: the same scores, and after training but for rounding."""
    built = Built("unseen-prompt", backbone("xlmr"), layers=LAYERS, dropout=0.0)
    settings = built.method.settings

    class PrefixWithVerbalizer(nn.Module):
        """Tu et al. 2022 with another head."""

        def __init__(self) -> None:
            super().__init__()
            model = built.backbone.fresh()
            for parameter in model.parameters():
                parameter.requires_grad_(False)
            self.prefix = DeepPrefix(model.config, settings.length, None, 0.0, settings.deviation)
            self.language_model = MaskedLanguageModel(model)

        def mask_state(self, batch: Batch) -> Tensor:
            encoder = self.language_model.encoder
            assert isinstance(encoder, Encoder)
            states = encoder(batch, prefix=self.prefix(len(batch)))
            return self.language_model.state_at(states, batch["mask_position"])

        def forward(self, batch: Batch) -> Tensor:
            return self.language_model.label_scores(self.mask_state(batch), words_of(batch))

    def loss(model: Any, batch: Batch) -> Tensor:
        scores = model.language_model.vocabulary_scores(model.mask_state(batch))  # [batch, vocabulary]
        return nn.functional.cross_entropy(scores, words_of(batch).ids[:, 0, 0][batch["label"]], reduction="sum")

    ours = model_of(built, fits(built, None)[-1])
    torch.manual_seed(3)
    theirs = PrefixWithVerbalizer().eval()
    batch = built.batch()
    assert torch.equal(ours(batch), theirs(batch))
    for model, its_loss in ((ours, built.method.loss), (theirs, loss)):
        optimizer = torch.optim.SGD([each for each in model.parameters() if each.requires_grad], lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            its_loss(model, batch).backward()
            optimizer.step()
    torch.testing.assert_close(ours(batch), theirs(batch), rtol=1e-5, atol=1e-5)
    assert (ours.prefix.top - theirs.prefix.top).abs().max() < 1e-5  # type: ignore[union-attr, operator]


def test_the_loss_is_over_the_vocabulary_and_predictions_over_label_words(backbone: GetBackbone) -> None:
    built = Built("unseen-prompt", backbone("xlmr"), dropout=0.0)
    model: Any = model_of(built, fits(built, None)[-1])
    batch = built.batch()
    with torch.no_grad():
        found = built.method.loss(model, batch)
        log = model.language_model.vocabulary_scores(model.mask_state(batch)).log_softmax(-1)  # [batch, vocabulary]
        words = words_of(batch).ids[:, 0, 0]  # [labels], one word of one piece each
        expected = -sum(log[row, words[label]] for row, label in enumerate(batch["label"].tolist()))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)


def test_what_stage_2_does_not_tune_keeps_the_bits_of_stage_1(backbone: GetBackbone) -> None:
    built = Built("unseen-prompt", backbone("xlmr"), layers=1)
    first, second = fits(built)
    one, other = model_of(built, first), model_of(built, second)
    nn.init.normal_(one.prefix.top)  # type: ignore[union-attr, arg-type]
    restore_tensors(other, dict(built.method.inherited(other, first, trained_tensors(one))))
    start = {name: value.clone() for name, value in [*other.named_parameters(), *other.named_buffers()]}
    kept = one.prefix.top[: LAYERS - 1]  # type: ignore[union-attr, index]
    rows = built.formulation.encode(examples(built.formulation.task)).rows
    stream = Stream("train", rows, lambda chosen: built.formulation.training_batch(chosen, "en"))
    budget = Budget(steps=5, batch_size=4, learning_rate=0.05, weight_decay=0.1)
    train(other, built.method.loss, [stream], budget, seed=0, accelerator=Accelerator(cpu=True), evaluate=None)
    after = dict([*other.named_parameters(), *other.named_buffers()])
    assert {name for name, value in after.items() if not torch.equal(value, start[name])} == {"prefix.top"}
    assert torch.equal(after["prefix.bottom"], kept)


# --- settings ---


def settings_of(name: str, model: str | None = None, of: str = "xnli", **changes: Any) -> Any:
    return method_settings(load_method(name), MethodChoice(name, changes), "paper", task(of), model)


def test_the_paper_profile_has_the_papers_values() -> None:
    prompt = settings_of("unseen-prompt")
    assert (prompt.length, prompt.layers, prompt.side, prompt.label_space) == (32, None, "top", "vocabulary")
    assert prompt.template == settings_of("unseen-prompt", of="americasnli").template == "chen"
    assert settings_of("unseen-prompt", of="masakhanews").template is None  # appendix A has inference alone
    about = prompt.language_training, prompt.training
    assert [(one.steps, one.epochs, one.batch_size, one.learning_rate) for one in about] == [
        (100_000, None, 32, 5e-3),
        (None, 10, 32, 1e-3),
    ]
    adapters = settings_of("mad-x")
    assert (adapters.language_reduction, adapters.task_reduction, adapters.leave_out_last) == (2, 16, False)
    assert adapters.language_training.learning_rate == adapters.training.learning_rate == 1e-4
    tuned = settings_of("mlm-fine-tune")
    assert (tuned.language_training.learning_rate, tuned.training.learning_rate) == (5e-3, 1e-6)
    assert {each.model for each in (prompt, adapters, tuned)} == {"FacebookAI/xlm-roberta-large"}


def test_which_languages_are_adapted() -> None:
    languages = ("en", "de", "bg", "ur")

    def adapted(model: str | None = None, with_text: tuple[str, ...] = languages, **changes: Any) -> set[str]:
        return settings_of("mad-x", model, **changes).adapted(languages, with_text)

    assert adapted() == set(languages)
    assert adapted(adapt=None) == set()
    assert adapted(adapt="ur+de", with_text=("de",)) == {"ur", "de"}  # named: that there is no text is an error later
    assert adapted("micro-xlmr", adapt="unseen") == {"bg", "ur"}
    assert adapted("micro-xlmr", adapt="unseen", with_text=("en", "de", "bg")) == {"bg"}
    with pytest.raises(RequestError, match=r"no language 'bgg'.*'bg'"):
        adapted(adapt="bgg")
    with pytest.raises(RequestError, match="not recorded; name them"):
        adapted(adapt="unseen")

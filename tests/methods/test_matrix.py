"""What every method must do: shapes, a falling loss, only its own parameters moving, the same from its saved tensors,
and predictions that depend on nothing but the example."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.conftest import GetBackbone
from tests.tiny import Built, examples, shuffled, task
from tests.tiny_kinds import KINDS, kind_task
from xbench.answers import list_text, text_list
from xbench.data.examples import MIXED, Examples
from xbench.data.parallel import ParallelExamples
from xbench.encoding.formulation import IGNORED
from xbench.encoding.rows import Batch, Row, Stream
from xbench.method.budget import Budget
from xbench.method.registry import MethodChoice, describe_methods, load_method, method_settings
from xbench.runner.checkpoint import restore_tensors, trained_tensors
from xbench.runner.training import train
from xbench.spec.task import TaskSpec

HEAD = ("head.",)
ANSWERING = ("polyprompt", "mt5")
"""Methods whose output is text."""
# Method -> its learning rate here, and the beginnings of the names of all that may move.
MOVING: dict[str, tuple[float, tuple[str, ...]]] = {
    "fine-tune": (3e-3, ("encoder.", *HEAD)),
    "soft": (3e-3, ("language_model.", "prompt.")),
    "soft[tune=prompt]": (3e-2, ("prompt.",)),
    "soft[label_space=vocabulary,reparameterize=none]": (3e-3, ("language_model.", "prompt.")),
    "uniprompt": (3e-3, ("towers.", "transformation.", "output.", "soft_words")),
    "uniprompt[label_words=discrete,split=1]": (3e-3, ("towers.", "transformation.", "output.")),
    "mpt": (3e-3, ("language_model.", "prompt.", "translator.")),
    "prefix": (5e-2, ("prefix.top", *HEAD)),
    "prefix[top_layers=1]": (5e-2, ("prefix.top", *HEAD)),
    "polyprompt": (1e-2, ("model.",)),
    "mt5": (1e-2, ("model.",)),
    "english-prompt": (3e-3, ("language_model.",)),
    "english-prompt[label_space=vocabulary]": (3e-3, ("language_model.",)),
    "translation-prompt": (3e-3, ("language_model.",)),
    "pct": (3e-3, ("language_model.",)),
    "unseen-prompt": (2e-1, ("prefix.top",)),
    "unseen-prompt[layers=1,label_space=label-words]": (2e-1, ("prefix.top",)),
    "unseen-prompt[layers=3,side=bottom]": (2e-1, ("prefix.bottom",)),
    "mad-x": (1e-2, ("task.", *HEAD)),
    "mlm-fine-tune": (3e-3, ("encoder.", *HEAD)),
}

INHERITED = {"mad-x": "language."}
"""What a method's stage on a task has from the stage before it, and so neither trains nor saves."""

CASES = [(name, "marc") for name in MOVING] + [
    (name, kind)
    for name in MOVING
    for kind in KINDS
    if "[" not in name and kind_task(kind).kind in load_method(name).formulations
]
"""Every method on stars of reviews, and as its paper has it on a small task of every other kind that it can do."""


@dataclass
class Trained:
    """A method before and after forty steps on eight fixed examples."""

    name: str
    on: str
    built: Built
    start: dict[str, Tensor]
    model: nn.Module
    loss_before: float
    loss_after: float


def build(name: str, backbone: GetBackbone, on: str = "marc", seed: int = 0) -> Built:
    role = load_method(name.partition("[")[0]).role("classification")
    model = "mt5" if role == "text2text" else "xlmr"
    spec = kind_task(on) if on in KINDS else task(on)
    # Windows of a long context share some of it; those of `max_length` 96 cannot share the 128 tokens of the default.
    stride = {"stride": 20} if on == "extractive-qa" and role == "encoder" else {}
    return Built(name, backbone(model, role), spec, seed=seed, **stride)


def streams(built: Built) -> list[Stream]:
    formulation = built.formulation
    found = [
        Stream(
            "train",
            formulation.training_rows(examples(formulation.task)),
            lambda rows: formulation.training_batch(rows, "en"),
        )
    ]
    if "parallel" in built.fit.streams:
        source, german = examples(formulation.task, "en", 4), examples(formulation.task, "de", 4)
        sides = [
            Examples(each.task, language, "parallel", each.ids, each.fields, ("",) * 4)
            for each, language in ((source, "en"), (german, MIXED))
        ]
        rows = formulation.encode_pairs(ParallelExamples(*sides))
        found.append(Stream("parallel", rows, lambda rows: formulation.batch_pairs(rows, "parallel"), 0.5))
    return found


def mean_loss(built: Built, model: nn.Module) -> float:
    with torch.no_grad():
        batch = built.training_batch()
        return float(built.method.loss(model.eval(), batch)) / batch.count


@pytest.fixture(scope="module", params=CASES, ids=[" on ".join(case) for case in CASES])
def trained(request: pytest.FixtureRequest, backbone: GetBackbone) -> Trained:
    name, on = request.param
    built = build(name, backbone, on)
    model = built.model()
    built.method.prepare(model, lambda: iter([built.training_batch()]))
    start = {name: value.detach().clone() for name, value in model.state_dict().items()}
    before = mean_loss(built, model)
    budget = Budget(steps=40, batch_size=8, learning_rate=MOVING[name][0], schedule="constant")
    train(model, built.method.loss, streams(built), budget, seed=0, accelerator=Accelerator(cpu=True), evaluate=None)
    return Trained(name, on, built, start, model, before, mean_loss(built, model))


def test_every_method_is_in_the_matrix() -> None:
    assert {name.partition("[")[0] for name in MOVING} == set(describe_methods())


def test_shapes(trained: Trained) -> None:
    built, batch = trained.built, trained.built.batch()
    with torch.no_grad():
        output = built.method.predict(trained.model, batch)
        loss = built.method.loss(trained.model, built.training_batch())
    assert loss.shape == () and loss.isfinite()
    assert output.shape[0] == len(batch) >= 8
    decoded = built.formulation.decode(output, batch)
    assert decoded.indices == tuple(range(8)) and len(decoded.predictions) == 8
    spec = built.formulation.task
    if spec.kind == "classification" and not trained.name.startswith(ANSWERING):
        assert output.shape == (8, 5) and set(decoded.predictions) <= set(spec.labels)
        assert tuple(decoded.scores) == spec.labels
        for row in range(8):
            scores = {label: decoded.scores[label][row] for label in spec.labels}
            assert sum(scores.values()) == pytest.approx(1.0)
            assert decoded.predictions[row] == max(scores, key=scores.__getitem__)
        return
    assert decoded.scores == {}
    given = examples(spec)
    if spec.kind == "tagging":
        for tokens, prediction in zip(given.fields["tokens"], decoded.predictions, strict=True):
            tags = text_list(prediction or "")
            assert len(tags) == len(text_list(tokens)) and set(tags) <= set(spec.labels)
    elif spec.kind == "extractive-qa" and not trained.name.startswith(ANSWERING):
        for context, prediction in zip(given.fields["context"], decoded.predictions, strict=True):
            assert prediction and prediction in context
    elif spec.labels:
        assert set(decoded.predictions) <= {*spec.labels, None}
    else:
        assert all(isinstance(prediction, str) for prediction in decoded.predictions)


def test_losses_and_counts_of_any_split_add_up(trained: Trained) -> None:
    """So that micro-batches and processes share a batch without changing its gradient."""
    for stream in streams(trained.built):
        with torch.no_grad():
            whole = stream.batch(stream.rows)
            parts = [stream.batch(rows) for rows in (stream.rows[:1], stream.rows[1:3], stream.rows[3:])]
            losses = [float(trained.built.method.loss(trained.model, batch)) for batch in (whole, *parts)]
        assert losses[0] == pytest.approx(sum(losses[1:]), rel=1e-4) and losses[0] > 1e-3
        assert whole.count == sum(batch.count for batch in parts)


def normalises_over_labels(trained: Trained) -> bool:
    space = getattr(trained.built.method.settings, "label_space", "label-words")
    return space == "label-words" and not trained.name.startswith(ANSWERING)


def test_the_loss_is_the_cross_entropy_of_the_scores(trained: Trained) -> None:
    """Where it normalises over the labels; the others' losses are computed by hand in their own tests."""
    if not normalises_over_labels(trained):
        pytest.skip("its loss is computed by hand in its own tests")
    batch = trained.built.batch()
    with torch.no_grad():
        found = float(trained.built.method.loss(trained.model, batch))
        scores = trained.built.method.predict(trained.model, batch).double().log_softmax(-1)
    pairs = zip(scores.flatten(0, -2), batch["label"].flatten().tolist(), strict=True)
    losses = [-float(row[label]) for row, label in pairs if label != IGNORED]
    assert len(losses) == batch.count
    assert found == pytest.approx(sum(losses), rel=1e-4)


def test_the_loss_falls(trained: Trained) -> None:
    # A prompt alone, before a frozen model of random weights, can learn no more than that all labels are as likely.
    floor = math.log(5) if trained.name.startswith(("soft[tune=prompt]", "unseen-prompt")) else 0.0
    assert trained.loss_after - floor < 0.75 * (trained.loss_before - floor)


def test_only_what_should_move_moves(trained: Trained) -> None:
    moving = MOVING[trained.name][1]
    moved = {name for name, value in trained.model.state_dict().items() if not torch.equal(value, trained.start[name])}
    assert moved and all(name.startswith(moving) for name in moved), moved
    assert all(any(name.startswith(beginning) for name in moved) for beginning in moving)
    required = {name for name, parameter in trained.model.named_parameters() if parameter.requires_grad}
    expected = {name for name, _ in trained.model.named_parameters() if name.startswith(moving)}
    if trained.name == "uniprompt":
        expected -= {"transformation.bias"}  # the output matrix's own; equation 6 has none
    assert required == expected
    assert required <= moved


def test_the_kept_backbone_is_never_trained(trained: Trained, backbone: GetBackbone) -> None:
    """The next stage starts from the weights as they were loaded."""
    again = build(trained.name, backbone, trained.on).model()
    trained.built.method.prepare(again, lambda: iter([trained.built.training_batch()]))
    for name, value in again.state_dict().items():
        assert torch.equal(value, trained.start[name]), name


def test_saved_and_rebuilt_is_the_same(trained: Trained, backbone: GetBackbone, tmp_path: Path) -> None:
    """Rebuilt with another seed: nothing that was drawn may be missing from what is saved."""
    save_file(trained_tensors(trained.model), tmp_path / "weights.safetensors")
    again = build(trained.name, backbone, trained.on, seed=99).model()
    batch = trained.built.batch("de", 4)
    if not trained.name.startswith(ANSWERING):
        with torch.no_grad():
            assert not torch.equal(trained.built.method.predict(again, batch), _predict(trained, batch))
    restore_tensors(again, load_file(tmp_path / "weights.safetensors"))
    if before := INHERITED.get(trained.name):
        restore_tensors(again, {name: value for name, value in trained.start.items() if name.startswith(before)})
    for language in ("en", "de"):
        batch = trained.built.batch(language, 4)
        with torch.no_grad():
            found = trained.built.method.predict(again, batch)
        assert torch.equal(found, _predict(trained, batch))


def _predict(trained: Trained, batch: Any) -> Tensor:
    with torch.no_grad():
        return trained.built.method.predict(trained.model, batch)


@pytest.mark.parametrize("language", ["en", "de"])
def test_batch_size_order_and_padding_change_nothing(trained: Trained, language: str) -> None:
    formulation = trained.built.formulation
    rows: list[Row] = formulation.encode(examples(formulation.task, language, 8)).rows
    (longest,) = formulation.encode(_long(formulation.task, language)).rows[:1]
    assert len(longest.values["input_ids"]) > len(rows[0].values["input_ids"])
    whole = _by_row(trained, language, [rows])
    count = len(rows)
    groups = {
        "one by one": [[row] for row in rows],
        "in threes": [rows[start : start + 3] for start in range(0, count, 3)],
        "in another order": [[rows[index] for index in shuffled(count, 1)]],
        "beside a long text": [[*rows, longest]],
    }
    for name, batches in groups.items():
        found = _by_row(trained, language, batches)
        for number, row in enumerate(rows):
            torch.testing.assert_close(found[id(row)], whole[id(row)], atol=1e-5, rtol=0, msg=f"{name}: row {number}")


def _long(spec: TaskSpec, language: str) -> Examples:
    """An example whose every field is long."""
    text = list_text(["good", "bad"] * 30) if spec.kind == "tagging" else "good bad " * 30
    return replace(examples(spec, language, 1), fields=dict.fromkeys(spec.fields, (text,)), gold=("",))


def _by_row(trained: Trained, language: str, batches: list[list[Row]]) -> dict[int, Tensor]:
    """Each row's scores without those of padding, or its answer up to the end of sequence; by the row's id."""
    found = {}
    for rows in batches:
        batch = trained.built.formulation.batch(rows, language)
        for row, output in zip(rows, _predict(trained, batch), strict=True):
            if trained.name.startswith(ANSWERING):
                output = output[output != trained.built.backbone.tokenizer.pad_token_id].double()
            elif trained.on in KINDS:
                output = output.T[: row.length].T if trained.on == "extractive-qa" else output[: row.length]
            found[id(row)] = output
    return found


def test_resumed_is_the_same_as_undisturbed(trained: Trained, backbone: GetBackbone, tmp_path: Path) -> None:
    """A training that is stopped after its third step goes on from there, bit for bit."""
    budget = Budget(steps=5, batch_size=4, learning_rate=MOVING[trained.name][0])
    built, losses = trained.built, 0

    def stopped(model: nn.Module, batch: Batch) -> Tensor:
        nonlocal losses
        losses += 1
        if losses > 3 * len(streams(built)):
            raise KeyboardInterrupt
        return built.method.loss(model, batch)

    def run(loss: Callable[[nn.Module, Batch], Tensor], folder: Path | None) -> dict[str, Tensor]:
        model = build(trained.name, backbone, trained.on).model()
        built.method.prepare(model, lambda: iter([built.training_batch()]))
        train(
            model,
            loss,
            streams(built),
            budget,
            seed=0,
            accelerator=Accelerator(cpu=True),
            evaluate=None,
            checkpoint_folder=folder,
            checkpoint_seconds=0.0,
        )
        return model.state_dict()

    with pytest.raises(KeyboardInterrupt):
        run(stopped, tmp_path)
    assert list(tmp_path.iterdir())
    undisturbed, resumed = run(built.method.loss, None), run(built.method.loss, tmp_path)
    assert all(torch.equal(value, undisturbed[name]) for name, value in resumed.items())
    assert any(not torch.equal(value, trained.start[name]) for name, value in resumed.items())


# --- settings ---


@pytest.mark.parametrize("name", sorted(describe_methods()))
@pytest.mark.parametrize("profile", ["demo", "paper", "comparable"])
@pytest.mark.parametrize("of", ["marc", "marc-binary", "xnli"])
def test_every_profile_has_settings_for_every_task(name: str, profile: str, of: str) -> None:
    settings = method_settings(load_method(name), MethodChoice(name), profile, task(of), None)
    assert (settings.training.steps is None) != (settings.training.epochs is None)
    assert settings.model.startswith("micro-") == (profile == "demo")
    if profile == "comparable":
        assert (settings.training.steps, settings.training.batch_size) == (1000, 8)


PAPER: list[tuple[str, str, dict[str, object]]] = [
    # Huang et al. 2022, section 3.2
    (
        "uniprompt",
        "marc",
        {"model": "FacebookAI/xlm-roberta-base", "max_length": 512, "label_words": "soft-class-mean"},
    ),
    ("uniprompt", "marc", {"steps": 1000, "evaluate_every": 100, "batch_size": 8, "learning_rate": 1e-5}),
    ("fine-tune", "marc", {"steps": 1000, "evaluate_every": 100, "batch_size": 8, "learning_rate": 1e-5}),
    ("soft", "marc", {"steps": 1000, "evaluate_every": 100, "batch_size": 8, "learning_rate": 1e-5, "max_length": 512}),
    # Qiu et al. 2024, section IV-B
    ("mpt", "xnli", {"epochs": 50, "steps": None, "batch_size": 24, "learning_rate": 4e-5, "optimizer": "adamw"}),
    ("mpt", "xnli", {"alpha": 0.5, "length": 4, "max_length": 256, "parallel_size": 500, "label_space": "vocabulary"}),
    ("soft", "xnli", {"epochs": 50, "batch_size": 24, "learning_rate": 4e-5, "length": 4, "max_length": 256}),
    ("fine-tune", "xnli", {"epochs": 50, "steps": None, "batch_size": 24, "learning_rate": 4e-5}),
    # Tu et al. 2022, section 3.2 and appendix A.1
    ("prefix", "xnli", {"model": "FacebookAI/xlm-roberta-large", "length": 32, "epochs": 30, "batch_size": 32}),
    ("prefix", "xnli", {"optimizer": "adam", "schedule": "linear", "warmup": 0.0, "learning_rate": 1e-3}),
    ("prefix", "marc", {"learning_rate": 5e-3, "length": 16, "top_layers": None, "optimizer": "adam"}),
    (
        "prefix",
        "ud-pos",
        {"learning_rate": 1e-2, "length": 16, "epochs": 30, "batch_size": 32, "max_length": 128, "dropout": 0.1},
    ),
    ("prefix", "xquad", {"learning_rate": 5e-3, "length": 16, "epochs": 30, "batch_size": 8, "dropout": 0.2}),
    ("prefix", "tydiqa", {"max_length": 384, "stride": 128, "batch_size": 8, "optimizer": "adam"}),
    ("fine-tune", "ud-pos", {"model": "FacebookAI/xlm-roberta-large", "epochs": 5, "learning_rate": 3e-5}),
    ("fine-tune", "mlqa", {"model": "FacebookAI/xlm-roberta-large", "epochs": 2, "max_length": 384, "stride": 128}),
    ("fine-tune", "tydiqa", {"epochs": 30, "batch_size": 8, "max_length": 384, "learning_rate": 3e-5}),
    # Qi et al. 2022, released code
    ("pct", "xnli", {"template": "pct-translated", "epochs": 50, "batch_size": 32, "learning_rate": 2e-5}),
    ("pct", "xnli", {"optimizer": "adam", "schedule": "linear", "warmup": 0.1, "floor": 0.1}),
    ("pct", "paws-x", {"template": "pct-translated", "max_length": 128, "template_language": "target"}),
    # Chen and Chen 2024, section 4.3
    (
        "fine-tune",
        "americasnli",
        {
            **{"model": "FacebookAI/xlm-roberta-large", "max_length": 128, "epochs": 10, "batch_size": 32},
            **{"steps": None, "evaluate_every": None, "learning_rate": 1e-6},
        },
    ),
    ("prefix", "masakhanews", {"length": 32, "max_length": 128, "epochs": 10, "batch_size": 32, "learning_rate": 1e-3}),
    # Qiu et al. 2024, equations 2 and 3; Huang et al. 2022, equation 6
    ("soft", "xnli", {"label_space": "vocabulary"}),
    ("soft", "marc", {"label_space": "label-words"}),
    # Fu et al. 2022, section 4.5
    ("polyprompt", "xquad", {"max_length": 512, "target_length": 64, "learning_rate": 1e-4}),
    ("polyprompt", "xnli", {"model": "google/mt5-base", "max_length": 512, "target_length": 64, "learning_rate": 1e-4}),
    ("polyprompt", "xnli", {"epochs": 20, "batch_size": 18, "evaluate_every": 1000}),
]


@pytest.mark.parametrize(("name", "of", "expected"), PAPER)
def test_the_paper_profile_has_the_papers_values(name: str, of: str, expected: dict[str, object]) -> None:
    settings = method_settings(load_method(name), MethodChoice(name), "paper", task(of), None)
    values = {**settings.training.model_dump(), **settings.model_dump()}
    assert {key: values[key] for key in expected} == expected

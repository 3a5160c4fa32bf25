"""The training loop: what a step's gradient is, what order the rows come in, which parameters are kept."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_pre_hook
from transformers import get_scheduler

from tests.runner.toy_training import ToyModel, accuracy, run_toy, toy_loss, toy_rows, toy_stream
from xbench.encoding.rows import Batch, Stream
from xbench.errors import RequestError
from xbench.method.budget import Budget
from xbench.runner.optimizers import make_optimizer, make_schedule
from xbench.runner.processes import make_accelerator
from xbench.runner.training import TrainingError, TrainingReport, number_of_steps, rows_of_step, train


def train_toy(
    model: nn.Module,
    streams: list[Stream],
    loss: Callable[[nn.Module, Batch], Tensor] = toy_loss,
    evaluate: Callable[[nn.Module], float] | None = None,
    **budget: Any,
) -> TrainingReport:
    """Trains in this process with seed 1."""
    return train(model, loss, streams, Budget(**budget), seed=1, accelerator=make_accelerator("cpu"), evaluate=evaluate)


def difference(first: nn.Module, second: nn.Module) -> float:
    """The largest difference between two models' parameters."""
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    return max((a - b).abs().max().item() for a, b in pairs)


def test_one_step_has_the_gradient_of_the_weighted_means() -> None:
    pair_rows, rows = toy_rows(5, seed=1), toy_rows(7, weigh=True)
    model, expected = ToyModel(dtype=torch.float64), ToyModel(dtype=torch.float64)
    streams = [toy_stream("train", rows, weight=2.0), toy_stream("pairs", pair_rows, weight=0.25)]
    # Plain gradient descent is what Adam is not: read the gradient from the loop's own hook instead.
    seen: list[Tensor] = []
    model.head.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.clone()))
    train_toy(model, streams, steps=1, batch_size=8, micro_batch_size=3, max_gradient_norm=None)
    total = 2.0 * toy_loss(expected, streams[0].batch(rows)) / sum(row.count for row in rows)
    total = total + 0.25 * toy_loss(expected, streams[1].batch(pair_rows)) / 5
    total.backward()
    assert len(seen) == 5  # 3 + 2 micro-batches, added up
    torch.testing.assert_close(seen[-1], expected.head.grad)


@pytest.mark.parametrize("micro_batch_size", [1, 2, 3, 8])
def test_micro_batches_change_nothing(micro_batch_size: int) -> None:
    whole, split = ToyModel(dtype=torch.float64), ToyModel(dtype=torch.float64)
    budget: dict[str, Any] = {"epochs": 4, "learning_rate": 0.01}
    streams = [toy_stream("train", toy_rows(37, weigh=True)), toy_stream("pairs", toy_rows(11, seed=1), weight=0.3)]
    train_toy(whole, streams, **budget)
    train_toy(split, streams, **budget, micro_batch_size=micro_batch_size)
    assert difference(whole, split) < 1e-9


def test_an_epoch_gives_every_row_of_the_longest_stream_once_and_cycles_the_others() -> None:
    long, short = toy_stream("long", toy_rows(10)), toy_stream("short", toy_rows(5))
    assert number_of_steps(Budget(epochs=2, batch_size=4), [10, 5]) == 6
    assert number_of_steps(Budget(steps=7, batch_size=4), [10, 5]) == 7
    sizes = [len(rows_of_step(long, step, 4, seed=1)) for step in range(6)]
    assert sizes == [4, 4, 2, 4, 4, 2]
    epochs = [[row.index for s in steps for row in rows_of_step(long, s, 4, 1)] for steps in (range(3), range(3, 6))]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10))
    assert epochs[0] != epochs[1]
    cycled = Counter(row.index for step in range(6) for row in rows_of_step(short, step, 4, seed=1))
    assert cycled == dict.fromkeys(range(5), 3)


def test_the_order_depends_on_seed_and_stream() -> None:
    rows = toy_rows(50)
    orders = {
        tuple(row.index for row in rows_of_step(toy_stream(name, rows), 0, 50, seed))
        for name, seed in (("train", 1), ("train", 2), ("pairs", 1), ("train", 1))
    }
    assert len(orders) == 3


def test_the_loss_falls_and_only_trained_parameters_move() -> None:
    model, before = ToyModel(), ToyModel()
    rows = toy_rows(200)
    report = train_toy(
        model, [toy_stream("train", rows)], epochs=30, learning_rate=0.03, weight_decay=0.1,
        evaluate=lambda model: accuracy(model, rows),
    )  # fmt: skip
    losses = [point["loss"] or 0.0 for point in report.curve]
    assert losses[-1] < 0.5 * losses[0]
    assert report.best_score is not None
    assert report.best_score > 0.9
    assert torch.equal(model.frozen, before.frozen)
    assert torch.equal(model.unused, before.unused)  # no gradient, so no weight decay either
    assert not torch.equal(model.head, before.head)
    assert report.trained_parameters == model.embedding.numel() + model.head.numel() + model.unused.numel()
    assert report.tokens == 30 * sum(row.length for row in rows)
    assert report.peak_memory_bytes > 10**7
    assert not model.training


def test_tied_parameters_count_once() -> None:
    model = ToyModel()
    model.tied = model.head
    assert train_toy(model, [toy_stream("train", toy_rows(8))], steps=1).trained_parameters == 12 * 8 + 8 * 2 + 9


def scores(*values: float) -> tuple[Callable[[nn.Module], float], list[Tensor]]:
    """An evaluation that gives these values, and the heads it saw."""
    heads: list[Tensor] = []

    def evaluate(model: nn.Module) -> float:
        assert not model.training
        assert not torch.is_grad_enabled()
        assert isinstance(model, ToyModel)
        heads.append(model.head.detach().clone())
        return values[len(heads) - 1]

    return evaluate, heads


@pytest.mark.parametrize(("select", "kept"), [("best", 1), ("last", 4)])
def test_the_selected_parameters_are_kept_and_of_equal_scores_the_earlier(select: str, kept: int) -> None:
    evaluate, heads = scores(0.2, 0.7, 0.5, 0.7, 0.6)
    model = ToyModel()
    report = train_toy(
        model, [toy_stream("train", toy_rows(20))], evaluate=evaluate,
        steps=13, evaluate_every=3, select=select, learning_rate=0.1,
    )  # fmt: skip
    assert [point["step"] for point in report.curve] == [3, 6, 9, 12, 13]
    assert [point["dev"] for point in report.curve] == [0.2, 0.7, 0.5, 0.7, 0.6]
    assert torch.equal(model.head, heads[kept])
    assert report.best_step == [3, 6, 9, 12, 13][kept]
    assert report.best_score == [0.2, 0.7, 0.5, 0.7, 0.6][kept]


def test_without_dev_the_last_parameters_are_kept_and_every_epoch_has_a_point() -> None:
    report = train_toy(ToyModel(), [toy_stream("train", toy_rows(20))], epochs=3)
    assert [(point["step"], point["dev"]) for point in report.curve] == [(3, None), (6, None), (9, None)]
    assert (report.steps, report.best_step, report.best_score) == (9, 9, None)


def test_training_twice_gives_the_same_bits_whatever_ran_before() -> None:
    settings = {"budget": {"epochs": 2, "learning_rate": 0.01}, "dropout": 0.3}
    first, _ = run_toy(settings)
    torch.rand(17)
    second, _ = run_toy(settings)
    other, _ = run_toy({**settings, "seed": 2})
    assert difference(first, second) == 0
    assert difference(first, other) > 0


def test_a_stream_of_weight_zero_is_not_computed() -> None:
    alone, beside = ToyModel(), ToyModel()
    train_toy(alone, [toy_stream("train", toy_rows(20))], epochs=2)
    streams = [toy_stream("train", toy_rows(20)), toy_stream("pairs", toy_rows(12, seed=1), weight=0.0)]
    train_toy(beside, streams, epochs=2)
    assert difference(alone, beside) == 0


def test_a_loss_that_is_not_finite_names_step_stream_and_rate() -> None:
    with pytest.raises(
        TrainingError, match=r"'train' has loss nan at step 3 of 6 \(learning rate 6.67e-06, seed 1\)"
    ) as e:
        run_toy({"budget": {"steps": 6}, "nan_at": 3})
    assert e.value.exit_code == 1


def test_a_gradient_that_is_not_finite_is_an_error_though_the_loss_is() -> None:
    def loss(model: nn.Module, batch: Batch) -> Tensor:
        return toy_loss(model, batch) + (model.get_parameter("head") * 0).sum().sqrt()  # slope of the root at zero

    with pytest.raises(TrainingError, match="gradient of 'train' has norm nan at step 1"):
        train_toy(ToyModel(), [toy_stream("train", toy_rows(20))], loss, steps=3)


def test_a_dev_score_that_is_not_a_number_is_an_error() -> None:
    with pytest.raises(TrainingError, match="dev score is nan after step 2"):
        train_toy(ToyModel(), [toy_stream("train", toy_rows(20))], evaluate=lambda _: math.nan, steps=2)


def test_what_cannot_be_trained_is_refused() -> None:
    rows = toy_stream("train", toy_rows(20))
    with pytest.raises(RequestError, match="either steps or epochs; neither given"):
        train_toy(ToyModel(), [rows])
    with pytest.raises(RequestError, match=r"both \(steps=2, epochs=3\)"):
        train_toy(ToyModel(), [rows], steps=2, epochs=3)
    with pytest.raises(TrainingError, match="stream 'train' has no rows"):
        train_toy(ToyModel(), [toy_stream("train", [])], steps=1)
    with pytest.raises(TrainingError, match="different names"):
        train_toy(ToyModel(), [rows, rows], steps=1)
    with pytest.raises(TrainingError, match="no parameter"):
        train_toy(ToyModel().requires_grad_(False), [rows], steps=1)


@pytest.mark.parametrize(("limit", "expected"), [(1e-3, 1e-3), (1e6, None), (None, None)])
def test_gradients_are_clipped_to_the_norm(limit: float | None, expected: float | None) -> None:
    norms: list[float] = []

    def note(optimizer: Optimizer, *_: object) -> None:
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        norms.append(nn.utils.get_total_norm(gradients).item())

    handle = register_optimizer_step_pre_hook(note)
    train_toy(ToyModel(), [toy_stream("train", toy_rows(8))], steps=1, max_gradient_norm=limit)
    handle.remove()
    model = ToyModel()
    (toy_loss(model, toy_stream("train", toy_rows(8)).batch(toy_rows(8))) / 8).backward()
    whole = nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None]).item()
    assert norms == pytest.approx([expected or whole], rel=1e-3)


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    streams = [toy_stream("train", toy_rows(8))]
    accelerator = make_accelerator("cpu")
    train(
        ToyModel(), toy_loss, streams, Budget(steps=3), seed=1, accelerator=accelerator, evaluate=None,
        progress=lambda step, steps: told.append((step, steps)),
    )  # fmt: skip
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_bf16_trains_parameters_of_full_precision() -> None:
    model, dtypes = ToyModel(), set()

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        logits = model(batch["tokens"])
        dtypes.add(logits.dtype)
        return nn.functional.cross_entropy(logits.float(), batch["label"], reduction="sum")

    accelerator = make_accelerator("cpu", "bf16")
    streams = [toy_stream("train", toy_rows(40))]
    budget = Budget(epochs=10, learning_rate=0.03)
    report = train(model, loss, streams, budget, seed=1, accelerator=accelerator, evaluate=None)
    assert dtypes == {torch.bfloat16}
    assert model.head.dtype == torch.float32
    assert (report.curve[-1]["loss"] or 1.0) < (report.curve[0]["loss"] or 0.0)


@pytest.mark.parametrize(
    ("schedule", "warmup", "floor", "expected"),
    [
        ("constant", 0.0, 0.0, [1, 1, 1, 1, 1]),
        ("constant", 0.4, 0.0, [0, 0.5, 1, 1, 1]),
        ("linear", 0.0, 0.0, [1, 0.8, 0.6, 0.4, 0.2]),
        ("linear", 0.4, 0.0, [0, 0.5, 1, 2 / 3, 1 / 3]),
        ("linear", 0.4, 0.1, [0, 0.5, 1, 0.7, 0.4]),
        ("cosine", 0.0, 0.0, [(1 + math.cos(math.pi * n / 5)) / 2 for n in range(5)]),
        ("cosine", 0.0, 0.5, [(3 + math.cos(math.pi * n / 5)) / 4 for n in range(5)]),
    ],
)
def test_schedules_give_the_rate_of_every_step(
    schedule: Any, warmup: float, floor: float, expected: list[float]
) -> None:
    parameter = nn.Parameter(torch.ones(2, 2))
    budget = Budget(steps=5, learning_rate=0.1, schedule=schedule, warmup=warmup, floor=floor)
    optimizer = make_optimizer([parameter], budget)
    scheduler = make_schedule(optimizer, budget, 5)
    rates = []
    for _ in range(5):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert rates == pytest.approx([0.1 * share for share in expected])
    if schedule != "constant":
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1 * floor)


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_without_a_floor_the_rates_are_transformers_own(schedule: Any) -> None:
    """To the last bit, so that a stage trained before is trained alike."""
    budget = Budget(steps=97, learning_rate=0.1, schedule=schedule, warmup=0.1)
    name = "constant_with_warmup" if schedule == "constant" else schedule
    rates = []
    for make in (
        lambda optimizer: make_schedule(optimizer, budget, 97),
        lambda optimizer: get_scheduler(name, optimizer, num_warmup_steps=10, num_training_steps=97),
    ):
        optimizer = make_optimizer([nn.Parameter(torch.ones(2, 2))], budget)
        scheduler = make(optimizer)
        rates.append([])
        for _ in range(97):
            rates[-1].append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    assert rates[0] == rates[1]


def test_adamw_decays_matrices_and_not_vectors_while_adam_has_it_in_the_gradient() -> None:
    def trained(name: Any) -> list[nn.Parameter]:
        parameters = [nn.Parameter(torch.full((2, 2), 3.0)), nn.Parameter(torch.full((2,), 3.0))]
        optimizer = make_optimizer(parameters, Budget(optimizer=name, learning_rate=0.1, weight_decay=0.5))
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        return parameters

    matrix, vector = trained("adamw")
    torch.testing.assert_close(matrix, torch.full((2, 2), 3.0 * (1 - 0.1 * 0.5)))
    torch.testing.assert_close(vector, torch.full((2,), 3.0))
    matrix, vector = trained("adam")  # the only gradient is the L2 term, which Adam scales to one learning rate
    torch.testing.assert_close(matrix, torch.full((2, 2), 2.9))
    torch.testing.assert_close(vector, torch.full((2,), 2.9))


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "adafactor", "rmsprop"])
def test_every_optimizer_lowers_the_loss(optimizer: str) -> None:
    report = train_toy(
        ToyModel(), [toy_stream("train", toy_rows(40))], epochs=10, learning_rate=0.03, optimizer=optimizer
    )
    assert (report.curve[-1]["loss"] or 1.0) < 0.9 * (report.curve[0]["loss"] or 0.0)

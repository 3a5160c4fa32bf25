"""A small model and its data for tests of the training loop; run as a module it trains once and stores the result.

`python -m tests.runner.toy_training '{"out": "…", "budget": {…}, …}'`, by itself or as one of several processes.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from xbench.encoding.rows import Batch, Row, Stream, collate
from xbench.method.budget import Budget
from xbench.runner.processes import leave_group, make_accelerator
from xbench.runner.training import TrainingReport, train

VOCABULARY = 12


class ToyModel(nn.Module):
    """A bag of words with a batch-independent buffer, a frozen and an unused parameter."""

    def __init__(self, dropout: float = 0.0, seed: int = 0, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)

        def parameter(*shape: int, requires_grad: bool = True) -> nn.Parameter:
            return nn.Parameter(torch.randn(*shape, generator=generator).to(dtype), requires_grad=requires_grad)

        self.embedding = parameter(VOCABULARY, 8)
        self.frozen = parameter(8, 8, requires_grad=False)
        self.head = parameter(8, 2)
        self.unused = parameter(3, 3)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("calls", torch.zeros((), dtype=torch.long))

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits [batch, 2] of tokens [batch, length], token 0 being padding."""
        self.get_buffer("calls").add_(int(self.training))
        mask = (tokens != 0).to(self.embedding.dtype).unsqueeze(-1)  # [batch, length, 1]
        mean = (self.embedding[tokens] * mask).sum(1) / mask.sum(1)  # [batch, hidden]
        return self.dropout(torch.tanh(mean @ self.frozen)) @ self.head


def toy_rows(count: int, seed: int = 0, weigh: bool = False) -> list[Row]:
    """Rows of 1 to 6 tokens; the label says whether large tokens are the majority. `weigh` gives counts of 1 to 3."""
    numbers = random.Random(seed)
    rows = []
    for index in range(count):
        tokens = [numbers.randrange(1, VOCABULARY) for _ in range(numbers.randrange(1, 7))]
        label = int(sum(token > VOCABULARY // 2 for token in tokens) * 2 > len(tokens))
        rows.append(Row(index, {"tokens": tokens, "label": label}, len(tokens), 1 + index % 3 if weigh else 1))
    return rows


def toy_stream(name: str, rows: list[Row], weight: float = 1.0) -> Stream:
    """A stream of such rows."""
    return Stream(name, rows, functools.partial(collate, padding={"tokens": 0}, stream=name), weight)


def toy_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Cross-entropy summed over the batch; another one for the stream 'pairs'."""
    logits = model(batch["tokens"])
    if batch.stream == "pairs":
        return (logits.softmax(-1)[:, 0] - 0.5).square().sum()
    return nn.functional.cross_entropy(logits, batch["label"], reduction="sum")


def accuracy(model: nn.Module, rows: list[Row]) -> float:
    """Share of the rows whose label the model gives."""
    batch = collate(rows, {"tokens": 0})
    return (model(batch["tokens"]).argmax(-1) == batch["label"]).double().mean().item()


def run_toy(settings: dict[str, Any]) -> tuple[nn.Module, TrainingReport]:
    """Trains as the settings say. `kill_at` or `fail_at` ends the process of `rank` at that loss call."""
    accelerator = make_accelerator("cpu")
    if "world_size" in settings:
        assert accelerator.num_processes == settings["world_size"]
    dtype = getattr(torch, settings.get("dtype", "float32"))
    model = ToyModel(settings.get("dropout", 0.0), dtype=dtype)
    streams = [toy_stream("train", toy_rows(settings.get("rows", 37), weigh=settings.get("weigh", False)))]
    if settings.get("pairs"):
        streams.append(toy_stream("pairs", toy_rows(settings["pairs"], seed=1), weight=0.3))
    dev = toy_rows(30, seed=2)
    loss: Callable[[nn.Module, Batch], Tensor] = toy_loss
    if settings.get("rank", 0) == accelerator.process_index:
        loss = _ending(settings.get("kill_at"), settings.get("fail_at"), settings.get("nan_at"))
    report = train(
        model,
        loss,
        streams,
        Budget(**settings["budget"]),
        seed=settings.get("seed", 1),
        accelerator=accelerator,
        evaluate=(lambda model: accuracy(model, dev)) if settings.get("dev") else None,
        checkpoint_folder=Path(settings["checkpoints"]) if "checkpoints" in settings else None,
        checkpoint_seconds=0.0,
    )
    return model, report


def _ending(kill_at: int | None, fail_at: int | None, nan_at: int | None) -> Callable[[nn.Module, Batch], Tensor]:
    calls = 0

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if calls == fail_at:
            sys.exit(7)
        return toy_loss(model, batch) * (float("nan") if calls == nan_at else 1.0)

    return loss


def main() -> None:
    """Trains as the JSON argument says; every process stores its parameters and its report."""
    settings = json.loads(sys.argv[1])
    rank = os.environ.get("RANK", "0")
    print(f"stdout of process {rank}")
    model, report = run_toy(settings)
    torch.save((model.state_dict(), dataclasses.asdict(report)), f"{settings['out']}.{rank}")
    leave_group()
    # With the group's threads still there, every third group or so was aborted while Python shut down.
    threads = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    assert not any("gloo" in thread for thread in threads), threads


if __name__ == "__main__":
    main()

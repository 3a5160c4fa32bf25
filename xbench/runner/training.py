"""The one training loop: streams of rows in, trained parameters in the model out."""

from __future__ import annotations

import functools
import hashlib
import math
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast, gather_object
from torch import Tensor, nn

from xbench.encoding.rows import Batch, Row, Stream
from xbench.errors import RequestError, XbenchError
from xbench.method.budget import Budget
from xbench.runner.checkpoint import (
    Checkpoint,
    RandomState,
    Tensors,
    TrainingState,
    read_checkpoint,
    restore_tensors,
    trained_tensors,
    write_checkpoint,
)
from xbench.runner.optimizers import make_optimizer, make_schedule
from xbench.runner.processes import collective, share


class TrainingError(XbenchError):
    """A training cannot go on, or would not be one."""

    exit_code = 1


@dataclass(frozen=True)
class TrainingReport:
    """What a training did.

    `best_step` and `best_score` belong to the parameters that the model holds at the end: the best on dev, or the
    last (`best_score` is None without dev). `curve` has a point for each evaluation: {step, dev, loss}, the loss being
    the mean over the steps since the point before. `seconds` covers everything, the time before a resume included,
    and `evaluation_seconds` is the part of it spent on dev. `tokens` are those of all rows trained on, over all
    processes. `trained_parameters` counts tied ones once. `peak_memory_bytes` is the device's, or on a CPU the most
    that this process has ever held.
    """

    steps: int
    best_step: int
    best_score: float | None
    curve: list[dict[str, float | None]]
    seconds: float
    evaluation_seconds: float
    tokens: int
    trained_parameters: int
    peak_memory_bytes: int


def train(
    model: nn.Module,
    loss: Callable[[nn.Module, Batch], Tensor],
    streams: Sequence[Stream],
    budget: Budget,
    *,
    seed: int,
    accelerator: Accelerator,
    evaluate: Callable[[nn.Module], float] | None,
    checkpoint_folder: Path | None = None,
    checkpoint_seconds: float = 60.0,
    progress: Callable[[int, int], None] | None = None,
) -> TrainingReport:
    """Trains the parameters that require gradients; the model is left with the selected ones, in eval mode.

    `loss(model, batch)` gives the sum over the batch. A step's loss is the sum over streams of weight times (sum of its
    losses / sum of its counts), counted over the whole global batch before any forward, so that micro-batches and
    processes split it without changing the gradient. A stream of weight zero is not computed.

    `evaluate(model)` gives a dev score (more is better); it is called on every process, in eval mode and without
    gradients, after every `evaluate_every` steps (or epoch) and after the last step; process 0's value counts. Of equal
    scores the earlier is kept. `progress(step, steps)` is called on process 0.

    With `checkpoint_folder`, a resumable checkpoint is written about every `checkpoint_seconds`, and the latest one of
    this same training is resumed: the result has the bits of an undisturbed run. Raises TrainingError where a loss
    or gradient is not finite, RequestError where the budget has no length, StoreError where a checkpoint cannot be
    written.
    """
    loop = _Loop(model, loss, streams, budget, seed, accelerator, evaluate)
    if checkpoint_folder is not None:
        loop.resume(checkpoint_folder)
    saved = time.monotonic()
    while loop.state.step < loop.steps:
        if progress is not None and accelerator.is_main_process:
            progress(loop.state.step, loop.steps)
        save = checkpoint_folder is not None and time.monotonic() - saved >= checkpoint_seconds
        save = loop.step(save)  # process 0's clock decides for all
        if loop.state.step % loop.evaluate_every == 0 or loop.state.step == loop.steps:
            loop.evaluate()
        if save and checkpoint_folder is not None and loop.state.step < loop.steps:
            loop.save(checkpoint_folder)
            saved = time.monotonic()
    if progress is not None and accelerator.is_main_process:
        progress(loop.steps, loop.steps)
    return loop.finish()


def number_of_steps(budget: Budget, sizes: Sequence[int]) -> int:
    """Optimizer steps of a budget on streams of these numbers of rows. Raises RequestError."""
    if (budget.steps is None) == (budget.epochs is None):
        given = "neither" if budget.steps is None else f"both (steps={budget.steps}, epochs={budget.epochs})"
        raise RequestError(f"A budget needs either steps or epochs; {given} given.")
    return budget.steps or (budget.epochs or 0) * steps_per_epoch(budget, sizes)


def steps_per_epoch(budget: Budget, sizes: Sequence[int]) -> int:
    """Steps of one pass over the longest stream; its last batch may be smaller."""
    return math.ceil(max(sizes) / budget.batch_size)


def rows_of_step(stream: Stream, step: int, batch_size: int, seed: int) -> list[Row]:
    """A stream's global batch of a step (from 0).

    Every stream goes through its own passes, each in another shuffled order, the last batch of a pass being smaller
    where the rows do not fill it; a short stream begins its next pass while a longer one is still in its first. This is
    a function of its arguments alone, so that a resumed training needs no more than its step.
    """
    batches = math.ceil(len(stream.rows) / batch_size)
    order = _order(len(stream.rows), seed, stream.name, step // batches)
    start = step % batches * batch_size
    rows = [stream.rows[index] for index in order[start : start + batch_size].tolist()]
    return rows if stream.draw is None else [stream.draw(row, stream.name, seed, step) for row in rows]


@functools.lru_cache(maxsize=32)
def _order(rows: int, seed: int, stream: str, epoch: int) -> Tensor:
    digest = hashlib.sha256(f"{seed}/{stream}/{epoch}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
    return torch.randperm(rows, generator=generator)  # [rows]


def _seed_process(seed: int, rank: int) -> None:
    """Seeds dropout and the like; processes differ, so that they do not all drop the same units."""
    number = (seed * 1009 + rank) % 2**32
    random.seed(number)
    numpy.random.seed(number)
    torch.manual_seed(number)


def _peak_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Loop:
    """One training: what it works on, and what it has reached."""

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[[nn.Module, Batch], Tensor],
        streams: Sequence[Stream],
        budget: Budget,
        seed: int,
        accelerator: Accelerator,
        evaluate: Callable[[nn.Module], float] | None,
    ) -> None:
        self.model, self.loss, self.streams, self.budget = model, loss, streams, budget
        self.seed, self.accelerator, self.score = seed, accelerator, evaluate
        self.device: torch.device = accelerator.device
        sizes = [len(stream.rows) for stream in streams]
        _check_streams(streams)
        self.steps = number_of_steps(budget, sizes)
        self.evaluate_every = budget.evaluate_every or steps_per_epoch(budget, sizes)
        self.state = TrainingState()
        self.best: Tensors | None = None

        model.to(self.device).train()
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not self.parameters:
            raise TrainingError("Nothing to train: no parameter of the model requires a gradient.")
        if accelerator.num_processes > 1:
            with collective():
                broadcast([tensor.data for tensor in [*self.parameters, *model.buffers()]])
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        _seed_process(seed, accelerator.process_index)
        self.optimizer = make_optimizer(self.parameters, budget)
        self.schedule = make_schedule(self.optimizer, budget, self.steps)
        # A scaler of our own: accelerate's is shared by all trainings of a process and would carry its scale over.
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=accelerator.mixed_precision == "fp16")
        self.precision = functools.reduce(torch.promote_types, (p.dtype for p in self.parameters), torch.float32)
        self.started = time.monotonic()

    def step(self, save: bool = False) -> bool:
        """One optimizer step; gives process 0's `save` on every process."""
        losses = self._accumulate()
        losses, save = self._sum_over_processes(losses, save)
        self.scaler.unscale_(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.parameters, self.budget.max_gradient_norm or math.inf)
        self._check_finite(losses.tolist(), float(norm))
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.step += 1
        self.state.losses.append(float(losses.sum()))
        return save

    def _accumulate(self) -> Tensor:
        """Adds up the gradients of this process's rows of the step; gives each stream's part of the loss [streams]."""
        losses = torch.zeros(len(self.streams), dtype=self.precision, device=self.device)
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        for number, stream in enumerate(self.streams):
            if stream.weight == 0:
                continue
            rows = rows_of_step(stream, self.state.step, self.budget.batch_size, self.seed)
            count = sum(row.count for row in rows)
            self.state.tokens += sum(row.length for row in rows)
            # Sorted, so that neither a process nor a micro-batch pads to the longest row of the whole batch.
            own_rows = sorted(rows, key=lambda row: -row.length)[rank::world]
            size = self.budget.micro_batch_size or max(len(own_rows), 1)
            for start in range(0, len(own_rows), size):
                batch = stream.batch(own_rows[start : start + size]).to(self.device)
                with self.accelerator.autocast():
                    value = self.loss(self.model, batch) * (stream.weight / max(count, 1))
                self.scaler.scale(value).backward()
                losses[number] += value.detach()
        return losses

    def _sum_over_processes(self, losses: Tensor, save: bool) -> tuple[Tensor, bool]:
        """Sums losses and gradients over processes in one all-reduce, with process 0's `save` beside them.

        A process without rows counts as zero gradients; a parameter that had none on any process keeps None.
        """
        if self.accelerator.num_processes == 1:
            return losses, save
        save_here = save and self.accelerator.is_main_process
        head = [float(save_here), *(float(parameter.grad is not None) for parameter in self.parameters)]
        parts = [torch.tensor(head, dtype=self.precision, device=self.device), losses]
        for parameter in self.parameters:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            parts.append(gradient.flatten().to(self.precision))
        with collective():
            total: Tensor = self.accelerator.reduce(torch.cat(parts), "sum")
        sizes = [len(head), len(losses), *(parameter.numel() for parameter in self.parameters)]
        summed_head, losses, *gradients = total.split(sizes)
        saving, *present = summed_head.tolist()
        for parameter, gradient, processes in zip(self.parameters, gradients, present, strict=True):
            parameter.grad = gradient.view_as(parameter).to(parameter.dtype) if processes else None
        return losses, saving > 0

    def _check_finite(self, losses: list[float], norm: float) -> None:
        """Every process sees the same sums, so that all of them stop here together."""
        rate = self.schedule.get_last_lr()[0]
        place = f"at step {self.state.step + 1} of {self.steps} (learning rate {rate:.3g}, seed {self.seed})"
        advice = "Lower the learning rate, warm up, or train in fp32."
        for stream, value in zip(self.streams, losses, strict=True):
            if not math.isfinite(value):
                raise TrainingError(f"Training diverged: stream '{stream.name}' has loss {value} {place}. {advice}")
        # fp16 begins with a scale that overflows, and lowers it: only a gradient that overflows unscaled is an error.
        if not math.isfinite(norm) and (not self.scaler.is_enabled() or self.scaler.get_scale() < 1):
            names = " + ".join(f"'{stream.name}'" for stream in self.streams)
            raise TrainingError(f"Training diverged: the gradient of {names} has norm {norm} {place}. {advice}")

    def evaluate(self) -> None:
        """A point of the curve, and the best parameters so far."""
        state, score = self.state, None
        if self.score is not None:
            began = time.monotonic()
            self.model.eval()
            with torch.no_grad():
                score = share(self.accelerator, float(self.score(self.model)))
            self.model.train()
            state.evaluation_seconds += time.monotonic() - began
            if not math.isfinite(score):
                raise TrainingError(f"The dev score is {score} after step {state.step} of {self.steps}.")
        mean = math.fsum(state.losses) / len(state.losses)
        state.curve.append({"step": state.step, "dev": score, "loss": mean})
        state.losses.clear()
        best = self.budget.select == "best" and score is not None
        if not best or state.best_score is None or (score is not None and score > state.best_score):
            state.best_step, state.best_score = state.step, score
            if best and state.step < self.steps:
                self.best = trained_tensors(self.model)

    def finish(self) -> TrainingReport:
        """Puts the selected parameters into the model."""
        state = self.state
        if self.best is not None and state.best_step < state.step:
            restore_tensors(self.model, self.best)
        self.optimizer.zero_grad(set_to_none=True)
        self.model.eval()
        return TrainingReport(
            steps=self.steps,
            best_step=state.best_step,
            best_score=state.best_score,
            curve=state.curve,
            seconds=state.seconds + time.monotonic() - self.started,
            evaluation_seconds=state.evaluation_seconds,
            tokens=state.tokens,
            trained_parameters=sum(parameter.numel() for parameter in self.parameters),
            peak_memory_bytes=_peak_memory(self.device),
        )

    def identity(self) -> dict[str, Any]:
        """What a checkpoint must agree with to be resumed."""
        trained = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        return {
            "format": 1,
            "budget": self.budget.model_dump(mode="json"),
            "seed": self.seed,
            "steps": self.steps,
            "processes": self.accelerator.num_processes,
            "precision": self.accelerator.mixed_precision,
            "device": self.device.type,
            "streams": [
                [s.name, s.weight, len(s.rows), sum(r.length for r in s.rows), sum(r.count for r in s.rows)]
                for s in self.streams
            ],
            "parameters": [[name, list(p.shape), str(p.dtype)] for name, p in trained.items()],
        }

    def save(self, folder: Path) -> None:
        """Writes a checkpoint; every process calls it, process 0 writes."""
        with collective():
            states = gather_object([RandomState.now(self.device)])
        self.state.seconds += time.monotonic() - self.started
        self.started = time.monotonic()
        if not self.accelerator.is_main_process:
            return
        checkpoint = Checkpoint(
            identity=self.identity(),
            state=self.state,
            tensors=trained_tensors(self.model),
            best=self.best,
            optimizer=self.optimizer.state_dict(),
            schedule=self.schedule.state_dict(),
            scaler=self.scaler.state_dict(),
            random=states,
        )
        write_checkpoint(folder, checkpoint)

    def resume(self, folder: Path) -> None:
        """Continues from the latest checkpoint of this training, where there is one."""
        found = read_checkpoint(folder, self.identity()) if self.accelerator.is_main_process else None
        found = share(self.accelerator, found)
        if found is None:
            return
        restore_tensors(self.model, found.tensors)
        self.optimizer.load_state_dict(dict(found.optimizer))
        self.schedule.load_state_dict(dict(found.schedule))
        self.scaler.load_state_dict(dict(found.scaler))
        self.state, self.best = found.state, found.best
        found.random[self.accelerator.process_index].restore(self.device)
        if self.accelerator.is_main_process:
            print(f"Training resumes after step {found.state.step} of {self.steps}.", file=sys.stderr)


def _check_streams(streams: Sequence[Stream]) -> None:
    if not streams:
        raise TrainingError("Nothing to train on: no stream was given.")
    for stream in streams:
        if not stream.rows:
            raise TrainingError(f"Nothing to train on: stream '{stream.name}' has no rows.")
    names = [stream.name for stream in streams]
    if len(set(names)) < len(names):
        raise TrainingError(f"Streams need different names, as their order depends on it; given: {', '.join(names)}.")

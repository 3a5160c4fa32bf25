"""Checkpoints of a running training: written whole or not at all, resumed bit for bit.

A checkpoint is a folder `step-00000120` of safetensors and JSON files, made under another name and renamed once it is
complete. It holds all that the next step depends on; the order of the data is a function of the seed and the step.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from xbench.errors import StoreError

Tensors = dict[str, Tensor]


@dataclass
class TrainingState:
    """What a training has reached after `step` optimizer steps, tensors aside.

    `losses` are those of the steps since the last point of the curve.
    """

    step: int = 0
    best_step: int = 0
    best_score: float | None = None
    curve: list[dict[str, float | None]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    evaluation_seconds: float = 0.0
    tokens: int = 0


@dataclass(frozen=True)
class RandomState:
    """The states of one process's random number generators."""

    python: list[Any]
    numpy: list[Any]
    tensors: Tensors

    @classmethod
    def now(cls, device: torch.device) -> RandomState:
        """Python's, numpy's, torch's and the device's states as they are."""
        version, numbers, gauss = random.getstate()
        name, keys, position, has_gauss, cached = numpy.random.get_state()
        states = {"cpu": torch.get_rng_state()}
        if device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state(device)
        return cls(
            [version, list(numbers), gauss],
            [str(name), [int(key) for key in keys], int(position), int(has_gauss), float(cached)],
            states,
        )

    def restore(self, device: torch.device) -> None:
        """Puts the states back."""
        version, numbers, gauss = self.python
        random.setstate((version, tuple(numbers), gauss))
        name, keys, position, has_gauss, cached = self.numpy
        numpy.random.set_state((name, numpy.array(keys, dtype=numpy.uint32), position, has_gauss, cached))
        torch.set_rng_state(self.tensors["cpu"])
        if device.type == "cuda":
            torch.cuda.set_rng_state(self.tensors["cuda"], device)


@dataclass(frozen=True)
class Checkpoint:
    """All that a training depends on after some step.

    `identity` says which training it is of; a checkpoint is resumed by the same training only. `best` holds the tensors
    that did best on dev so far, where they are kept. `random` has one state for each process.
    """

    identity: Mapping[str, Any]
    state: TrainingState
    tensors: Tensors
    best: Tensors | None
    optimizer: Mapping[str, Any]
    schedule: Mapping[str, Any]
    scaler: Mapping[str, Any]
    random: Sequence[RandomState]


def trained_tensors(model: nn.Module) -> Tensors:
    """Copies on the CPU of the trained parameters (tied ones once) and the buffers that are to be saved, by name."""
    tensors = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    saved = model.state_dict().keys()
    buffers = {name: buffer for name, buffer in model.named_buffers() if name in saved}
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in {**tensors, **buffers}.items()}


@torch.no_grad()
def restore_tensors(model: nn.Module, tensors: Tensors) -> None:
    """Copies the tensors of `trained_tensors` back into the model."""
    targets = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    for name, tensor in tensors.items():
        # A buffer that is an expanded view cannot be written to; it holds constants.
        if not torch.equal(targets[name].cpu(), tensor):
            targets[name].copy_(tensor)


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint below `folder` by one rename, then removes the older ones. Raises StoreError."""
    name = f"step-{checkpoint.state.step:08d}"
    unfinished = folder / f".{name}-{os.getpid()}"
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _write_parts(unfinished, checkpoint)
        shutil.rmtree(folder / name, ignore_errors=True)
        unfinished.rename(folder / name)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise StoreError(f"{folder}: the training's checkpoint cannot be written: {error}") from error
    for other in folder.iterdir():
        if other.name != name and other.name.lstrip(".").startswith("step-"):
            shutil.rmtree(other, ignore_errors=True)


def read_checkpoint(folder: Path, identity: Mapping[str, Any]) -> Checkpoint | None:
    """The latest complete checkpoint below `folder` of the training with this identity, or None.

    A checkpoint of another training, or a damaged one, is left out with a message on stderr.
    """
    for path in sorted(folder.glob("step-*"), reverse=True):
        try:
            checkpoint = _read_parts(path)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            print(f"{path}: damaged checkpoint, not resumed ({type(error).__name__}: {error})", file=sys.stderr)
            continue
        wanted = json.loads(json.dumps(identity))
        different = sorted(
            key for key in {*wanted, *checkpoint.identity} if wanted.get(key) != checkpoint.identity.get(key)
        )
        if not different:
            return checkpoint
        print(f"{path}: checkpoint of another training ({', '.join(different)}), not resumed", file=sys.stderr)
    return None


def _write_parts(folder: Path, checkpoint: Checkpoint) -> None:
    save_file(checkpoint.tensors, folder / "weights.safetensors")
    if checkpoint.best is not None:
        save_file(checkpoint.best, folder / "best.safetensors")
    tensors, values = _split_optimizer(checkpoint.optimizer)
    save_file(tensors, folder / "optimizer.safetensors")
    generators = {f"{rank}.{name}": t for rank, one in enumerate(checkpoint.random) for name, t in one.tensors.items()}
    save_file(generators, folder / "random.safetensors")
    parts = {
        "identity": checkpoint.identity,
        "state": dataclasses.asdict(checkpoint.state),
        "optimizer": values,
        "schedule": checkpoint.schedule,
        "scaler": checkpoint.scaler,
        "random": [{"python": one.python, "numpy": one.numpy} for one in checkpoint.random],
    }
    (folder / "training.json").write_text(json.dumps(parts), encoding="utf-8")


def _read_parts(folder: Path) -> Checkpoint:
    parts = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    best = folder / "best.safetensors"
    generators = load_file(folder / "random.safetensors")
    states = []
    for rank, one in enumerate(parts["random"]):
        own = {name.split(".")[1]: t for name, t in generators.items() if name.split(".")[0] == str(rank)}
        states.append(RandomState(one["python"], one["numpy"], own))
    return Checkpoint(
        identity=parts["identity"],
        state=TrainingState(**parts["state"]),
        tensors=load_file(folder / "weights.safetensors"),
        best=load_file(best) if best.exists() else None,
        optimizer=_join_optimizer(load_file(folder / "optimizer.safetensors"), parts["optimizer"]),
        schedule=parts["schedule"],
        scaler=parts["scaler"],
        random=states,
    )


def _split_optimizer(state: Mapping[str, Any]) -> tuple[Tensors, dict[str, Any]]:
    """An optimizer's state as tensors named '<parameter>.<name>', and the rest as values for JSON."""
    tensors: Tensors = {}
    values: dict[str, dict[str, Any]] = {}
    for number, entries in state["state"].items():
        values[str(number)] = {}
        for name, entry in entries.items():
            if isinstance(entry, Tensor):
                tensors[f"{number}.{name}"] = entry.detach().to("cpu", copy=True).contiguous()
            else:
                values[str(number)][name] = entry
    return tensors, {"values": values, "param_groups": state["param_groups"]}


def _join_optimizer(tensors: Tensors, rest: Mapping[str, Any]) -> dict[str, Any]:
    state: dict[int, dict[str, Any]] = {int(number): dict(entries) for number, entries in rest["values"].items()}
    for key, tensor in tensors.items():
        number, name = key.split(".", 1)
        state[int(number)][name] = tensor
    return {"state": state, "param_groups": rest["param_groups"]}

"""Several processes under one parent, and the accelerator each of them works with."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import broadcast_object_list

from xbench.errors import RequestError, XbenchError

Shared = TypeVar("Shared")

LOST_PROCESS_SECONDS = 10.0
"""How long a process that lost another one waits for the supervisor to end it."""

PRECISIONS = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}
"""Our names of the precisions -> accelerate's."""


class ProcessError(XbenchError):
    """The processes of a group cannot work together any more."""

    exit_code = 1


def make_accelerator(
    device: str | None = None, precision: str = "fp32", *, processes: int | None = None
) -> Accelerator:
    """The accelerator of this process.

    `device` is 'cpu', 'cuda', 'cuda:1', 'mps' or None for the best there is; `precision` is fp32, bf16 or fp16.
    On a CPU several processes talk through gloo. Raises RequestError where the device or the precision cannot be
    had, and where accelerate joined fewer or more processes than were started (`processes`, or WORLD_SIZE): training
    would go on silently with the wrong global batches.
    """
    if precision not in PRECISIONS:
        raise RequestError(f"Unknown precision '{precision}'. Choose from: {', '.join(PRECISIONS)}.")
    expected = processes or int(os.environ.get("WORLD_SIZE", "1"))
    _check_device(device, precision, expected)
    if "TORCHELASTIC_RUN_ID" in os.environ:
        end_with_parent()
    os.environ.pop("ACCELERATE_TORCH_DEVICE", None)
    if device is not None and ":" in device:
        os.environ["ACCELERATE_TORCH_DEVICE"] = device  # the one place where accelerate takes a numbered device from
    if expected > 1:
        # Its functions bind the process group that is there when it is first imported (as transformers does), and
        # would keep it alive after `leave_group`.
        importlib.import_module("torch.distributed.nn.functional")
    # accelerate keeps its first device and precision for good; a second call of the Python API may ask for others.
    AcceleratorState._reset_state(reset_partial_state=expected == 1)
    on_cpu = device == "cpu" or (device is None and not _has_device("cuda") and not _has_device("mps"))
    try:
        accelerator = Accelerator(cpu=on_cpu, mixed_precision=PRECISIONS[precision])
    except ValueError as error:
        raise RequestError(f"Precision {precision} on device '{device or 'auto'}': {error}") from error
    if accelerator.num_processes > 1:
        atexit.register(leave_group)
    if accelerator.num_processes != expected:
        raise RequestError(
            f"{expected} processes were asked for (WORLD_SIZE), but {accelerator.num_processes} work together on "
            f"{accelerator.device}. Start them with xbench itself or with torchrun; 'accelerate launch --cpu' starts "
            "a single process."
        )
    return accelerator


def share(accelerator: Accelerator, value: Shared) -> Shared:
    """The value that process 0 has, on every process; every process has to call it."""
    if accelerator.num_processes == 1:
        return value
    values: list[Any] = [value]
    with collective():
        broadcast_object_list(values)
    return values[0]


@contextlib.contextmanager
def collective() -> Iterator[None]:
    """Around an exchange between processes: where it breaks because another process ended, the cause is that process.

    This one then waits a moment to be ended by the supervisor, so that the first failure is the one that is reported;
    without a supervisor it raises ProcessError.
    """
    try:
        yield
    except (RuntimeError, ConnectionError) as error:
        if not any(sign in str(error) for sign in ("by peer", "Broken pipe", "NCCL", "Socket")):
            raise
        time.sleep(LOST_PROCESS_SECONDS)
        raise ProcessError(f"Another process of the group ended; its own message says why ({error}).") from error


def launch(processes: int, arguments: list[str], *, module: str = "xbench", script: str | None = None) -> int:
    """Runs `python -m xbench ARGUMENTS` as a group of processes and gives the group's exit code.

    torch's elastic agent supervises them: when one fails, the others are ended, and its exit code (1 for a signal) is
    returned with one line on stderr that names it. An interrupt gives 130. Only process 0 keeps its stdout. Where the
    parent itself is killed, the processes notice (see make_accelerator) and end. `script` runs a file instead.
    """
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException, Std
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # our one line says it
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", "5")
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // processes)))
    program = [script] if script is not None else ["-m", module]
    with tempfile.TemporaryDirectory(prefix="xbench-processes-") as folder:
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=processes,
            run_id=f"xbench-{os.getpid()}-{time.monotonic_ns()}",
            rdzv_backend="c10d",
            rdzv_endpoint="localhost:0",
            local_addr="localhost",
            max_restarts=0,
            logs_specs=DefaultLogsSpecs(log_dir=folder, redirects=dict.fromkeys(range(1, processes), Std.OUT)),
        )
        try:
            elastic_launch(config, sys.executable)("-u", *program, *arguments)
        except ChildFailedError as error:
            rank, failure = error.get_first_failure()
            print(_failure(rank, processes, failure.exitcode), file=sys.stderr)
            return failure.exitcode if failure.exitcode > 0 else 1
        except (KeyboardInterrupt, SignalException):
            print("Interrupted; the processes were ended.", file=sys.stderr)
            return 130
    return 0


def _failure(rank: int, processes: int, exit_code: int) -> str:
    how = f"exit code {exit_code}" if exit_code >= 0 else f"signal {-exit_code}"
    return f"Process {rank} of {processes} ended first, with {how}; the others were ended."


def _has_device(kind: str) -> bool:
    return torch.cuda.is_available() if kind == "cuda" else torch.backends.mps.is_available()


def _check_device(device: str | None, precision: str, processes: int) -> None:
    kind = device.split(":")[0] if device else None
    if kind in ("cuda", "mps") and not _has_device(kind):
        raise RequestError(f"Device '{device}' was asked for, but this machine has no {kind} device. Use --device cpu.")
    if kind == "cuda" and device != "cuda" and device not in [f"cuda:{n}" for n in range(torch.cuda.device_count())]:
        raise RequestError(f"Device '{device}' was asked for, but there are {torch.cuda.device_count()} (from cuda:0).")
    if kind not in (None, "cpu", "cuda", "mps"):
        raise RequestError(f"Unknown device '{device}'. Choose from: cpu, cuda, cuda:N, mps.")
    on_cpu = kind == "cpu" or (kind is None and not _has_device("cuda") and not _has_device("mps"))
    devices = 1 if device and ":" in device else torch.cuda.device_count()
    if not on_cpu and int(os.environ.get("LOCAL_WORLD_SIZE", processes)) > max(devices, 1):
        raise RequestError(
            f"{processes} processes need a GPU each; device '{device or 'auto'}' is {max(devices, 1)}. "
            "Use fewer processes, or --device cpu."
        )
    if precision == "fp16" and on_cpu:
        raise RequestError("Precision fp16 needs a GPU. Use bf16 or fp32 on a CPU.")


def leave_group() -> None:
    """Ends the group's threads. One that frees a tensor while Python shuts down aborts the process (SIGABRT)."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


_watching = threading.Event()


def end_with_parent() -> None:
    """Ends this process when its parent is gone: a killed parent cannot end its group."""
    if _watching.is_set():
        return
    _watching.set()
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()

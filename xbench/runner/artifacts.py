"""An artifact made by one group of processes: claimed and staged by its first, written to by all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from accelerate import Accelerator

from xbench.runner.processes import share
from xbench.store import RunStore


def ensure_artifact(store: RunStore, id: str, accelerator: Accelerator, make: Callable[[Path], None]) -> bool:
    """Calls `make` with a staging folder unless the artifact is there; waits while another group makes it.

    Gives whether it was made now. Every process of a group calls this, and `make` runs on each of them.
    """
    main = accelerator.is_main_process
    if share(accelerator, store.has_artifact(id)):
        return False
    with store.claim(id, blocking=True) if main else nullcontext():
        if share(accelerator, store.has_artifact(id)):
            return False
        with store.stage(id) if main else nullcontext(Path()) as folder:
            make(share(accelerator, folder))
    return True

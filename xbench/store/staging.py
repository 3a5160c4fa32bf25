"""Staging: folders in which things are written before one rename makes them visible."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xbench.store.locks import lock


@contextmanager
def staging_folder(root: Path, name: str) -> Iterator[Path]:
    """A new folder under `root`, removed at the end unless it was renamed away.

    Its owner holds the lock file beside it, so that `clean_staging` can tell the dead from the living.
    """
    root.mkdir(parents=True, exist_ok=True)
    folder = root / f"{name}-{secrets.token_hex(6)}"
    with lock(folder.with_name(f"{folder.name}.lock"), blocking=True):
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def clean_staging(root: Path) -> None:
    """Removes what killed writers left; leaves what a living one holds, and a store that is only for reading."""
    try:
        for path in root.glob("*.lock"):
            with lock(path, blocking=False) as ownerless:
                if ownerless:
                    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
    except OSError:
        return

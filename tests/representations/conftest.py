"""The small run store as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.representations.cells import small_store


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run store with small cells; read only."""
    return small_store(tmp_path_factory)

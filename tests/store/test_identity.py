"""Names made from content."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from xbench.errors import StoreError
from xbench.store import stable_hash
from xbench.store.identity import checked_name


def test_hash_ignores_key_order_and_tells_values_apart() -> None:
    assert stable_hash({"a": 1, "b": [1, 2]}) == stable_hash({"b": (1, 2), "a": 1})
    values = [{"a": 1}, {"a": "1"}, {"a": True}, {"a": None}, {"a": [1]}, {"a": 1.5}]
    assert len({stable_hash(value) for value in values}) == len(values)


def test_whole_floats_are_their_integers() -> None:
    assert stable_hash({"alpha": 1.0, "beta": -0.0}) == stable_hash({"alpha": 1, "beta": 0})
    assert stable_hash(1e-5) == stable_hash(0.00001)


def test_hash_is_the_same_in_another_process() -> None:
    code = "from xbench.store import stable_hash; print(stable_hash({'länge': [0.1, 'ü'], 'a': None}))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == stable_hash({"a": None, "länge": [0.1, "ü"]})


def test_dataclasses_hash_by_their_fields() -> None:
    @dataclass
    class Settings:
        alpha: float = 0.5

    assert stable_hash(Settings()) == stable_hash({"alpha": 0.5})


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, {"a": {1, 2}}, object()])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        stable_hash(value)


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a\x00", "-rf"])
def test_names_never_leave_their_folder(name: str) -> None:
    with pytest.raises(StoreError, match="cannot be a file name"):
        checked_name(name, "language")


def test_usual_names_are_taken() -> None:
    assert [checked_name(name, "language") for name in ("en", "zh-Hant", "fine_tune", "3f.cell")]

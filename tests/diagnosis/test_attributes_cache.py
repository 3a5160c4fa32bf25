"""Attributes are computed once for a set of examples and kept in the run store."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import pandas
import pytest

from xbench.diagnosis.attributes import cache
from xbench.diagnosis.attributes.cache import cached_attributes, fill_cache
from xbench.diagnosis.attributes.frame import attribute_frame
from xbench.diagnosis.attributes.registry import function_fingerprint
from xbench.errors import RequestError, StoreError
from xbench.store.run_store import RunStore

HASH = "0123456789abcdef"
EXAMPLES = pandas.DataFrame({"id": ["a", "b"], "text": ["One two", "我们"], "gold": ["x", "y"]})


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A store that holds two examples."""
    store = RunStore(tmp_path / "runs")
    store.write_examples(HASH, EXAMPLES)
    return store


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The sets of attributes that were computed and not read."""
    calls: list[list[str]] = []

    def counted(attributes, *rest):  # type: ignore[no-untyped-def]
        calls.append([entry.name for entry in attributes])
        return compute(attributes, *rest)

    compute = cache.compute
    monkeypatch.setattr(cache, "compute", counted)
    return calls


def attributes(store: RunStore, names: list[str] | None = None, **options: object) -> pandas.DataFrame:
    """Attributes of the stored examples."""
    return cached_attributes(store, HASH, "classification", "en", names, fields=["text"], **options)  # type: ignore[arg-type]


def files(store: RunStore) -> list[Path]:
    """What the cache holds, hidden files as well."""
    folder = store.path / "attributes"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_the_second_time_is_read_and_is_the_same(store: RunStore, computed: list[list[str]]) -> None:
    first = attributes(store, tokenizer="micro-xlmr")
    second = attributes(store, tokenizer="micro-xlmr")
    assert len(computed) == 1
    pandas.testing.assert_frame_equal(first, second)
    assert first.attrs == second.attrs and "t1basic" in first.attrs["notes"]
    fresh = attribute_frame("classification", EXAMPLES, "en", fields=["text"], tokenizer="micro-xlmr")
    pandas.testing.assert_frame_equal(second, fresh)
    (file,) = files(store)
    assert file.name.startswith(f"{HASH}-") and file.suffix == ".parquet"


def test_what_other_processes_computed_is_read(store: RunStore, computed: list[list[str]]) -> None:
    asked = [
        partial(cached_attributes, store, HASH, "classification", language, ["t1Len"], fields=["text"])
        for language in ("en", "zh")
    ]
    missing = partial(cached_attributes, store, "f" * 16, "classification", "en", ["t1Len"], fields=["text"])
    fill_cache([*asked, missing], workers=2)  # the missing examples are the caller's to report
    assert len(files(store)) == 2 and not computed
    for one in asked:
        assert len(one()) == 2
    assert not computed


def test_no_attribute_at_all_is_remembered_too(store: RunStore, computed: list[list[str]]) -> None:
    for _ in range(2):
        frame = attributes(store, ["t1eNum"])
        assert frame.shape == (2, 0) and "t1eNum" in frame.attrs["notes"]
    assert len(computed) == 1


def test_what_an_attribute_depends_on_is_part_of_its_identity(
    store: RunStore, computed: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("one\n")
    assert attributes(store, ["t1basic"], basic_words=words)["t1basic"][0] == 0.5
    words.write_text("one\ntwo\n")
    assert attributes(store, ["t1basic"], basic_words=words)["t1basic"][0] == 1
    attributes(store, ["t1basic"])
    assert len(computed) == 3
    attributes(store, ["t1basic"], tokenizer="micro-xlmr")  # which this attribute does not use
    assert len(computed) == 3
    monkeypatch.setattr(cache, "VERSION", 99)
    attributes(store, ["t1basic"])
    assert len(computed) == 4


def test_languages_and_fields_are_told_apart(store: RunStore) -> None:
    def length(language: str) -> float:
        frame = cached_attributes(store, HASH, "classification", language, ["t1Len"], fields=["text"])
        return float(frame["t1Len"][1])

    assert (length("en"), length("zh")) == (2, 1)
    assert len(files(store)) == 2


def test_a_users_function_that_changed_is_computed_anew(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "my_constant.py"
    module.write_text("import numpy\ndef constant(inputs):\n    return numpy.full(len(inputs), 1.0)\n")
    monkeypatch.chdir(tmp_path)
    assert attributes(store, ["my_constant:constant"])["constant"].tolist() == [1, 1]
    module.write_text(module.read_text().replace("1.0", "20.0"))
    # This process goes on with what it has imported, and must not store that under the new file's name.
    assert attributes(store, ["my_constant:constant"])["constant"].tolist() == [1, 1]
    assert len(files(store)) == 1
    monkeypatch.delitem(sys.modules, "my_constant")  # another process
    function_fingerprint.cache_clear()
    assert attributes(store, ["my_constant:constant"])["constant"].tolist() == [20, 20]
    assert len(files(store)) == 2


def test_training_examples_are_part_of_the_identity(store: RunStore, computed: list[list[str]]) -> None:
    store.write_examples("f" * 16, pandas.DataFrame({"text": ["One two"], "gold": ["Two"]}))
    for training in ("One", "One", "two"):
        frame = pandas.DataFrame({"text": [training], "gold": ["x"]})
        cached_attributes(store, "f" * 16, "generation", "en", ["OOV"], fields=["text"], training=frame)
    assert len(computed) == 2


def test_a_damaged_file_is_computed_and_written_anew(store: RunStore, computed: list[list[str]]) -> None:
    first = attributes(store, ["t1Len"])
    (file,) = files(store)
    file.write_bytes(file.read_bytes()[:50])
    pandas.testing.assert_frame_equal(attributes(store, ["t1Len"]), first)
    attributes(store, ["t1Len"])
    assert len(computed) == 2


def test_a_store_that_cannot_be_written_still_works(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert attributes(store, ["t1Len"])["t1Len"].tolist() == [2, 2]
    assert files(store) == []


def test_a_full_disk_leaves_nothing_half_written(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    assert attributes(store, ["t1Len"])["t1Len"].tolist() == [2, 2]
    assert files(store) == []


def test_missing_examples_and_unknown_attributes_are_said(store: RunStore) -> None:
    with pytest.raises(StoreError, match="is missing"):
        cached_attributes(store, "e" * 16, "classification", "en", ["t1Len"], fields=["text"])
    with pytest.raises(RequestError, match="Did you mean 't1Len'"):
        attributes(store, ["t1Lenn"])

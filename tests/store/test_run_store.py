"""What a user of the run store relies on, in one process."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pandas
import pytest

from tests.store.synthetic import predictions, record_of, write_cell
from xbench.errors import StoreError
from xbench.store import CellFilter, CellRecord, RunStore, atomic_path, default_path


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_default_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XBENCH_RUNS", raising=False)
    assert default_path() == Path("runs")
    monkeypatch.setenv("XBENCH_RUNS", "/somewhere")
    assert default_path() == Path("/somewhere")


def test_opening_makes_no_folder(tmp_path: Path) -> None:
    assert list(RunStore(tmp_path / "runs").cells()) == []
    assert not (tmp_path / "runs").exists()


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(StoreError, match="is a folder"):
        RunStore(tmp_path / "runs")


def test_artifact_appears_at_once_and_only_when_whole(store: RunStore) -> None:
    checkpoint = store.checkpoint_folder("abc")
    (checkpoint / "step").write_text("1")
    with store.stage("abc") as folder:
        (folder / "weights").mkdir()
        (folder / "weights" / "part").write_text("all of it")
        (folder / "artifact.json").write_text('{"parents": ["p"]}')
        assert not store.has_artifact("abc")
        assert store.artifacts() == ()
    assert store.has_artifact("abc")
    assert store.artifacts() == ("abc",)
    assert (store.artifact("abc") / "weights" / "part").read_text() == "all of it"
    assert store.artifact_record("abc") == {"parents": ["p"]}
    assert not checkpoint.exists()
    assert list((store.path / "staging").iterdir()) == []


def test_failed_stage_leaves_nothing_but_its_checkpoint(store: RunStore) -> None:
    store.checkpoint_folder("abc")

    def break_half_way() -> None:
        with store.stage("abc") as folder:
            (folder / "part").write_text("half")
            raise RuntimeError("broke")

    with pytest.raises(RuntimeError, match="broke"):
        break_half_way()
    assert not store.has_artifact("abc")
    assert list((store.path / "staging").iterdir()) == []
    assert store.checkpoint_folder("abc").exists()


def test_second_writer_of_an_artifact_discards_its_own(store: RunStore) -> None:
    with store.stage("abc") as first:
        (first / "who").write_text("first")
        with store.stage("abc") as second:
            (second / "who").write_text("second")
    assert (store.artifact("abc") / "who").read_text() == "second"
    assert list((store.path / "staging").iterdir()) == []


def test_cell_comes_back_as_written(store: RunStore) -> None:
    record = write_cell(store, settings={"alpha": 0.5}, curve=({"step": 1, "dev": 0.5, "loss": 1.0},), limit=7)
    assert store.has_cell(record.id)
    assert list(store.cells()) == [record]
    assert CellRecord.from_dict(record.to_dict()) == record
    frame = store.predictions(record, "xnli", "en")
    pandas.testing.assert_frame_equal(frame, predictions([True] * 3 + [False]), check_dtype=False)
    assert frame["index"].dtype == "int64"


def test_infinite_losses_become_null(store: RunStore) -> None:
    record = write_cell(store, curve=({"step": 1, "dev": 0.5, "loss": float("nan")},))
    assert "NaN" not in (store.cell_path(record.id) / "cell.json").read_text()
    assert store.cell(record.id).curve[0]["loss"] is None


def test_null_predictions_survive(store: RunStore) -> None:
    table = predictions([True, True])
    table.loc[0, "prediction"] = None
    entry = record_of("xnli", "en", table, ["accuracy"])
    assert entry.metrics == {"accuracy": 0.5}
    record = replace(write_cell(store), id="other", predictions=(entry,))
    store.write_cell(record, {("xnli", "en"): table})
    assert store.predictions("other", "xnli", "en")["prediction"].isna().tolist() == [True, False]


def test_further_languages_are_merged(store: RunStore) -> None:
    first = write_cell(store, correct={("xnli", "en"): [True], ("xnli", "de"): [True, False]})
    write_cell(store, correct={("xnli", "de"): [True], ("xnli", "fr"): [False]})
    merged = store.cell(first.id)
    assert [(pair.language, pair.n, pair.metrics["accuracy"]) for pair in merged.predictions] == [
        ("de", 1, 1.0),
        ("en", 1, 1.0),
        ("fr", 1, 0.0),
    ]
    assert len(store.predictions(merged, "xnli", "de")) == 1


def test_a_prediction_file_is_taken_by_path(store: RunStore, tmp_path: Path) -> None:
    table = predictions([True])
    table.to_parquet(tmp_path / "given.parquet")
    record = replace(write_cell(store), id="other", predictions=(record_of("xnli", "sw", table, ["accuracy"]),))
    store.write_cell(record, {("xnli", "sw"): tmp_path / "given.parquet"})
    assert store.predictions("other", "xnli", "sw")["id"].tolist() == ["x0"]
    assert (tmp_path / "given.parquet").exists()


def test_another_cell_under_the_same_id_is_refused(store: RunStore) -> None:
    record = write_cell(store)
    with pytest.raises(StoreError, match=r"shots '16' and '32'.*nothing was changed"):
        store.write_cell(replace(record, shots="32"), {})
    assert store.cell(record.id) == record


def test_record_and_predictions_must_agree(store: RunStore) -> None:
    record = replace(write_cell(store), id="other")
    with pytest.raises(StoreError, match="no predictions for xnli"):
        store.write_cell(record, {})
    with pytest.raises(StoreError, match="without a record"):
        store.write_cell(replace(record, predictions=()), {("xnli", "en"): predictions([True])})
    assert not store.has_cell("other")


@pytest.mark.parametrize(
    "text", ["", "{", '{"schema": 1}', '{"schema": 9}', "[]", '{"schema": 1, "colour": 2}', "\x00\x01"]
)
def test_damaged_cell_is_named_and_left_out(store: RunStore, capsys: pytest.CaptureFixture[str], text: str) -> None:
    good, bad = write_cell(store, seed=1), write_cell(store, seed=2)
    path = store.cell_path(bad.id) / "cell.json"
    path.write_text(text)
    assert list(store.cells()) == [good]
    assert str(path) in capsys.readouterr().err


def test_damaged_predictions_are_an_error_with_their_path(store: RunStore) -> None:
    record = write_cell(store)
    path = store.predictions_path(record.id, "xnli", "en")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StoreError, match=str(path)):
        store.predictions(record, "xnli", "en")
    path.unlink()
    with pytest.raises(StoreError, match=r"en\.parquet: is missing"):
        store.predictions(record, "xnli", "en")


def test_a_damaged_cell_is_written_anew(store: RunStore) -> None:
    record = write_cell(store)
    (store.cell_path(record.id) / "cell.json").write_text("{")
    write_cell(store)
    assert store.cell(record.id) == record


def test_examples_are_written_once(store: RunStore) -> None:
    store.write_examples("0123abcd", {"id": ["a"], "premise": ["NA"], "gold": ["entailment"]})
    written = store.examples_path("0123abcd").stat()
    store.write_examples("0123abcd", {"id": ["a"], "premise": ["NA"], "gold": ["entailment"]})
    assert store.examples_path("0123abcd").stat() == written
    assert store.examples("0123abcd")["premise"].tolist() == ["NA"]


def test_filters(store: RunStore) -> None:
    write_cell(store, "mpt", seed=1, variant="alpha=1")
    write_cell(store, "mpt", seed=2)
    write_cell(store, "soft", seed=1, correct={("marc", "en"): [True], ("marc", "de"): [True]})

    def kept(**fields: tuple[object, ...]) -> list[tuple[str, int]]:
        return sorted((record.label, record.seed) for record in store.cells(CellFilter(**fields)))  # type: ignore[arg-type]

    assert kept(method=("mpt",)) == [("mpt", 2), ("mpt[alpha=1]", 1)]
    assert kept(method=("mpt[alpha=1]",)) == [("mpt[alpha=1]", 1)]
    assert kept(seed=(1,), task=("marc",)) == [("soft", 1)]
    assert kept(language=("fr",)) == []
    (only,) = store.cells(CellFilter(method=("soft",), language=("de",)))
    assert [pair.language for pair in only.predictions] == ["de"]


def test_remove(store: RunStore) -> None:
    record = write_cell(store)
    with store.stage("abc"):
        pass
    store.remove_pairs(record.id, [("xnli", "de")])
    assert [pair.language for pair in store.cell(record.id).predictions] == ["en"]
    assert not store.predictions_path(record.id, "xnli", "de").exists()
    store.remove_pairs(record.id, [("xnli", "en"), ("xnli", "de")])
    store.remove_artifact("abc")
    store.remove_artifact("never-was")
    assert list(store.cells()) == []
    assert store.artifacts() == ()
    assert list((store.path / "staging").iterdir()) == []


def test_claims_exclude_within_one_process(store: RunStore) -> None:
    with store.claim("abc") as first:
        with store.claim("abc") as second, store.claim("other") as other:
            assert (first, second, other) == (True, False, True)
        record = write_cell(store, seed=1)  # the claim's holder can write
        with store.claim(record.id) as held:
            assert held
            write_cell(store, seed=1)
    with store.claim("abc") as again:
        assert again
    assert list((store.path / "claims").iterdir()) == []


def test_staging_of_a_living_owner_is_kept(store: RunStore) -> None:
    with store.stage("abc") as folder:
        RunStore(store.path)
        assert folder.exists()
    assert store.has_artifact("abc")


def test_a_checkpoint_whose_artifact_is_finished_goes(store: RunStore) -> None:
    with store.stage("abc"):
        pass
    left, needed = store.checkpoint_folder("abc"), store.checkpoint_folder("unfinished")
    RunStore(store.path)
    assert not left.exists()
    assert needed.exists()


def test_read_only_store_can_be_read(store: RunStore) -> None:
    record = write_cell(store)
    folders = [store.path, *(path for path in store.path.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert list(RunStore(store.path).cells()) == [record]
        if os.geteuid() != 0:
            with pytest.raises(StoreError, match="cannot be written"):
                write_cell(store, seed=2)
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_atomic_path_replaces_or_leaves(tmp_path: Path) -> None:
    path = tmp_path / "step.json"
    with atomic_path(path) as temporary:
        temporary.write_text("1")

    def break_half_way() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("2")
            raise RuntimeError("broke")

    with pytest.raises(RuntimeError, match="broke"):
        break_half_way()
    assert path.read_text() == "1"
    assert list(tmp_path.iterdir()) == [path]


def test_a_hundred_cells_are_listed_quickly(store: RunStore) -> None:
    for seed in range(100):
        write_cell(store, seed=seed)
    start = time.process_time()
    assert sum(1 for _ in store.cells()) == 100
    assert time.process_time() - start < 1.0

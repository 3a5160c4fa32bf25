"""Grids run into the store: complete, once, resumable, and the same however they were interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import torch

from tests.runner.conftest import FEW_STEPS, small_request
from xbench.runner.evaluation import Outcome
from xbench.runner.request import EvalRequest
from xbench.store import CellRecord, RunStore

Run = Callable[[EvalRequest, Path], Outcome]
ALL = ("fine-tune", "soft", "uniprompt", "mpt", "prefix", "polyprompt")

COMMAND = [
    *(sys.executable, "-m", "xbench", "eval", "--methods", "fine-tune,soft", "--tasks", "marc", "--languages", "en,de"),
    *("--seeds", "1", "--limit", "20", "--shots", "4", "--device", "cpu"),
    *(
        part
        for method in ("fine-tune", "soft")
        for name, value in FEW_STEPS.items()
        for part in ("--set", f"{method}.{name}={value}")
    ),
]


@pytest.fixture(scope="module")
def store(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one cell of every method."""
    path = tmp_path_factory.mktemp("grid") / "runs"
    outcome = run(small_request(ALL, tasks=("marc", "xnli")), path)
    assert not outcome.failures, [failure.message for failure in outcome.failures]
    return path


def tables(path: Path) -> dict[tuple[str, str, str], pd.DataFrame]:
    """Every prediction table of a store, by cell, task and language."""
    store = RunStore(path)
    return {
        (cell.id, entry.task, entry.language): store.predictions(cell, entry.task, entry.language)
        for cell in store.cells()
        for entry in cell.predictions
    }


def assert_same(first: Path, second: Path) -> None:
    one, two = tables(first), tables(second)
    assert one.keys() == two.keys()
    for key, table in one.items():
        pd.testing.assert_frame_equal(table, two[key], check_exact=True)


def cells(path: Path) -> list[CellRecord]:
    return list(RunStore(path).cells())


def test_every_method_predicts_every_example_once(store: Path) -> None:
    records = cells(store)
    assert sorted({record.method for record in records}) == sorted(ALL)
    for record in records:
        assert {entry.pair for entry in record.predictions} == {
            (task, lang) for task in record.tasks for lang in ("en", "de")
        }
        for entry in record.predictions:
            table = RunStore(store).predictions(record, entry.task, entry.language)
            assert table["index"].tolist() == list(range(20))
            assert entry.n == entry.n_given == 20
            assert entry.metrics["accuracy"] == (table["prediction"] == table["gold"]).mean()


def test_cells_hold_what_determines_them(store: Path) -> None:
    for record in cells(store):
        assert record.model in ("micro-xlmr", "micro-mt5")
        assert record.model_hash
        assert record.trainable_parameters > 0
        assert record.train_ids.keys() == {f"{task}/en" for task in record.train_tasks}
        assert len(record.curve) == 2
        train, dev = (
            (set(ids["marc/en"]) for ids in (record.train_ids, record.dev_ids) if "marc/en" in ids)
            if "marc" in record.train_tasks
            else (set(), set())
        )
        assert not train & dev


def test_methods_share_their_few_shot_sample(store: Path) -> None:
    samples = {tuple(sorted(record.train_ids["marc/en"])) for record in cells(store) if "marc" in record.train_tasks}
    assert len(samples) == 1


def test_fields_of_examples_are_kept_for_diagnosis(store: Path) -> None:
    for record in cells(store):
        for entry in record.predictions:
            examples = RunStore(store).examples(entry.examples)
            table = RunStore(store).predictions(record, entry.task, entry.language)
            assert examples["id"].tolist() == table["id"].tolist()
            assert examples["gold"].tolist() == table["gold"].tolist()


def test_the_same_request_again_does_no_work(run: Run, store: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file() and "claims" not in path.parts
    }
    outcome = run(small_request(ALL, tasks=("marc", "xnli")), store)
    after = {
        path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file() and "claims" not in path.parts
    }
    assert not outcome.done
    assert len(outcome.present) == 11
    assert before == after


def test_more_languages_use_the_trained_model(run: Run, tmp_path: Path) -> None:
    run(small_request(("fine-tune",)), tmp_path)
    (first,) = cells(tmp_path)
    trained = list((tmp_path / "artifacts").glob("*/weights.safetensors"))
    run(small_request(("fine-tune",), languages=("en", "de", "zh")), tmp_path)
    (second,) = cells(tmp_path)
    assert second.id == first.id
    assert {entry.language for entry in second.predictions} == {"en", "de", "zh"}
    assert list((tmp_path / "artifacts").glob("*/weights.safetensors")) == trained


def test_a_model_from_the_store_predicts_as_the_one_just_trained(run: Run, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for language in ("en", "de"):
        run(small_request(ALL, languages=(language,), tasks=("marc", "xnli")), parts)
    run(small_request(ALL, tasks=("marc", "xnli")), whole)
    assert_same(whole, parts)


def test_a_cell_that_fails_leaves_the_others_alone(run: Run, tmp_path: Path) -> None:
    outcome = run(
        small_request(
            ("fine-tune", "soft"), changes={"fine-tune": {**FEW_STEPS, "model": "no-such-model"}, "soft": FEW_STEPS}
        ),
        tmp_path,
    )
    assert [failure.plan.choice.name for failure in outcome.failures] == ["fine-tune"]
    assert "no-such-model" in outcome.failures[0].message
    assert [record.method for record in cells(tmp_path)] == ["soft"]


def test_two_processes_on_one_store_lose_and_repeat_nothing(run: Run, tmp_path: Path) -> None:
    shared, alone = tmp_path / "shared", tmp_path / "alone"
    processes = [subprocess.Popen([*COMMAND, "--runs", str(shared)], stderr=subprocess.PIPE) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
    run(small_request(), alone)
    assert_same(shared, alone)


@pytest.mark.slow
def test_killed_anywhere_the_next_call_finishes_the_grid(run: Run, tmp_path: Path) -> None:
    disturbed, undisturbed = tmp_path / "disturbed", tmp_path / "undisturbed"
    for part in range(40):
        process = subprocess.Popen(
            [*COMMAND, "--runs", str(disturbed)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # Later and later, so that every part of the run is hit: planning, training, predicting, writing.
        deadline = time.monotonic() + 3 + 0.4 * part
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if process.poll() is not None:
            break
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert subprocess.run([*COMMAND, "--runs", str(disturbed)], check=False, capture_output=True).returncode == 0
    run(small_request(), undisturbed)
    assert_same(disturbed, undisturbed)


def test_two_ranks_predict_as_one_and_every_example_once(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    run(small_request(), one)
    # The same trained weights, so that only prediction differs.
    (two / "artifacts").mkdir(parents=True)
    for weights in (one / "artifacts").glob("*/weights.safetensors"):
        target = two / "artifacts" / weights.parent.name
        target.mkdir()
        for file in weights.parent.iterdir():
            (target / file.name).write_bytes(file.read_bytes())
    done = subprocess.run(
        [*COMMAND, "--runs", str(two), "--processes", "2"], check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    first, second = tables(one), tables(two)
    assert first.keys() == second.keys()
    for key, table in first.items():
        assert second[key]["id"].tolist() == table["id"].tolist()
        assert second[key]["prediction"].tolist() == table["prediction"].tolist()
    assert {record.world_size for record in cells(two)} == {2}


def test_two_threads_give_the_same_bits_again(run: Run, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        for name in ("first", "second"):
            run(small_request(("soft", "polyprompt"), limit=20), tmp_path / name)
    finally:
        torch.set_num_threads(before)
    first, second = ((tmp_path / name / "artifacts").glob("*/weights.safetensors") for name in ("first", "second"))
    assert sorted(path.read_bytes() for path in first) == sorted(path.read_bytes() for path in second)


def test_numbers_too_small_to_matter_are_zero_while_a_grid_runs_and_not_after(
    monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path
) -> None:
    def is_flushed() -> bool:
        return bool((torch.tensor(1e-39) * 1.0 == 0).item())

    seen: list[bool] = []
    monkeypatch.setattr("xbench.runner.evaluation._run", lambda *_, **__: seen.append(is_flushed()) or True)
    run(small_request(("soft",)), tmp_path / "runs")
    assert seen and all(seen)
    assert not is_flushed()

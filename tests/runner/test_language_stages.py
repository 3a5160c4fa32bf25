"""Stages on unlabelled text: one cell for each target, made once for all that need it, resumed, and recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.runner.conftest import FEW_STEPS, small_request
from xbench.analysis import load_results
from xbench.errors import RequestError
from xbench.method.stages import Fit
from xbench.report import result_tables
from xbench.runner import cell_run, training
from xbench.runner.cell import Cell, Workplace
from xbench.runner.evaluation import Outcome, run_grid
from xbench.runner.grid import CellPlan, plan_grid
from xbench.runner.processes import make_accelerator
from xbench.runner.rebuild import RebuiltCell
from xbench.runner.request import EvalRequest
from xbench.store import CellRecord, RunStore

Run = Callable[[EvalRequest, Path], Outcome]
METHODS = ("mad-x", "mlm-fine-tune", "unseen-prompt")
FEW = {**FEW_STEPS, "language_training.steps": 6, "language_training.batch_size": 4, "text_count": 12}


def request(methods: tuple[str, ...] = METHODS, languages: tuple[str, ...] = ("en", "bg", "ru"), **options: Any) -> Any:
    """A request of seconds; `few` are changes of every method."""
    few = {**FEW, **options.pop("few", {})}
    return small_request(
        methods, **{"tasks": ("xnli",), "languages": languages, "changes": dict.fromkeys(methods, few), **options}
    )


def targets(given: EvalRequest) -> list[tuple[str | None, tuple[str, ...]]]:
    return [(cell.target, cell.languages["xnli"]) for cell in plan_grid(given).cells]


def cell_of(plan: CellPlan, store: Path) -> Cell:
    return Cell(plan, Workplace(RunStore(store), make_accelerator("cpu")))


@pytest.fixture(scope="module")
def store(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three methods, adapted to the unseen one of two target languages, with two seeds."""
    path = tmp_path_factory.mktemp("grid") / "runs"
    outcome = run(request(seeds=(1, 2)), path)
    assert not outcome.failures, [failure.message for failure in outcome.failures]
    return path


def records(store: Path, method: str) -> dict[tuple[int, str], CellRecord]:
    return {(record.seed, record.adapted_to): record for record in RunStore(store).cells() if record.method == method}


# --- the grid ---


def test_a_cell_for_each_target_and_one_for_the_rest() -> None:
    one = ("mad-x",)
    assert targets(request(one)) == [("bg", ("bg", "en")), (None, ("en", "ru"))]
    assert targets(request(one, few={"adapt": "all"})) == [("bg", ("bg", "en")), ("ru", ("en", "ru"))]
    assert targets(request(one, few={"adapt": None})) == [(None, ("bg", "en", "ru"))]
    assert targets(request(one, few={"adapt": "ru"})) == [("ru", ("en", "ru")), (None, ("bg", "en"))]
    assert targets(request(one, languages=("bg",))) == [("bg", ("bg",))]


def test_the_source_alone_is_its_own_target() -> None:
    assert targets(request(("mad-x",), ("en",), few={"adapt": "all"})) == [("en", ("en",))]
    assert targets(request(("mad-x",), ("en",))) == [(None, ("en",))]


def test_all_targets_are_one_system() -> None:
    cells = plan_grid(request(("mad-x",), few={"adapt": "all"})).cells
    assert len({cell.system for cell in cells}) == 1
    assert len({cell.name for cell in cells}) == 2 and "for bg" in cells[0].name


def test_a_language_that_the_task_does_not_have_is_refused() -> None:
    with pytest.raises(RequestError, match="adapt=gb: the task has no language 'gb'"):
        plan_grid(request(("mad-x",), few={"adapt": "gb"}))


# --- artifacts ---


def test_a_stage_on_text_is_shared_by_seeds_targets_and_tasks(store: Path, tmp_path: Path) -> None:
    """One adapter a language, although six cells of one task and one of another need the source's."""
    adapters = [stage for record in records(store, "mad-x").values() for stage in record.stages]
    languages = [stage["artifact"] for stage in adapters if stage["name"] == "language"]
    assert len(languages) == 6 and len(set(languages)) == 2
    (other,) = plan_grid(request(("mad-x",), ("en", "de"), tasks=("marc",), limit=5)).cells
    source = next(stage for stage in cell_of(other, store).fits if stage.name == "language")
    assert cell_of(other, store).stage_id(source) in languages


def test_the_id_of_a_stage_on_text_has_what_decides_it_and_no_more(tmp_path: Path) -> None:
    def ids(**changes: Any) -> str:
        plan = plan_grid(request(("unseen-prompt",), few=changes)).cells[0]
        cell = cell_of(plan, tmp_path)
        return cell.stage_id(cell.fits[0])

    same = ids()
    assert ids(**{"training.learning_rate": 0.5, "layers": 1, "label_space": "label-words", "adapt": "all"}) == same
    for name, value in (
        ("length", 4),
        ("text_count", 11),
        ("text_length", 20),
        ("text_packed", True),
        ("language_seed", 2),
        ("language_training.steps", 7),
    ):
        assert ids(**{name: value}) != same, name


def test_training_happens_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stages: list[str] = []
    original = cell_run.train

    def counted(model: Any, loss: Any, streams: Any, *rest: Any, **options: Any) -> Any:
        stages.append(streams[0].name)
        return original(model, loss, streams, *rest, **options)

    monkeypatch.setattr(cell_run, "train", counted)
    run(request(("mad-x",), ("en", "bg", "ur"), few={"adapt": "bg+ur"}), tmp_path)
    assert stages.count("text") == 3 and stages.count("train") == 1  # en, bg, ur; the task once for both targets


def test_two_at_a_time_make_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    original = cell_run.CellRun._fit

    def counted(self: Any, stage: Fit, folder: Path) -> None:
        made.append(self.cell.stage_id(stage))
        original(self, stage, folder)

    monkeypatch.setattr(cell_run.CellRun, "_fit", counted)
    plans = plan_grid(request(("mad-x",), ("en", "bg", "ru"), few={"adapt": "all"})).cells

    def work(plan: CellPlan) -> None:
        run_grid([plan], Workplace(RunStore(tmp_path), make_accelerator("cpu")))

    threads = [threading.Thread(target=work, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(set(made)) == 4  # en, bg, ru, and the task
    assert len(list(RunStore(tmp_path).cells())) == 2


def test_interrupted_and_resumed_equals_undisturbed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = request(("unseen-prompt",), ("en", "bg"))
    run(given, tmp_path / "whole")
    step, calls = training._Loop.step, 0

    def interrupted(self: Any, save: bool = False) -> bool:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise KeyboardInterrupt
        return step(self, save=True)  # a checkpoint after every step

    monkeypatch.setattr(training._Loop, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(given, tmp_path / "parts")
    assert list((tmp_path / "parts").glob("**/step-*"))
    steps: list[int] = []

    def counted(self: Any, save: bool = False) -> bool:
        steps.append(self.state.step)
        return step(self, save)

    monkeypatch.setattr(training._Loop, "step", counted)
    run(given, tmp_path / "parts")
    assert steps[:3] == [4, 5, 0]  # two of six steps were left of the stage on text; then the task's began
    whole, parts = (
        {file.parent.name: load_file(file) for file in (tmp_path / name).glob("artifacts/*/weights.safetensors")}
        for name in ("whole", "parts")
    )
    assert whole.keys() == parts.keys() and len(whole) == 2
    for id, tensors in whole.items():
        assert all(torch.equal(tensors[name], parts[id][name]) for name in tensors)


# --- records ---


@pytest.mark.parametrize("method", METHODS)
def test_cells_carry_their_target_and_all_costs(store: Path, method: str) -> None:
    found = records(store, method)
    assert set(found) == {(1, "bg"), (2, "bg"), (1, ""), (2, "")}
    for (_, target), record in found.items():
        languages = {entry.language for entry in record.predictions}
        assert languages == ({"en", target} if target else {"en", "ru"})
        assert all(entry.n == entry.n_given == 20 for entry in record.predictions)
        names = [stage["name"] for stage in record.stages]
        with_text = {"mad-x": ["language", "language", "tune"]}.get(method, ["language", "tune"])
        without = {"mad-x": ["language", "tune"]}.get(method, ["tune"])
        assert names == (with_text if target else without)
        for stage in record.stages:
            weights = RunStore(store).artifact(stage["artifact"]) / "weights.safetensors"
            assert stage["stored_bytes"] == weights.stat().st_size >= 4 * stage["trained_parameters"] > 0
            assert stage["seconds"] > 0 and stage["tokens"] > 0 and stage["peak_memory_bytes"] > 0
        sums = {name: sum(stage[name] for stage in record.stages) for name in ("trained_parameters", "stored_bytes")}
        assert (record.trainable_parameters, record.stored_bytes) == tuple(sums.values())
        seconds = sum(stage["seconds"] for stage in record.stages)
        assert record.train_seconds == pytest.approx(seconds)
        assert record.tokens_per_second == pytest.approx(sum(s["tokens"] for s in record.stages) / seconds)
        assert record.peak_memory_bytes == max(stage["peak_memory_bytes"] for stage in record.stages)


def test_stages_store_what_they_train_and_nothing_else(store: Path) -> None:
    for method in METHODS:
        for stage in records(store, method)[1, "bg"].stages:
            tensors = load_file(RunStore(store).artifact(stage["artifact"]) / "weights.safetensors")
            assert sum(tensor.numel() for tensor in tensors.values()) == stage["trained_parameters"], method


@pytest.mark.parametrize("method", METHODS)
def test_models_of_stored_cells_can_be_had_again(store: Path, method: str) -> None:
    record = records(store, method)[2, "bg"]
    cell = RebuiltCell(record, Workplace(RunStore(store), make_accelerator("cpu")))
    for language in ("bg", "en"):
        stage = cell.stage("xnli", language)
        untrained, tuned = cell.untrained(stage), cell.tuned(stage)
        formulation = cell.cell.formulations["xnli"]
        examples = cell.cell.data.test(cell.cell.tasks["xnli"], language)
        batch = formulation.batch(formulation.encode(examples).rows, language)
        with torch.inference_mode():
            scores = cell.method.predict(tuned, batch)
            assert not torch.equal(cell.method.predict(untrained, batch), scores)
        stored = RunStore(store).predictions(record, "xnli", language)["prediction"].tolist()
        assert formulation.decode(scores, batch).predictions == stored


def test_reports_show_one_row_with_the_gap_of_adapted_models(store: Path) -> None:
    (table,) = result_tables(load_results(store))
    rows = {row.scores.label.partition("[")[0]: row for row in table.tasks[0].rows}
    assert set(rows) == set(METHODS)
    for method in METHODS:
        scores = rows[method].scores
        assert scores.targets == ("bg", "ru") and scores.seeds == (1, 2) and scores.adapted_to == ("bg",)
        found = records(store, method)
        for number, seed in enumerate(scores.seeds):
            of_models = [found[seed, target].pair("xnli", "en").metrics["accuracy"] for target in ("bg", "")]
            assert scores.columns(["en"])[number, 0] == pytest.approx(sum(of_models) / 2)
        assert any(note.startswith(f"{scores.label}: adapted to bg") for note in table.tasks[0].notes)


def test_a_dry_run_counts_a_shared_stage_once(tmp_path: Path) -> None:
    plans = plan_grid(request(("mad-x",), few={"adapt": "all"})).cells
    counted: set[str] = set()
    steps = [cell_of(plan, tmp_path).estimate(counted)[0] for plan in plans]
    assert steps == [6 + 6 + 4, 6]  # the source's adapter, a target's and the task; the other target's

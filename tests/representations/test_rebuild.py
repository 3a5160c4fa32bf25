"""A stored cell put together again: its plan, its ids, and a model that predicts what was stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.representations.cells import place, rebuilt
from xbench.errors import RequestError, StoreError
from xbench.runner.checkpoint import trained_tensors
from xbench.runner.prediction import predict_rows
from xbench.runner.rebuild import RebuiltCell, plan_of
from xbench.runner.stage_data import evaluation_batches

METHOD = pytest.mark.parametrize("method", ["fine-tune", "soft", "prefix"])


@METHOD
def test_ids_are_those_that_were_stored(runs: Path, method: str) -> None:
    cell = rebuilt(runs, method)
    assert cell.cell.id == cell.record.id
    assert cell.cell.plan.system == cell.record.system
    assert cell.cell.plan.fixed_sample == 7
    for pair in cell.record.predictions:
        assert cell.cell.stage_id(cell.stage(pair.task, pair.language)) == pair.artifact


@METHOD
def test_the_tuned_model_predicts_what_was_stored(runs: Path, method: str) -> None:
    cell = rebuilt(runs, method)
    stage = cell.stage("marc", "de")
    model = cell.tuned(stage)
    formulation = cell.cell.formulations["marc"]
    rows = formulation.encode(cell.cell.data.test(cell.cell.tasks["marc"], "de")).rows
    found = predict_rows(cell.method, model, formulation, evaluation_batches(rows, formulation, "de"), cell.accelerator)
    stored = cell.cell.store.predictions(cell.record, "marc", "de")
    assert [found.predictions[place] for place in range(60)] == list(stored["prediction"])


@METHOD
def test_the_untrained_model_is_another_one_with_the_cells_own_start(runs: Path, method: str) -> None:
    cell = rebuilt(runs, method)
    stage = cell.stage("marc", "en")
    start = trained_tensors(cell.untrained(stage))
    again = trained_tensors(rebuilt(runs, method).untrained(stage))
    stored = load_file(cell.cell.store.artifact(cell.cell.stage_id(stage.parents[0])) / "weights.safetensors")
    assert start.keys() == stored.keys()
    assert all(torch.equal(start[name], again[name]) for name in start)
    assert any(not torch.equal(start[name], stored[name]) for name in start)
    if method == "prefix":  # what did not train was stored as it was drawn
        assert torch.equal(start["prefix.bottom"], stored["prefix.bottom"])


def test_a_changed_setting_is_noticed(runs: Path) -> None:
    cell = rebuilt(runs, "fine-tune")
    settings = {**cell.record.settings, "dropout": 0.3}
    with pytest.raises(StoreError, match=r"training stage 'tune' is stored as .* and would be"):
        RebuiltCell(replace(cell.record, settings=settings), place(runs)).stage("marc", "en")


def test_a_changed_backbone_is_named(runs: Path) -> None:
    cell = rebuilt(runs, "fine-tune")
    record = replace(cell.record, settings={**cell.record.settings, "max_length": 9}, model_hash="other")
    with pytest.raises(StoreError, match="the backbone micro-xlmr changed"):
        RebuiltCell(record, place(runs)).stage("marc", "en")


def test_a_setting_that_the_method_no_longer_has_is_named(runs: Path) -> None:
    record = replace(rebuilt(runs, "soft").record, settings={"width": 3})
    with pytest.raises(RequestError, match="width"):
        plan_of(record)


def test_weights_that_are_gone_are_named(runs: Path, tmp_path: Path) -> None:
    import shutil

    cell = rebuilt(runs, "prefix")
    fit = cell.cell.stage_id(cell.stage("marc", "en").parents[0])
    shutil.copytree(runs, tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / "artifacts" / fit)
    with pytest.raises(StoreError, match="removed or not copied"):
        rebuilt(tmp_path / "runs", "prefix").stage("marc", "en")

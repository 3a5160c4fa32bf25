"""Predictions of every kind: each example once, whatever the number of processes, and columns of its kind."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from accelerate import Accelerator

from tests.conftest import GetBackbone
from tests.tiny import Built, examples, task
from tests.tiny_kinds import kind_examples, kind_task
from xbench.answers import text_list
from xbench.errors import StoreError
from xbench.runner.prediction import predict_rows, write_predictions
from xbench.runner.stage_data import evaluation_batches


def process(rank: int, count: int) -> Accelerator:
    """One of several processes, as predictions see it."""
    own = Accelerator(cpu=True)
    parts = {"process_index": rank, "num_processes": count, "is_main_process": rank == 0}
    return cast(Accelerator, SimpleNamespace(device=own.device, autocast=own.autocast, **parts))


def predicted(folder: Path, built: Built, given: Any, count: int) -> dict[str, list[Any]]:
    """The columns that `count` processes write, the first one last, as it waits for the others."""
    folder.mkdir()
    formulation, model = built.formulation, built.model()
    batches = evaluation_batches(formulation.encode(given).rows, formulation, "en")
    assert len(batches) >= count
    for rank in reversed(range(count)):
        accelerator = process(rank, count)
        found = predict_rows(built.method, model, formulation, batches, accelerator)
        write_predictions(folder, found, given, formulation.task, accelerator)
    assert [path.name for path in folder.iterdir()] == ["predictions.parquet"]
    return cast("dict[str, list[Any]]", pq.read_table(folder / "predictions.parquet").to_pydict())


@pytest.mark.parametrize(
    ("method", "kind"), [("fine-tune", "tagging"), ("prefix", "extractive-qa"), ("mt5", "tagging")]
)
def test_several_processes_predict_what_one_does(
    backbone: GetBackbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, kind: str
) -> None:
    """Also where an example has several rows: all of them are one process's."""
    monkeypatch.setattr("xbench.runner.stage_data.EVALUATION_TOKENS", 400)  # for several batches
    spec = kind_task(kind)
    model = backbone("mt5") if method == "mt5" else backbone("xlmr", "encoder")
    built = Built(method, model, spec, max_length=60, **({} if method == "mt5" else {"stride": 10}))
    given = kind_examples(spec, count=12, longest=100)
    assert len(built.formulation.encode(given).rows) > 12
    one = predicted(tmp_path / "one", built, given, 1)
    assert one == predicted(tmp_path / "two", built, given, 2)
    assert list(one) == ["index", "id", "gold", "prediction"]  # scores are classification's
    assert one["index"] == list(range(12)) and one["gold"] == list(given.gold)
    if kind == "tagging":
        for tokens, tags in zip(given.fields["tokens"], one["prediction"], strict=True):
            assert len(text_list(tags)) == len(text_list(tokens))


def test_classification_has_a_score_for_each_label(backbone: GetBackbone, tmp_path: Path) -> None:
    built = Built("fine-tune", backbone("xlmr", "encoder"), task("marc"))
    columns = predicted(tmp_path / "one", built, examples(built.formulation.task), 1)
    labels = built.formulation.task.labels
    assert list(columns) == ["index", "id", "gold", "prediction", *(f"score_{label}" for label in labels)]
    for row, prediction in enumerate(columns["prediction"]):
        assert prediction == max(labels, key=lambda label: columns[f"score_{label}"][row])


def test_a_missing_example_is_told(backbone: GetBackbone, tmp_path: Path) -> None:
    spec = kind_task("extractive-qa")
    built = Built("fine-tune", backbone("xlmr", "encoder"), spec)
    given = kind_examples(spec)
    accelerator = process(0, 1)
    batches = evaluation_batches(built.formulation.encode(given).rows[:-1], built.formulation, "en")
    found = predict_rows(built.method, built.model(), built.formulation, batches, accelerator)
    with pytest.raises(StoreError, match="8 examples were given and 7 predictions came back"):
        write_predictions(tmp_path, found, given, spec, accelerator)

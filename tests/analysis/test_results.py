"""The results frame, filters, and the grouping into comparable systems."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy
import pandas
import pytest

from tests.store.synthetic import record_of, write_cell
from xbench.analysis import COLUMNS, load_results
from xbench.analysis.compare import compare_all
from xbench.analysis.scoring import score
from xbench.analysis.systems import complete_block, conditions, task_scores
from xbench.analysis.transfer import transfer
from xbench.errors import RequestError, StoreError
from xbench.store import RunStore

CONTRACT = "task,method,variant,model,data,profile,setting,train_tasks,shots,seed,language,metric,value,n,system,cell"
MORE = "adapted_to,source,limit,skipped_rows"


def test_one_row_per_measured_number(tmp_path: Path) -> None:
    write_cell(tmp_path, "mpt", seed=10, variant="alpha=1", train_tasks=("marc", "xnli"))
    record = write_cell(tmp_path, "mpt", seed=2, variant="alpha=1", train_tasks=("marc", "xnli"))
    frame = load_results(tmp_path).to_pandas()
    assert ",".join(frame.columns) == f"{CONTRACT},{MORE}" == ",".join(COLUMNS)
    assert len(frame) == 2 * 2 * 2  # seeds, languages, metrics
    assert frame["seed"].tolist() == [2] * 4 + [10] * 4
    assert frame.iloc[0].to_dict() == {
        "task": "xnli",
        "method": "mpt",
        "variant": "alpha=1",
        "model": "micro",
        "data": "sample",
        "profile": "demo",
        "setting": "zero-shot",
        "train_tasks": "marc+xnli",
        "shots": "16",
        "seed": 2,
        "language": "de",
        "metric": "accuracy",
        "value": 0.5,
        "n": 4,
        "system": record.system,
        "cell": record.id,
        "adapted_to": "",
        "source": "en",
        "limit": None,
        "skipped_rows": 0,
    }
    pandas.testing.assert_frame_equal(frame, load_results(tmp_path).to_pandas())


def test_an_empty_store_has_the_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = load_results(tmp_path).to_pandas()
    assert ",".join(frame.columns) == f"{CONTRACT},{MORE}"
    assert len(frame) == 0
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_RUNS", raising=False)
    assert len(load_results()) == 0


def test_filters_and_their_mistakes(tmp_path: Path) -> None:
    write_cell(tmp_path, "soft", seed=1)
    write_cell(tmp_path, "mpt", seed=1)
    assert set(load_results(tmp_path, method="soft", language=["de"]).to_pandas()["method"]) == {"soft"}
    assert len(load_results(tmp_path, seed=["1"])) == 2
    with pytest.raises(RequestError, match=r"method 'sofd'. Did you mean 'soft'"):
        load_results(tmp_path, method="sofd")
    with pytest.raises(RequestError, match=r"no filter 'methods'. Did you mean 'method'"):
        load_results(tmp_path, methods="soft")
    with pytest.raises(RequestError, match="whole number"):
        load_results(tmp_path, seed="one")
    with pytest.raises(RequestError, match="no run store"):
        load_results(tmp_path / "elsewhere")


def test_several_stores_show_each_pair_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cell(tmp_path / "a", correct={("xnli", "en"): [True], ("xnli", "de"): [True]})
    write_cell(tmp_path / "b", correct={("xnli", "en"): [True], ("xnli", "fr"): [True]})
    frame = load_results(tmp_path / "a", tmp_path / "b").to_pandas()
    assert sorted(frame[frame["metric"] == "accuracy"]["language"]) == ["de", "en", "fr"]
    assert capsys.readouterr().err == ""
    write_cell(tmp_path / "c", correct={("xnli", "en"): [False]})
    frame = load_results(tmp_path / "a", tmp_path / "c").to_pandas()
    assert frame[(frame["metric"] == "accuracy") & (frame["language"] == "en")]["value"].tolist() == [1.0]
    assert "in conflict: xnli in en" in capsys.readouterr().err


def test_transfer_gap_by_hand(tmp_path: Path) -> None:
    correct = {"en": [True, True, True, False], "de": [True, False, True, False], "fr": [True, False, False, False]}
    for seed in (1, 2):
        write_cell(tmp_path, seed=seed, correct={("xnli", name): answers for name, answers in correct.items()})
    (scores,) = task_scores(load_results(tmp_path))["xnli"]
    result = transfer(scores)
    assert (result.source, result.targets, result.gap) == (0.75, 0.375, 0.375)
    assert result.by_seed[2] == (0.75, 0.375, 0.375)


def test_gap_without_source_or_targets(tmp_path: Path) -> None:
    write_cell(tmp_path, correct={("xnli", "de"): [True], ("marc", "en"): [True]})
    scores = task_scores(load_results(tmp_path))
    assert (transfer(scores["xnli"][0]).source, transfer(scores["xnli"][0]).gap) == (None, None)
    assert (transfer(scores["marc"][0]).targets, transfer(scores["marc"][0]).gap) == (None, None)


def test_only_what_is_comparable_shares_conditions(tmp_path: Path) -> None:
    write_cell(tmp_path)
    changes = [{"data": "hub"}, {"model": "other"}, {"shots": "32"}, {"setting": "in-language"}, {"profile": "paper"}]
    for change in [*changes, {"limit": 5}, {"source": "de"}]:
        write_cell(tmp_path, **change)
    write_cell(tmp_path, "mpt")
    groups = conditions(load_results(tmp_path))
    assert sorted(len(part) for part in groups.values()) == [1] * 7 + [2]


def test_systems_of_one_label_are_told_apart(tmp_path: Path) -> None:
    write_cell(tmp_path, train_tasks=("xnli",))
    write_cell(tmp_path, train_tasks=("marc",))
    labels = [scores.label for scores in task_scores(load_results(tmp_path))["xnli"]]
    assert len(set(labels)) == 2
    assert all(label.startswith("fine-tune (") for label in labels)


def test_a_label_of_two_systems_on_one_task_has_their_ids_on_every_task(tmp_path: Path) -> None:
    one = write_cell(tmp_path, correct={("xnli", "en"): [True], ("marc", "en"): [True]}, train_tasks=("xnli",))
    write_cell(tmp_path, correct={("xnli", "en"): [True]}, train_tasks=("marc",))
    found = task_scores(load_results(tmp_path))
    label = f"fine-tune ({one.system[:6]})"
    assert [scores.label for scores in found["marc"]] == [label]
    assert label in [scores.label for scores in found["xnli"]] and len(found["xnli"]) == 2


def test_a_cell_without_the_metric_of_the_newer_ones_is_left_out_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = {("xnli", name): [True, False] for name in ("en", "de", "fr")}
    older = write_cell(tmp_path, seed=1, correct=right, metrics=("accuracy",), created="2026-01-01")
    for seed in (2, 3):
        write_cell(tmp_path, seed=seed, correct=right, metrics=("macro_f1",), created="2026-02-01")
    (scores,) = task_scores(load_results(tmp_path))["xnli"]
    assert (scores.metric, scores.seeds) == ("macro_f1", (2, 3)) and not numpy.isnan(scores.values).any()
    assert f"cell {older.id} (fine-tune, seed 1), which has no macro_f1" in capsys.readouterr().err


def test_a_number_that_is_none_is_left_out_of_means_and_tests(tmp_path: Path) -> None:
    for method in ("fine-tune", "soft"):
        write_cell(tmp_path, method, correct={("xnli", name): [True, False] for name in ("en", "de", "fr", "ru")})
    (file,) = (file for file in (tmp_path / "cells").glob("*/cell.json") if '"soft"' in file.read_text())
    record = json.loads(file.read_text(encoding="utf-8"))
    record["predictions"][1]["metrics"]["accuracy"] = float("nan")
    file.write_text(json.dumps(record), encoding="utf-8")
    fine_tune, soft = task_scores(load_results(tmp_path))["xnli"]
    assert len(soft.languages) == 3 and len(fine_tune.languages) == 4
    ((block,),) = [group.blocks for group in compare_all(load_results(tmp_path))]
    (pair,) = block.pairs
    assert pair.tests["wilcoxon"] is not None and not numpy.isnan(pair.difference)


def test_of_two_cells_of_one_system_and_seed_the_newer_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write_cell(tmp_path, correct={("xnli", "en"): [True], ("xnli", "de"): [True]}, created="2026-01-01")
    table = RunStore(tmp_path).predictions(first, "xnli", "en")
    table.loc[0, "prediction"] = "neutral"
    newer = replace(
        first, id="newer", created="2026-02-01", predictions=(record_of("xnli", "en", table, ["accuracy"]),)
    )
    RunStore(tmp_path).write_cell(newer, {("xnli", "en"): table})
    (scores,) = task_scores(load_results(tmp_path))["xnli"]
    assert scores.values.tolist() == [[1.0, 0.0]]  # de from the older, en from the newer
    assert f"Left out: cell {first.id}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("measured", "block"),
    [
        ([(1, "de"), (1, "en"), (2, "de"), (2, "en")], ((1, 2), ("de", "en"), "")),
        ([(1, "de"), (1, "en"), (2, "en")], ((1,), ("de", "en"), "seed 2")),
        ([(1, "de"), (1, "en"), (2, "en"), (2, "fr")], ((1, 2), ("en",), "de, fr")),
    ],
)
def test_blocks_have_no_holes(measured: list[tuple[int, str]], block: tuple) -> None:
    assert complete_block(measured) == block


def test_scores_again(tmp_path: Path) -> None:
    record = write_cell(tmp_path, metrics=("accuracy",))
    store = RunStore(tmp_path)
    (cell,) = load_results(tmp_path)
    scored = score(cell, lambda pair: (("macro_f1", "accuracy"), ()))
    assert [list(pair.metrics) for pair in scored.predictions] == [["macro_f1", "accuracy"]] * 2
    assert store.cell(record.id) == scored
    frame = store.predictions(record, "xnli", "en")
    frame.iloc[:2].to_parquet(store.predictions_path(record.id, "xnli", "en"), index=False)
    with pytest.raises(StoreError, match=r"holds 2 predictions, and cell\.json says 4"):
        score(cell, lambda pair: (("accuracy",), ()))


def test_values_stand_at_their_seed_and_language(tmp_path: Path) -> None:
    write_cell(tmp_path, seed=1, correct={("xnli", "en"): [True, True], ("xnli", "de"): [True, False]})
    write_cell(tmp_path, seed=2, correct={("xnli", "en"): [False, False], ("xnli", "de"): [True, True]})
    (scores,) = task_scores(load_results(tmp_path))["xnli"]
    assert scores.languages == ("de", "en")
    numpy.testing.assert_array_equal(scores.values, [[0.5, 1.0], [1.0, 0.0]])
    assert scores.columns(["en"], [2]).tolist() == [[0.0]]

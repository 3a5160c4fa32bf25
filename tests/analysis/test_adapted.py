"""Systems with a model for each target language: what their source score and gap are, and how readers are told."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from tests.store.synthetic import answers, predictions, record_of, write_cell
from xbench.analysis import load_results
from xbench.analysis.compare import compare_all, compare_examples
from xbench.analysis.intervals import mean_interval
from xbench.analysis.outcomes import load_outcomes
from xbench.analysis.systems import TaskScores, task_scores
from xbench.analysis.transfer import transfer
from xbench.analysis.transfer.gap_interval import gap_interval
from xbench.report import result_tables
from xbench.report.formats import markdown, write_csv
from xbench.store import CellRecord, RunStore, stable_hash

N = 40
# (seed, language adapted to) -> shares right in the source and in the languages served.
MODELS = {
    (1, "bg"): {"en": 0.8, "bg": 0.5},
    (1, "ur"): {"en": 0.6, "ur": 0.4},
    (1, ""): {"en": 0.9, "de": 0.7, "fr": 0.75},
    (2, "bg"): {"en": 0.7, "bg": 0.45},
    (2, "ur"): {"en": 0.65, "ur": 0.35},
    (2, ""): {"en": 0.95, "de": 0.65, "fr": 0.8},
}


def write_adapted(store: Path, models: dict[tuple[int, str], dict[str, float]] = MODELS) -> list[CellRecord]:
    """One cell for each model, all of one system."""
    written = []
    for (seed, adapted_to), shares in models.items():
        tables = {("xnli", language): predictions(answers(share, N)) for language, share in shares.items()}
        entries = tuple(record_of(*pair, table, ("accuracy", "macro_f1")) for pair, table in tables.items())
        template = write_cell(store / "other", "adapts", seed)
        id = stable_hash([template.system, seed, adapted_to])
        record = replace(template, id=id, adapted_to=adapted_to, predictions=entries)
        written.append(RunStore(store / "runs").write_cell(record, tables))
    return written


def scores_of(store: Path, method: str = "adapts") -> TaskScores:
    return {each.label: each for each in task_scores(load_results(store / "runs"))["xnli"]}[method]


def test_the_source_is_the_mean_over_targets_of_their_models(tmp_path: Path) -> None:
    write_adapted(tmp_path)
    scores = scores_of(tmp_path)
    assert scores.languages == ("bg", "de", "en", "fr", "ur") and scores.adapted_to == ("bg", "ur")
    # Four targets: bg and ur have a model each, de and fr share one, which so counts twice.
    first, second = (0.8 + 0.6 + 2 * 0.9) / 4, (0.7 + 0.65 + 2 * 0.95) / 4
    assert scores.columns(["en"])[:, 0] == pytest.approx([first, second])
    assert scores.columns(["bg", "ur"]).tolist() == pytest.approx(numpy.array([[0.5, 0.4], [0.45, 0.35]]))
    own_gaps = [0.8 - 0.5, 0.6 - 0.4, 0.9 - 0.7, 0.9 - 0.75, 0.7 - 0.45, 0.65 - 0.35, 0.95 - 0.65, 0.95 - 0.8]
    assert transfer(scores).gap == pytest.approx(numpy.mean(own_gaps))
    assert scores.source_by_model == pytest.approx({"": 0.925, "bg": 0.75, "ur": 0.625})


def test_examples_and_intervals_agree_with_the_values(tmp_path: Path) -> None:
    write_adapted(tmp_path)
    scores = scores_of(tmp_path)
    outcomes = load_outcomes([scores], scores.seeds, scores.languages)
    assert outcomes is not None
    (order,) = outcomes.languages
    measured = outcomes.measured()[0][:, [order.index(language) for language in scores.languages]]
    assert measured == pytest.approx(scores.values)
    interval = gap_interval(scores)
    assert interval is not None and interval.value == pytest.approx(transfer(scores).gap)
    targets = mean_interval(scores)
    assert targets is not None and targets.value == pytest.approx(transfer(scores).targets)


def test_comparisons_pair_seeds_and_languages_with_one_model_for_all(tmp_path: Path) -> None:
    write_adapted(tmp_path)
    languages = ("en", "bg", "ur", "de", "fr")
    for seed in (1, 2):
        right = {("xnli", language): answers(0.5 + seed / 20, N) for language in languages}
        write_cell(tmp_path / "runs", "fine-tune", seed, right)
    results = load_results(tmp_path / "runs")
    (group,) = compare_all(results)
    (pair,) = group.blocks[0].pairs
    assert pair.seeds == (1, 2) and set(pair.languages) == {"bg", "de", "fr", "ur"}
    ours = numpy.mean([value for shares in MODELS.values() for name, value in shares.items() if name != "en"])
    assert abs(pair.difference) == pytest.approx(abs(ours - 0.575))
    (examples,) = compare_examples(results)
    by_language = {row.language: row.tests for row in examples.examples}
    assert set(by_language) == set(languages)
    # A mean of several models' answers is neither right nor wrong, which McNemar's test is about.
    assert by_language["en"].mcnemar == () and len(by_language["bg"].mcnemar) == 2


def test_one_model_asked_alone_is_read_as_any_other(tmp_path: Path) -> None:
    write_adapted(tmp_path, {(1, "bg"): {"en": 0.8, "bg": 0.5}})
    scores = scores_of(tmp_path)
    assert transfer(scores).gap == pytest.approx(0.3) and scores.models == {} and scores.adapted_to == ("bg",)


def test_a_model_without_the_source_leaves_it_to_the_others(tmp_path: Path) -> None:
    write_adapted(
        tmp_path, {(1, "bg"): {"bg": 0.5}, (1, "ur"): {"en": 0.6, "ur": 0.4}, (1, "tr"): {"en": 0.7, "tr": 0.6}}
    )
    assert scores_of(tmp_path).columns(["en"]).tolist() == [[pytest.approx(0.65)]]


def test_tables_and_the_csv_say_so(tmp_path: Path) -> None:
    write_adapted(tmp_path)
    write_cell(tmp_path / "runs", "fine-tune", 1)
    results = load_results(tmp_path / "runs")
    (table,) = result_tables(results)
    text = markdown(table)
    (row,) = [line for line in text.splitlines() if line.startswith("| adapts")]
    assert "‡" in row and text.count("‡") == 2  # and once below
    assert "adapts: adapted to bg, ur; en by the model for the others 92.5, bg 75.0, ur 62.5." in text
    written = io.StringIO()
    write_csv(results, written)
    header, *lines = written.getvalue().splitlines()
    place = header.split(",").index("adapted_to")
    assert {line.split(",")[place] for line in lines if ",adapts," in line} == {"", "bg", "ur"}
    assert {line.split(",")[place] for line in lines if ",fine-tune," in line} == {""}

"""Diagnosis of tags, answers and summaries: buckets of the task's own metric, from a store to what people read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pandas
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

import xbench
from tests.diagnosis.kinds import KINDS, LANGUAGES, test_examples, write_system, write_task
from xbench.analysis.results import load_results
from xbench.cli import _run
from xbench.diagnosis.answers import Answers
from xbench.diagnosis.diagnose import PairDiagnosis, SystemDiagnosis
from xbench.diagnosis.label_performance import label_performance
from xbench.metrics import METRICS

HEADLINE = {"tagging": "span_f1", "extractive-qa": "f1", "generation": "rougeL"}
LENGTH = {"tagging": "sLen", "extractive-qa": "cLen", "generation": "t1Len"}
kinds = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tasks in `tasks`, and a run store for each kind: `worse` is worse than `good` on long texts alone."""
    path = tmp_path_factory.mktemp("kinds")
    for kind in KINDS:
        write_task(path / "tasks", kind)
        for method, on_long in (("good", 0.9), ("worse", 0.5)):
            write_system(path / kind, path / "tasks", kind, method, lambda n, long=on_long: long if n > 14 else 0.9)
    return path


def one(folder: Path, kind: str, **options: object) -> SystemDiagnosis:
    found = xbench.diagnose("worse", runs=folder / kind, tasks_dirs=[folder / "tasks"], **options)
    assert isinstance(found, SystemDiagnosis)
    return found


def tables(folder: Path, kind: str, language: str) -> list[pandas.DataFrame]:
    cells = [cell for cell in load_results(folder / kind) if cell.record.method == "worse"]
    return [cell.store.predictions(cell.record, KINDS[kind], language) for cell in cells]


def value(kind: str, table: pandas.DataFrame, places: numpy.ndarray, language: str) -> float:
    """The metric of some rows, from their texts."""
    some = table.iloc[places]
    answers = some["prediction"].astype(object).where(some["prediction"].notna(), None).tolist()
    return METRICS[HEADLINE[kind]](some["gold"].tolist(), answers, language=language)


@kinds
def test_buckets_are_the_metric_of_their_examples(folder: Path, kind: str) -> None:
    found = one(folder, kind, attributes=[LENGTH[kind]], buckets=3)
    assert (found.about.kind, found.about.metric, found.about.languages) == (kind, HEADLINE[kind], LANGUAGES)
    from xbench.diagnosis.attributes.frame import attribute_frame

    fields = {"tagging": ["tokens"], "extractive-qa": ["question", "context"], "generation": ["text"]}[kind]
    for language in LANGUAGES:
        given = test_examples(folder / "tasks", kind, language)
        frame = pandas.DataFrame({**given.fields, "gold": given.gold})
        lengths = attribute_frame(kind, frame, language, [LENGTH[kind]], fields=fields)[LENGTH[kind]].to_numpy()
        rows = found.performance[found.performance["language"] == language].to_dict("records")
        assert len(rows) == 4 and sum(row["n"] for row in rows[1:]) == len(given)
        for row in rows:
            inside = numpy.ones(len(given), bool)
            if row["attribute"]:
                inside = (lengths >= row["smallest"]) & (lengths <= row["largest"])
            places = numpy.flatnonzero(inside)
            expected = numpy.mean([value(kind, table, places, language) for table in tables(folder, kind, language)])
            assert row["value"] == pytest.approx(expected, abs=1e-9) and row["n"] == len(places)
            assert row["low"] <= row["value"] <= row["high"]
            assert 0.01 < row["high"] - row["low"] < 0.4


@kinds
def test_what_is_planted_is_found_where_it_is(folder: Path, kind: str) -> None:
    found = xbench.diagnose(
        "good", "worse", runs=folder / kind, tasks_dirs=[folder / "tasks"], attributes=[LENGTH[kind]]
    )
    assert isinstance(found, PairDiagnosis)
    buckets = found.differences[found.differences["attribute"] != ""]
    longest, shortest = (buckets[buckets["bucket"] == name] for name in ("XL", "XS"))
    assert longest["real"].all() and (longest["difference"] > 0.1).all()
    assert not shortest["real"].any()
    assert set(found.findings["difference"] > 0) == {True}
    assert (found.gains["gain_bucket"].isin(["L", "XL"])).all()
    better = found.examples[found.examples["right"] == "first"]
    assert set(better["language"]) == set(LANGUAGES)


@kinds
def test_two_runs_of_one_system_show_nothing(folder: Path, kind: str) -> None:
    found = xbench.diagnose("good", "good", runs=folder / kind, tasks_dirs=[folder / "tasks"])
    assert found.findings.empty and found.examples.empty
    assert (found.differences["p"].dropna() == 1).all() and (found.differences["difference"].dropna() == 0).all()


def tokens(folder: Path, language: str) -> tuple[list[str], list[str]]:
    """Gold and predicted tags of all tokens of all seeds."""
    gold: list[str] = []
    predicted: list[str] = []
    for table in tables(folder, "tagging", language):
        for tags, text in zip(table["gold"], table["prediction"], strict=True):
            gold += json.loads(tags)
            predicted += json.loads(text) if isinstance(text, str) else ["(none)"] * len(json.loads(tags))
    return gold, predicted


def test_confusion_of_tags_is_that_of_tokens(folder: Path) -> None:
    found = one(folder, "tagging", attributes=["sLen"]).confusion
    for language in LANGUAGES:
        gold, predicted = tokens(folder, language)
        names = [*sorted({*gold, *predicted} - {"(none)"}), "(none)"]
        expected = confusion_matrix(gold, predicted, labels=names)
        rows = found[found["language"] == language].set_index(["gold", "prediction"])["count"]
        assert all(rows[a, b] == expected[i, j] for i, a in enumerate(names[:-1]) for j, b in enumerate(names))


def test_shares_by_tag_are_those_of_tokens(folder: Path) -> None:
    found = one(folder, "tagging", attributes=["sLen"]).labels
    for language in LANGUAGES:
        gold, predicted = tokens(folder, language)
        rows = found[found["language"] == language].set_index("label")
        precision, recall, _, support = precision_recall_fscore_support(gold, predicted, labels=list(rows.index))
        assert rows["value"].tolist() == pytest.approx(recall) and rows["precision"].tolist() == pytest.approx(
            precision
        )
        assert (rows["n"] * 2).tolist() == support.tolist()  # two seeds
        known = rows[~rows["too_small"]]
        assert len(known) and (known["low"] <= known["value"]).all() and (known["value"] <= known["high"]).all()


def test_tokens_of_one_sentence_are_drawn_together() -> None:
    tokens = numpy.repeat(numpy.arange(60) % 2 == 0, 10)[None]  # all of a sentence right, or none
    ids = numpy.repeat([f"s{number}" for number in range(60)], 10).astype(object)
    answers = Answers("en", (1,), ("A", "B"), ids, numpy.zeros(600, int), numpy.where(tokens, 0, 1))
    tags = [json.dumps(["A"] * 10), json.dumps(["B"] * 10)]
    ids = numpy.array([f"s{number}" for number in range(60)], dtype=object)
    of_tags = Answers(
        *("en", (1,), tuple(tags), ids, numpy.zeros(60, int), numpy.arange(60)[None] % 2),
        metric=METRICS["token_accuracy"],
    )
    apart, together = (label_performance({"en": each}).iloc[0] for each in (answers, of_tags))
    assert together["value"] == apart["value"] == 0.5 and together["n"] == apart["n"] == 600
    assert together["high"] - together["low"] > 2.5 * (apart["high"] - apart["low"])


@kinds
def test_what_a_kind_has_not_is_said(folder: Path, kind: str) -> None:
    found = one(folder, kind)
    assert found.calibration.summary.empty and found.errors.empty
    assert found.labels.empty == found.confusion.empty == (kind != "tagging")
    assert sum("calibration" in note for note in found.about.notes) == 1


@pytest.mark.parametrize(("kind", "names"), [("tagging", ["eCon", "OOV"]), ("generation", ["OOV"])])
def test_attributes_against_training_data_read_them_from_the_task(folder: Path, kind: str, names: list[str]) -> None:
    found = one(folder, kind, attributes=names, language="en", edges="shared")
    assert set(found.about.attributes) == set(names)
    assert any(note == "Training data: 150 examples of worse." for note in found.about.notes)
    oov = found.performance[found.performance["attribute"] == "OOV"]
    assert oov["largest"].max() == 0  # every word of the tests is in the training texts
    german = one(folder, kind, attributes=["OOV"], language="de")
    assert german.performance[german.performance["attribute"] == "OOV"]["smallest"].min() == 1


def test_training_data_that_are_gone_are_told(folder: Path, tmp_path: Path) -> None:
    write_task(tmp_path / "tasks", "tagging")
    write_system(tmp_path / "runs", tmp_path / "tasks", "tagging", "good", lambda n: 0.9, seeds=(1,))
    (tmp_path / "tasks" / "names-en-train.jsonl").unlink()
    found = xbench.diagnose(runs=tmp_path / "runs", tasks_dirs=[tmp_path / "tasks"], attributes=["OOV", "sLen"])
    assert found.about.attributes == ("sLen",)
    assert any("training examples of names in en cannot be read" in note for note in found.about.notes)
    assert any(note.startswith("OOV: no training examples were given") for note in found.about.notes)


def test_a_cell_that_does_not_say_what_it_was_trained_on(tmp_path: Path) -> None:
    write_task(tmp_path / "tasks", "tagging")
    write_system(tmp_path / "runs", tmp_path / "tasks", "tagging", "good", lambda n: 0.9, seeds=(1,), train_ids={})
    found = xbench.diagnose(runs=tmp_path / "runs", tasks_dirs=[tmp_path / "tasks"], attributes=["OOV"])
    assert "The cells do not say what they were trained on." in found.about.notes


def test_sentences_without_entities_say_nothing_of_f1(folder: Path, tmp_path: Path) -> None:
    write_task(tmp_path / "tasks", "tagging")
    write_system(tmp_path / "runs", tmp_path / "tasks", "tagging", "perfect", lambda n: 1.0, seeds=(1,))
    found = xbench.diagnose(runs=tmp_path / "runs", tasks_dirs=[tmp_path / "tasks"], attributes=["eDen"], buckets=4)
    none = found.performance[found.performance["largest"] == 0]
    assert len(none) and none["value"].isna().all() and none["too_small"].all()
    assert (found.performance["value"].dropna() > 0.95).all()


@kinds
@pytest.mark.parametrize("names", [("good",), ("good", "worse")])
def test_the_command_shows_every_kind(
    folder: Path, kind: str, names: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*names, "--runs", str(folder / kind), "--tasks-dir", str(folder / "tasks"), "--attributes", LENGTH[kind]]
    for format in ("table", "json", "markdown", "latex", "csv"):
        assert _run(["diagnose", *given, "--format", format]) == 0
        text = capsys.readouterr().out
        assert "nan" not in text and LENGTH[kind] in text
    assert _run(["diagnose", *given, "--html", str(tmp_path / "x.html"), "--figures", str(tmp_path / "figures")]) == 0
    assert HEADLINE[kind] in capsys.readouterr().out
    assert (tmp_path / "x.html").stat().st_size > 1000


@kinds
def test_results_comparisons_and_scores_of_every_kind(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = ["--runs", str(folder / kind)]
    before = load_results(folder / kind).rows()
    assert _run(["score", *runs, "--tasks-dir", str(folder / "tasks")]) == 0
    assert load_results(folder / kind).rows() == before
    for command in (["results", "--baseline", "good"], ["compare", "--baseline", "good"]):
        assert _run([*command, *runs]) == 0
        assert "worse" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["extractive-qa", "generation"])
def test_a_gap_in_a_mean_over_examples_is_decomposed(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--runs", str(folder / kind), "--tasks-dir", str(folder / "tasks"), "--method", "worse"]
    assert _run(["transfer", *given, "--decompose", LENGTH[kind], "--format", "json"]) == 0
    rows = [row for row in json.loads(capsys.readouterr().out) if row["target"] == "de"]
    whole = next(row for row in rows if row["bucket"] == "all")
    buckets = [row for row in rows if row["bucket"] != "all"]
    assert sum(row["total"] for row in buckets) == pytest.approx(whole["total"])
    scores = load_results(folder / kind, method="worse").to_pandas()
    scores = scores[scores["metric"] == HEADLINE[kind]].groupby("language")["value"].mean()
    assert whole["total"] == pytest.approx(scores["en"] - scores["de"])


def test_a_gap_in_f1_of_entities_is_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--runs", str(folder / "tagging"), "--tasks-dir", str(folder / "tasks"), "--method", "worse"]
    assert _run(["transfer", *given, "--decompose", "sLen"]) == 2
    assert "span_f1 is not known to be a mean over examples" in capsys.readouterr().err

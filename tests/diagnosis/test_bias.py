"""Profiles of data sets: equation 4 of PolyPrompt."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy
import pandas
import pytest
from scipy import stats

from tests.diagnosis.synthetic import TASK, coin, lengths_of, write_system
from xbench.analysis import load_results
from xbench.cli import _run
from xbench.diagnosis.attributes.frame import attribute_frame
from xbench.diagnosis.bias import (
    COLUMNS,
    attribute_order,
    dataset_profile,
    half_widths,
    profile_table,
    stored_profile,
)
from xbench.errors import RequestError
from xbench.report.figures.bias import bias_figure
from xbench.report.figures.style import save_figure
from xbench.spec.registry import load_task

NAN = numpy.nan
FRAMES = {
    ("shop", "en"): pandas.DataFrame({"t1Len": [3.0, 5.0, NAN, 7.0]}),
    ("pairs", "en"): pandas.DataFrame({"t2Len": [1.0], "t1Len": [4.0]}),
    ("pairs", "th"): pandas.DataFrame({"t2Len": [NAN, NAN], "t1Len": [2.0, 6.0]}),
}


def test_the_mean_is_over_examples_that_have_the_attribute() -> None:
    profile = dataset_profile(FRAMES)
    assert tuple(profile.columns) == COLUMNS
    first = profile.iloc[0]
    assert tuple(first[["task", "language", "attribute", "mean", "n", "missing"]]) == ("shop", "en", "t1Len", 5.0, 3, 1)
    assert first["standard_error"] == pytest.approx(numpy.std([3, 5, 7], ddof=1) / numpy.sqrt(3))


def test_one_value_has_no_spread_and_none_has_no_mean() -> None:
    profile = dataset_profile(FRAMES).set_index(["task", "language", "attribute"])
    one, none = profile.loc[("pairs", "en", "t2Len")], profile.loc[("pairs", "th", "t2Len")]
    assert one["mean"] == 1 and numpy.isnan(one["standard_error"])
    assert (none["n"], none["missing"]) == (0, 2) and numpy.isnan(none["mean"])


def test_the_interval_of_a_mean_is_students() -> None:
    profile = dataset_profile(FRAMES)
    halves = profile.assign(half=half_widths(profile)).set_index(["task", "language", "attribute"])["half"]
    expected = stats.ttest_1samp([3.0, 5.0, 7.0], 0).confidence_interval(0.95)
    assert halves["shop", "en", "t1Len"] == pytest.approx((expected.high - expected.low) / 2)
    assert halves["pairs", "en", "t2Len"] == 0 and halves["pairs", "th", "t2Len"] == 0  # of one value, and of none


def test_the_table_keeps_the_order_and_leaves_what_is_missing_empty() -> None:
    table = profile_table(dataset_profile(FRAMES))
    assert list(table.index) == list(FRAMES)
    assert list(table.columns) == attribute_order(dataset_profile(FRAMES)) == ["t2Len", "t1Len"]
    assert numpy.isnan(table.loc[("shop", "en"), "t2Len"]) and table.loc[("pairs", "th"), "t1Len"] == 4


def test_the_profile_of_examples_is_the_mean_of_their_attributes() -> None:
    examples = pandas.DataFrame({"text": ["one two", "one two three four"], "gold": ["a", "b"]})
    frame = attribute_frame("classification", examples, "en", ["t1Len"], fields=["text"])
    assert dataset_profile({("shop", "en"): frame})["mean"].tolist() == [3.0]


def test_the_figure_has_a_panel_an_attribute_and_the_same_bytes_again(tmp_path: Path) -> None:
    profile = dataset_profile(FRAMES)
    figure = bias_figure(profile)
    panels = [axes for axes in figure.axes if axes.axison]
    assert [panel.get_title(loc="left") for panel in panels] == ["t2Len", "t1Len"]
    assert [label.get_text() for label in panels[0].get_yticklabels()] == ["en", "th"]
    # t2Len: the language without a value has no mark
    assert [len(container.lines[0].get_xdata()) for container in panels[0].containers] == [1]
    assert [text.get_text() for legend in figure.legends for text in legend.get_texts()] == ["shop", "pairs"]
    files = [save_figure(bias_figure(profile), tmp_path / name).read_bytes() for name in ("a.svg", "b.svg")]
    assert files[0] == files[1]


def test_a_profile_without_any_value_still_draws() -> None:
    empty = dataset_profile({("shop", "en"): pandas.DataFrame({"t1basic": [NAN, NAN]})})
    assert not bias_figure(empty).legends


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two systems on the same examples in three languages."""
    for method in ("one", "two"):
        write_system(tmp_path / "runs", method, coin(0.5), count=40)
    return tmp_path / "runs"


def test_the_profile_of_stored_results_is_that_of_their_examples(store: Path) -> None:
    found = stored_profile(load_results(store))
    rows = found.frame.set_index(["language", "attribute"])
    assert found.data == "files" and set(found.frame["task"]) == {TASK}
    assert len(rows) == 3 * len(load_task(TASK).attributes)  # once, however many systems answered
    for language in ("de", "en", "fr"):
        assert rows.loc[(language, "t1Len"), "mean"] == lengths_of(language, 40).mean()
        assert rows.loc[(language, "BLUE_t1t2"), "mean"] == 0


def test_each_task_gets_the_attributes_of_its_kind(store: Path) -> None:
    found = stored_profile(load_results(store), ["t2Len", "t1basic"])
    assert list(found.frame["attribute"].unique()) == ["t2Len", "t1basic"]
    (note,) = found.notes
    assert note.startswith(f"{TASK}, t1basic: ") and "substitute" in note
    with pytest.raises(RequestError, match="is one of extractive-qa tasks"):
        stored_profile(load_results(store), ["t2Len", "cLen"])


def test_what_only_one_language_lacks_is_said_beside_what_holds_for_all(tmp_path: Path) -> None:
    write_system(tmp_path / "runs", "one", coin(0.5), languages=("de", "sw", "en"), count=20)
    found = stored_profile(load_results(tmp_path / "runs"), ["t1basic"])
    assert len(found.notes) == 2 and any("no list of words for 'sw'" in note for note in found.notes)


def test_one_backbone_is_the_tokenizer_and_several_are_none(store: Path) -> None:
    assert "'none'" in stored_profile(load_results(store), ["fertility"]).notes[0]
    write_system(store, "three", coin(0.5), count=40, model="other")
    assert stored_profile(load_results(store), ["fertility"]).notes == (f"{TASK}, fertility: no tokenizer was named",)
    named = stored_profile(load_results(store), ["fertility"], tokenizer="micro-xlmr")
    assert (named.frame["mean"] >= 1).all()


def test_other_data_and_other_examples_are_asked_back(store: Path) -> None:
    write_system(store, "three", coin(0.5), count=30)
    with pytest.raises(RequestError, match="different examples of xnli in de"):
        stored_profile(load_results(store))
    write_system(store, "four", coin(0.5), count=40, data="sample")
    with pytest.raises(RequestError, match="files and sample data; choose one with --data"):
        stored_profile(load_results(store))
    assert stored_profile(load_results(store, data="sample")).data == "sample"


def test_the_command_shows_it_and_draws_it(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawing = tmp_path / "bias.pdf"
    asked = ["bias", "--runs", str(store), "--attributes", "t1Len", "--language", "de", "--figure", str(drawing)]
    assert _run([*asked, "--format", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert float(row["mean"]) == lengths_of("de", 40).mean() and row["n"] == "40"
    assert drawing.read_bytes().startswith(b"%PDF")
    assert _run([*asked[:-2], "--format", "markdown"]) == 0
    assert f"| {TASK} | de | {lengths_of('de', 40).mean():.2f} |" in capsys.readouterr().out
    assert _run(["bias", "--runs", str(store), "--attributes", "t1Lem"]) == 2
    assert "Did you mean 't1Len'?" in capsys.readouterr().err

"""Profiles of data sets: equation 4 of PolyPrompt."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas
import pytest

from xbench.diagnosis.attributes.frame import attribute_frame
from xbench.diagnosis.bias import COLUMNS, attribute_order, dataset_profile, profile_table
from xbench.report.figures.bias import bias_figure
from xbench.report.figures.style import save_figure

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

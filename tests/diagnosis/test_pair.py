"""Two systems: what is planted is found and named first, and nothing is found where there is nothing."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas
import pytest

import xbench
from tests.diagnosis.synthetic import coin, write_system
from xbench.diagnosis.answers import Answers, paired
from xbench.diagnosis.pair import findings, gains_and_losses, only_one_right, pair_differences
from xbench.diagnosis.performance import all_edges
from xbench.errors import DataError

LANGUAGES = ("de", "en", "fr")


def answers(right: numpy.ndarray, language: str = "en") -> Answers:
    """Answers of two labels [seeds, examples], right where it says so."""
    count = right.shape[1]
    gold = numpy.arange(count) % 2
    return Answers(
        language,
        tuple(range(1, len(right) + 1)),
        ("no", "yes"),
        numpy.array([f"x{number}" for number in range(count)], dtype=object),
        gold,
        numpy.where(right, gold, 1 - gold),
    )


@pytest.mark.parametrize("edges", ["per-language", "shared"])
@pytest.mark.parametrize("seeds", [(1,), (1, 2, 3)])
@pytest.mark.parametrize("draw", range(3))
def test_a_planted_effect_is_found_and_named_first(
    tmp_path: Path, edges: str, seeds: tuple[int, ...], draw: int
) -> None:
    """Before `t1Len/t2Len`, which is large where the premise is long."""

    def worse_on_long_german(language: str, lengths: numpy.ndarray, generator: numpy.random.Generator) -> numpy.ndarray:
        chance = numpy.where((language == "de") & (lengths >= 23), 0.4, 0.8)
        return generator.random(len(lengths)) < chance

    write_system(tmp_path, "good", coin(0.8), seeds=seeds, draw=draw)
    write_system(tmp_path, "worse", worse_on_long_german, seeds=seeds, draw=draw)
    names = ["t2Len", "t1Len/t2Len", "t1Len"]
    found = xbench.diagnose("good", "worse", runs=tmp_path, attributes=names, edges=edges)
    first = found.findings.iloc[0]
    assert (first["language"], first["attribute"], first["bucket"]) == ("de", "t1Len", "XL")
    assert first["difference"] > 0.2
    assert first["smallest"] >= 20
    assert set(found.findings["language"]) == {"de"}
    row = found.gains.set_index(["attribute", "language"]).loc[("t1Len", "de")]
    assert row["gain_bucket"] == "XL" and row["gain_real"]


def test_identical_systems_show_nothing(tmp_path: Path) -> None:
    write_system(tmp_path, "one", coin(0.7), seeds=(1, 2))
    found = xbench.diagnose("one", "one", runs=tmp_path)
    assert found.findings.empty
    assert (found.differences["p"].dropna() == 1).all()
    assert (found.gains[["gain_bucket", "loss_bucket"]] == "").all().all()
    assert found.examples.empty


def test_noise_shows_a_difference_in_five_percent_of_reports_at_most() -> None:
    reports, found = 150, 0
    generator = numpy.random.default_rng(3)
    attributes = {name: pandas.DataFrame({"t1Len": generator.integers(1, 30, 300)}) for name in LANGUAGES}
    edges = all_edges(attributes)
    for _ in range(reports):
        pair = [{name: answers(generator.random((1, 300)) < 0.8, name) for name in LANGUAGES} for _ in range(2)]
        found += not findings(pair_differences(*pair, attributes, edges)).empty
    # Of 150 reports with a chance of 0.05 each, more than 15 are found once in 200 times.
    assert found <= 15


def test_a_lucky_seed_is_no_finding() -> None:
    generator = numpy.random.default_rng(0)
    right = generator.random((3, 300)) < 0.5
    lucky = right.copy()
    lucky[0] = True
    lucky[1, :5] &= False
    table = pair_differences({"en": answers(lucky)}, {"en": answers(right)}, {}, {})
    assert table.loc[0, "p_holm"] < 0.001
    assert table.loc[0, "seeds_agreeing"] == 1
    assert not table.loc[0, "real"]


def test_buckets_too_small_are_neither_tested_nor_named() -> None:
    first, second = numpy.ones((1, 100), dtype=bool), numpy.ones((1, 100), dtype=bool)
    second[0, 80:] = False
    lengths = numpy.repeat([1, 2], [80, 20])
    attributes = {"en": pandas.DataFrame({"t1Len": lengths})}
    table = pair_differences({"en": answers(first)}, {"en": answers(second)}, attributes, all_edges(attributes))
    small = table[table["n"] == 20].iloc[0]
    assert small["too_small"] and small["difference"] == 1 and numpy.isnan(small["p"]) and numpy.isnan(small["low"])
    gains = gains_and_losses(table)
    assert gains.loc[0, "gain_bucket"] == "" and numpy.isnan(gains.loc[0, "gain"])


def test_table_3_by_hand() -> None:
    first, second = numpy.zeros((1, 120), dtype=bool), numpy.zeros((1, 120), dtype=bool)
    first[0, :40] = True  # the first bucket: 40 against 10
    second[0, :10] = True
    second[0, 80:110] = True  # the last bucket: 0 against 30
    attributes = {"en": pandas.DataFrame({"t1Len": numpy.repeat([1, 2, 3], 40)})}
    table = pair_differences({"en": answers(first)}, {"en": answers(second)}, attributes, all_edges(attributes))
    assert table["difference"].tolist() == pytest.approx([0, 0.75, 0, -0.75])
    # 30 of 30 examples that differ are gains: McNemar's exact p.
    assert table["p"].tolist() == pytest.approx([1, 2 * 0.5**30, 1, 2 * 0.5**30])
    assert table["p_holm"].tolist() == pytest.approx([1, 4 * 2 * 0.5**30, 1, 4 * 2 * 0.5**30])
    row = gains_and_losses(table).iloc[0]
    assert (row["gain"], row["gain_bucket"], row["loss"], row["loss_bucket"]) == (0.75, "1", -0.75, "3")


def test_examples_that_only_one_gets_right() -> None:
    first = numpy.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 0]], dtype=bool)
    second = numpy.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 1]], dtype=bool)
    counts, examples = only_one_right({"en": answers(first)}, {"en": answers(second)})
    assert counts.iloc[0].tolist() == ["en", 5, 1, 1, 1, 1, 1]
    assert examples[["id", "right", "gold", "answer_first", "answer_second"]].values.tolist() == [
        ["x1", "first", "yes", "yes", "no"],
        ["x2", "second", "no", "yes", "no"],
    ]


def test_examples_are_paired_by_id() -> None:
    one = answers(numpy.array([[1, 0, 1, 1]], dtype=bool))
    other = one.take(numpy.array([3, 1, 0]))
    first, second, left_out = paired(one, other)
    assert first.ids.tolist() == second.ids.tolist() == ["x0", "x1", "x3"]
    assert (first.right == second.right).all()
    assert left_out == 1
    wrong = Answers("en", (1,), ("no", "yes"), one.ids, 1 - one.gold, one.predicted)
    with pytest.raises(DataError, match="not the same data"):
        paired(one, wrong)


def test_a_bucket_of_a_whole_language_is_not_tested_again() -> None:
    first, second = ({"en": answers(right)} for right in (numpy.ones((1, 60), bool), numpy.zeros((1, 60), bool)))
    frame = {"en": pandas.DataFrame({"same": numpy.ones(60), "half": numpy.repeat([1.0, 2.0], 30)})}
    found = pair_differences(first, second, frame, all_edges(frame))
    assert set(found["attribute"]) == {"", "half"}

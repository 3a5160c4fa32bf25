"""Predictions made elsewhere: what joins to the gold, what does not, and which cell it becomes."""

from __future__ import annotations

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.analysis.imported import GoldExamples, align, imported_cell, prediction_record, same_predictions
from xbench.errors import DataError

LABELS = ("yes", "no")
GOLD = GoldExamples("en", ("a", "b", "c"), ("yes", "no", "yes"), "0123")
ABOUT = {
    "method": "theirs",
    "variant": "",
    "model": "m",
    "data": "hub",
    "profile": "paper",
    "setting": "zero-shot",
    "shots": "16",
    "source": "en",
    "limit": None,
    "seed": 1,
}


def rows(*pairs: tuple[str, str | None]) -> pandas.DataFrame:
    return pandas.DataFrame({"id": [id for id, _ in pairs], "prediction": [answer for _, answer in pairs]})


def test_predictions_come_in_the_order_of_the_gold() -> None:
    aligned = align(rows(("c", "no"), ("a", "yes"), ("b", "no")), GOLD, LABELS)
    assert aligned.frame.to_dict("list") == {
        "index": [0, 1, 2],
        "id": ["a", "b", "c"],
        "gold": ["yes", "no", "yes"],
        "prediction": ["yes", "no", "no"],
    }
    assert aligned.problems() == [] and not aligned.outside
    record = prediction_record("t", aligned, GOLD, ("accuracy",), LABELS)
    assert (record.n, record.n_given, record.invalid, record.examples) == (3, 3, 0, "0123")
    assert record.metrics == {"accuracy": pytest.approx(2 / 3)}


def test_ids_that_do_not_fit_are_named() -> None:
    aligned = align(rows(("a", "yes"), ("a", "no"), ("x", "no"), ("y", "no")), GOLD, LABELS)
    assert (aligned.missing, aligned.extra, aligned.duplicate) == (("b", "c"), ("x", "y"), ("a",))
    assert aligned.problems() == [
        "en: 2 ids are missing (b, c)",
        "en: 2 ids are not in the task (x, y)",
        "en: 1 id is given more than once (a)",
    ]
    assert aligned.frame["prediction"].tolist() == ["yes"]  # of a repeated id the first counts


def test_an_answer_outside_the_labels_is_no_answer_and_counts_as_wrong() -> None:
    aligned = align(rows(("a", "Yes"), ("b", None), ("c", "yes")), GOLD, LABELS)
    assert aligned.outside == {"Yes": 1}
    assert aligned.frame["prediction"].isna().tolist() == [True, True, False]
    record = prediction_record("t", aligned, GOLD, ("accuracy",), LABELS)
    assert record.invalid == 2 and record.metrics["accuracy"] == pytest.approx(1 / 3)


TAGGED = GoldExamples("en", ("a", "b"), ('["O", "B-PER"]', '["O"]'))
TAGS = ("O", "B-PER", "I-PER")


def test_tags_are_joined_and_unknown_ones_are_told_and_wrong() -> None:
    aligned = align(rows(("b", '["B-X"]'), ("a", '["O", "B-PER"]')), TAGGED, TAGS, "tagging")
    assert aligned.problems() == [] and aligned.outside == {"B-X": 1}
    assert aligned.frame["prediction"].tolist() == ['["O", "B-PER"]', '["B-X"]']
    record = prediction_record("t", aligned, TAGGED, ("span_f1", "token_accuracy"), TAGS)
    assert record.metrics == {"span_f1": pytest.approx(2 / 3), "token_accuracy": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ('["O"]', "1 tags of 2 tokens"),
        ("O B-PER", "'O B-PER' is no JSON list"),
        ('{"a": 1}', "is no JSON list"),
        ('["O", 3]', "a tag is no text"),
    ],
)
def test_a_prediction_that_is_no_list_of_one_tag_a_token_is_named_by_its_id(answer: str, why: str) -> None:
    aligned = align(rows(("a", answer), ("b", None)), TAGGED, TAGS, "tagging")
    (problem,) = aligned.problems()
    assert problem.startswith("en: of 1 the prediction is no list of one tag a token (a: ") and why in problem
    assert aligned.malformed is not None and list(aligned.malformed) == ["a"]


def test_answers_and_texts_stay_as_they_are_and_are_scored_in_their_language() -> None:
    gold = GoldExamples("zh", ("a", "b"), ('{"text": ["北京"], "answer_start": [0]}',) * 2)
    aligned = align(rows(("a", "北"), ("b", "")), gold, (), "extractive-qa")
    assert aligned.frame["prediction"].tolist() == ["北", ""] and not aligned.outside
    record = prediction_record("t", aligned, gold, ("f1", "squad_f1"), ())
    assert record.metrics == {"f1": pytest.approx(1 / 3), "squad_f1": 0} and record.invalid == 0


def test_nothing_left_to_score_is_an_error() -> None:
    aligned = align(rows(("x", "yes")), GOLD, LABELS)
    with pytest.raises(DataError):
        prediction_record("t", aligned, GOLD, ("accuracy",), LABELS)


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(8)), st.sets(st.integers(0, 7), min_size=1))
def test_the_order_of_the_file_does_not_matter(order: list[int], kept: set[int]) -> None:
    gold = GoldExamples("en", tuple(f"i{n}" for n in range(8)), ("yes", "no") * 4)
    given_rows = [(f"i{n}", LABELS[n % 3 % 2]) for n in order if n in kept]
    aligned = align(rows(*given_rows), gold, LABELS)
    straight = align(rows(*sorted(given_rows)), gold, LABELS)
    assert same_predictions(aligned.frame, straight.frame)
    assert len(aligned.frame) + len(aligned.missing) == 8
    assert aligned.frame["index"].is_monotonic_increasing


def test_a_cell_with_examples_left_out_has_another_id_and_takes_no_part_in_rankings() -> None:
    whole = prediction_record(
        "t", align(rows(("a", "yes"), ("b", "no"), ("c", "no")), GOLD, LABELS), GOLD, ("accuracy",), LABELS
    )
    part = prediction_record("t", align(rows(("a", "yes")), GOLD, LABELS), GOLD, ("accuracy",), LABELS)
    first, second = (imported_cell(ABOUT, [pair], {"file": "f.csv"}) for pair in (whole, part))
    assert first.system == second.system and first.id != second.id
    assert (first.skipped_rows, second.skipped_rows) == (0, 2)
    assert first.settings == {"imported": True, "file": "f.csv"}


def test_seeds_are_cells_of_one_system_and_variants_are_not() -> None:
    pair = prediction_record(
        "t", align(rows(("a", "yes"), ("b", "no"), ("c", "no")), GOLD, LABELS), GOLD, ("accuracy",), LABELS
    )
    cells = [imported_cell(ABOUT | change, [pair], {}) for change in ({}, {"seed": 2}, {"variant": "big"})]
    assert cells[0].system == cells[1].system != cells[2].system
    assert len({cell.id for cell in cells}) == 3


def test_same_predictions_knows_nulls_and_numbers() -> None:
    first = align(rows(("a", None), ("b", "no"), ("c", "no")), GOLD, LABELS).frame.assign(score_yes=[0.5, None, 1.0])
    assert same_predictions(first, first.astype({"prediction": "str"}, errors="ignore").iloc[::-1])
    assert not same_predictions(first, first.assign(score_yes=[0.5, None, 0.9]))
    assert not same_predictions(first, first.assign(prediction=[None, "no", "yes"]))
    assert not same_predictions(first, first.drop(columns="score_yes"))

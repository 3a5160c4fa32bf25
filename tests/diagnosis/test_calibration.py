"""Calibration: the error by hand and by definition, and what scores are read as."""

from __future__ import annotations

import numpy
import pandas
import pytest
from scipy.special import softmax

from xbench.diagnosis.answers import Answers
from xbench.diagnosis.calibration import calibration
from xbench.diagnosis.scores import chosen_probability, score_kind


def answers(confidence: numpy.ndarray, right: numpy.ndarray) -> Answers:
    count = confidence.shape[1]
    gold = numpy.zeros(count, dtype=int)
    ids = numpy.array([str(number) for number in range(count)], dtype=object)
    predicted = numpy.where(right, 0, 1)
    return Answers(
        "en", tuple(range(len(confidence))), ("no", "yes"), ids, gold, predicted, confidence, "probabilities"
    )


def test_the_error_by_hand() -> None:
    confidence = numpy.array([[0.55, 0.60, 0.95, 0.95]])
    right = numpy.array([[True, False, True, False]])
    found = calibration({"en": answers(confidence, right)}, bins=10)
    # Bins (0.5, 0.6] and (0.9, 1]: |0.5 - 0.575| and |0.5 - 0.95|, two answers each.
    assert found.summary.loc[0, "ece"] == pytest.approx((0.075 + 0.45) / 2)
    assert found.bins["bin"].tolist() == [5, 9]
    assert found.bins["n"].tolist() == [2, 2]
    assert found.bins["accuracy"].tolist() == [0.5, 0.5]
    assert found.bins["confidence"].tolist() == pytest.approx([0.575, 0.95])


def test_seeds_are_averaged_and_not_pooled() -> None:
    confidence = numpy.full((2, 100), 0.75)
    right = numpy.stack([numpy.ones(100, dtype=bool), numpy.arange(100) < 50])
    # One seed is 25 points under, the other 25 over; pooled they would look calibrated.
    assert calibration({"en": answers(confidence, right)}).summary.loc[0, "ece"] == pytest.approx(0.25)


def test_a_calibrated_system_has_the_error_that_is_expected_of_it() -> None:
    generator = numpy.random.default_rng(0)
    found = []
    for _ in range(200):
        confidence = generator.uniform(0.3, 1.0, (1, 300))
        summary = calibration({"en": answers(confidence, generator.random((1, 300)) < confidence)}).summary.iloc[0]
        found.append((summary["ece"], summary["ece_if_calibrated"]))
    measured, expected = numpy.mean(found, axis=0)
    assert measured == pytest.approx(expected, rel=0.05)
    assert measured > 0.03


def test_answers_without_confidence_are_counted_and_left_out() -> None:
    confidence = numpy.array([[0.9, numpy.nan, 0.8, 0.7]])
    found = calibration({"en": answers(confidence, numpy.array([[True, True, False, True]]))})
    assert found.summary.loc[0, ["n", "without"]].tolist() == [3, 1]
    nothing = calibration({"en": answers(numpy.full((1, 4), numpy.nan), numpy.ones((1, 4), dtype=bool))})
    assert nothing.summary.empty and nothing.bins.empty


def scores(rows: list[list[float]], predictions: list[str | None]) -> pandas.DataFrame:
    return pandas.DataFrame(
        {"prediction": predictions, **dict(zip(("score_no", "score_yes"), zip(*rows, strict=True), strict=True))}
    )


def test_probabilities_are_taken_as_they_are() -> None:
    table = scores([[0.2, 0.8], [0.6, 0.4]], ["yes", None])
    assert score_kind(table) == "probabilities"
    assert chosen_probability(table).tolist() == pytest.approx([0.8, numpy.nan], nan_ok=True)


@pytest.mark.parametrize("rows", [[[-1.0, -2.0], [-0.5, -3.0]], [[2.0, 5.0], [-1.0, 900.0]]])
def test_other_scores_go_through_a_softmax(rows: list[list[float]]) -> None:
    table = scores(rows, ["yes", "no"])
    expected = softmax(numpy.array(rows), axis=1)
    assert score_kind(table) == "log-scores"
    assert chosen_probability(table).tolist() == pytest.approx([expected[0, 1], expected[1, 0]])


def test_log_probabilities_become_the_probabilities_they_are() -> None:
    table = scores(numpy.log([[0.2, 0.8], [0.6, 0.4]]).tolist(), ["yes", "no"])
    assert chosen_probability(table).tolist() == pytest.approx([0.8, 0.6])


def test_no_scores() -> None:
    assert score_kind(scores([[numpy.nan, numpy.nan]], ["yes"])) == "none"
    assert score_kind(pandas.DataFrame({"prediction": ["yes"]})) == "none"
    assert numpy.isnan(chosen_probability(pandas.DataFrame({"prediction": ["yes"]}))).all()

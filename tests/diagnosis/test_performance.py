"""One system: accuracy by language, bucket and label, confusion, and the most confident errors."""

from __future__ import annotations

import numpy
import pandas
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from xbench.diagnosis.answers import Answers
from xbench.diagnosis.buckets import assign_buckets
from xbench.diagnosis.confident_errors import confident_errors
from xbench.diagnosis.confusion import confusion
from xbench.diagnosis.label_performance import label_performance
from xbench.diagnosis.performance import all_edges, bucket_performance
from xbench.errors import RequestError

LABELS = ("a", "b", "c")


def random_answers(seeds: int = 2, count: int = 200, language: str = "en") -> Answers:
    generator = numpy.random.default_rng(len(language) + count)
    return Answers(
        language,
        tuple(range(1, seeds + 1)),
        LABELS,
        numpy.array([f"x{number}" for number in range(count)], dtype=object),
        generator.integers(0, 3, count),
        generator.integers(-1, 3, (seeds, count)),
        generator.random((seeds, count)).astype(numpy.float32),
        "probabilities",
    )


def test_buckets_hold_each_example_once_and_show_its_mean() -> None:
    one = random_answers()
    lengths = numpy.random.default_rng(1).integers(1, 20, len(one)).astype(float)
    lengths[:7] = numpy.nan
    attributes = {"en": pandas.DataFrame({"t1Len": lengths})}
    edges = all_edges(attributes)
    table = bucket_performance({"en": one}, attributes, edges)
    whole, buckets = table.iloc[0], table.iloc[1:]
    assert whole["value"] == pytest.approx((one.predicted == one.gold).mean())
    assert buckets["bucket"].tolist() == ["XS", "S", "L", "XL"]
    assert buckets["n"].sum() == len(one) - 7
    codes = assign_buckets(lengths, edges["t1Len", "en"])
    for code, row in enumerate(buckets.to_dict("records")):
        here = codes == code
        assert row["value"] == pytest.approx((one.predicted == one.gold)[:, here].mean())
        assert row["low"] <= row["value"] <= row["high"]
        assert (row["smallest"], row["largest"]) == (lengths[here].min(), lengths[here].max())


def test_edges_are_shared_or_each_languages_own() -> None:
    attributes = {
        "en": pandas.DataFrame({"t1Len": numpy.arange(100)}),
        "zh": pandas.DataFrame({"t1Len": numpy.arange(100) + 100}),
    }
    own = all_edges(attributes, 2)
    assert own["t1Len", "en"].tolist() == [49] and own["t1Len", "zh"].tolist() == [149]
    shared = all_edges(attributes, 2, "shared")
    assert shared["t1Len", "en"].tolist() == shared["t1Len", "zh"].tolist() == [99]
    with pytest.raises(RequestError, match="Did you mean 'shared'"):
        all_edges(attributes, 2, "share")
    with pytest.raises(RequestError, match="no 0 buckets"):
        all_edges(attributes, 0)


def test_a_shared_edge_leaves_out_the_bucket_that_a_language_does_not_fill() -> None:
    attributes = {
        "en": pandas.DataFrame({"t1Len": numpy.arange(100)}),
        "zh": pandas.DataFrame({"t1Len": numpy.arange(100) + 100}),
    }
    answers = {name: random_answers(1, 100, name) for name in attributes}
    table = bucket_performance(answers, attributes, all_edges(attributes, 4, "shared"))
    buckets = table[table["attribute"] != ""]
    assert buckets.groupby("language")["bucket"].apply(list).to_dict() == {"en": ["XS", "S"], "zh": ["L", "XL"]}


def test_too_few_examples_have_no_interval() -> None:
    attributes = {"en": pandas.DataFrame({"t1Len": numpy.repeat([1, 2], [29, 30])})}
    table = bucket_performance({"en": random_answers(1, 59)}, attributes, all_edges(attributes))
    assert table["too_small"].tolist() == [False, True, False]
    assert table["low"].isna().tolist() == [False, True, False]


def test_labels_agree_with_scikit_learn() -> None:
    one = random_answers(seeds=1)
    precision, recall, _, support = precision_recall_fscore_support(
        one.gold, one.predicted[0], labels=[0, 1, 2], zero_division=numpy.nan
    )
    table = label_performance({"en": one})
    assert table["value"].tolist() == pytest.approx(recall)
    assert table["precision"].tolist() == pytest.approx(precision)
    assert table["n"].tolist() == support.tolist()


def test_confusion_agrees_with_scikit_learn() -> None:
    one = random_answers(seeds=2)
    table = confusion({"en": one}).pivot(index="gold", columns="prediction", values="count")
    names = numpy.array([*LABELS, "(none)"])  # the code -1 is the last one
    expected = confusion_matrix(numpy.tile(names[one.gold], 2), names[one.predicted.ravel()], labels=names)[:3]
    assert table.loc[list(LABELS), list(names)].to_numpy().tolist() == expected.tolist()
    assert expected[:, 3].sum() > 0


def test_the_most_confident_errors_come_first() -> None:
    one = random_answers(seeds=2, count=40)
    table = confident_errors({"en": one}, most=10)
    assert one.confidence is not None
    wrong = numpy.where(one.right, -1, one.confidence).max(axis=0)
    expected = sorted(wrong[wrong >= 0], reverse=True)[:10]
    assert table["confidence"].tolist() == pytest.approx(expected)
    assert table["id"].is_unique
    first = table.iloc[0]
    place = int(first["id"][1:])
    assert first["gold"] == LABELS[one.gold[place]]
    assert first["wrong_seeds"] == (~one.right[:, place]).sum()

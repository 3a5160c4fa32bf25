"""Dev held out of train: a tenth, without a text in common, whatever the order of the file."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.data.examples import Examples
from xbench.data.held_out import hold_out
from xbench.data.sampling import parse_train_size, sample_train_and_dev
from xbench.errors import DataError, RequestError
from xbench.spec.task import Kind


def questions(contexts: list[str]) -> Examples:
    """A question for each of these contexts."""
    ids = tuple(map(str, range(len(contexts))))
    gold = ('{"text": ["x"], "answer_start": [0]}',) * len(ids)
    fields = {"question": tuple(f"question {n}" for n in ids), "context": tuple(contexts)}
    return Examples("t", "en", "train", ids, fields, gold, kind="extractive-qa", skipped=3, dropped=2)


def sentences(texts: list[str], kind: Kind = "tagging") -> Examples:
    name = "tokens" if kind == "tagging" else "text"
    return Examples(
        "t", "en", "train", tuple(map(str, range(len(texts)))), {name: tuple(texts)}, tuple(texts), kind=kind
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abcdefghijkl"), min_size=2, max_size=80), st.integers(0, 99))
def test_questions_are_held_out_by_context(contexts: list[str], order: int) -> None:
    train = questions(contexts)
    if len(set(contexts)) < 2:
        with pytest.raises(DataError, match=r"have the same text \(context\)"):
            hold_out(train, "s")
        return
    rest, dev = hold_out(train, "s")
    assert not set(rest.fields["context"]) & set(dev.fields["context"])
    assert sorted([*rest.ids, *dev.ids], key=int) == list(train.ids)
    wanted, largest = max(1, round(len(contexts) / 10)), max(Counter(contexts).values())
    assert 1 <= len(dev) < wanted + largest
    shuffled = random.Random(order).sample(range(len(contexts)), len(contexts))
    assert set(hold_out(train.take(shuffled), "s")[1].ids) == set(dev.ids)
    assert (rest.skipped, dev.skipped) == (3, 0)  # bad rows are counted once, and so are dropped ones
    assert (rest.dropped, dev.dropped) == (2, 0)


@pytest.mark.parametrize("kind", ["tagging", "generation", "multiple-choice"])
def test_texts_that_occur_twice_stay_together(kind: Kind) -> None:
    texts = [f"text {n // 2}" for n in range(200)]
    rest, dev = hold_out(sentences(texts, kind), "s")
    assert len(dev) == 20
    assert set(Counter(dev.gold).values()) == {2}
    assert not set(rest.gold) & set(dev.gold)


def test_labels_are_held_out_alike() -> None:
    labels = ("x",) * 200 + ("y",) * 30
    texts = tuple(map(str, range(230)))
    rest, dev = hold_out(Examples("t", "en", "train", texts, {"text": texts}, labels), "s")
    assert Counter(dev.gold) == {"x": 20, "y": 3}
    assert Counter(rest.gold) == {"x": 180, "y": 27}


@pytest.mark.parametrize("kind", ["tagging", "generation", "multiple-choice"])
def test_a_plain_number_means_so_many_in_all_where_there_are_no_classes(kind: Kind) -> None:
    source = sentences([f"text {n}" for n in range(100)], kind)
    for text in ("16", "total:16", "language:16"):
        train, dev = sample_train_and_dev(source, None, parse_train_size(text), seed=1)
        assert (len(train), len(dev), len(set(train.ids) | set(dev.ids))) == (16, 16, 32)
    with pytest.raises(RequestError, match=f"{kind} has no classes. Use total:16 or language:16"):
        sample_train_and_dev(source, None, parse_train_size("class:16"), seed=1)


def test_few_questions_for_train_and_dev_share_no_context() -> None:
    source = questions([f"context {n % 9}" for n in range(180)])
    for seed in range(5):
        train, dev = sample_train_and_dev(source, source, parse_train_size("4"), seed)
        assert (len(train), len(dev)) == (4, 4)
        assert not set(train.fields["context"]) & set(dev.fields["context"])
    rest, dev = sample_train_and_dev(source, None, parse_train_size("full"), seed=1)
    assert (len(rest), len(dev)) == (160, 20)
    assert not set(rest.fields["context"]) & set(dev.fields["context"])
    with pytest.raises(DataError, match="40 dev rows asked for, 0 there are"):
        sample_train_and_dev(source, None, parse_train_size("40"), seed=1)

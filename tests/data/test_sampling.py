"""Few-shot samples: k of each label, the same for the same seed, train and dev without a text in common."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xbench.data.examples import Examples
from xbench.data.sampling import TrainSize, parse_train_size, sample_train_and_dev
from xbench.errors import DataError, RequestError


def rows(count: int, labels: int = 3, order: int | None = None, split: str = "train") -> Examples:
    """Rows sorted by label, or shuffled by `order`."""
    pairs = sorted((f"{split} text {n}", str(n % labels)) for n in range(count))
    pairs.sort(key=lambda pair: pair[1])
    if order is not None:
        random.Random(order).shuffle(pairs)
    return Examples(
        "t",
        "en",
        split,
        tuple(map(str, range(count))),
        {"text": tuple(p[0] for p in pairs)},
        tuple(p[1] for p in pairs),
    )


def texts(examples: Examples) -> set[str]:
    return set(examples.fields["text"])


@pytest.mark.parametrize(
    ("text", "size"),
    [("16", TrainSize("shots", 16)), ("class:16", TrainSize("class", 16)), ("language:100", TrainSize("language", 100)),
     ("total:50", TrainSize("total", 50)), ("full", TrainSize("full"))],
)  # fmt: skip
def test_sizes_are_read_and_written(text: str, size: TrainSize) -> None:
    assert parse_train_size(text) == size
    assert parse_train_size(str(size)) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "class:", "classs:3", "all", "full:3", "３", "class:3:4"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(RequestError, match="is no train size"):
        parse_train_size(text)


def test_k_per_label_for_train_and_for_dev() -> None:
    train, dev = sample_train_and_dev(rows(90), rows(60, split="dev"), parse_train_size("8"), seed=1)
    assert Counter(train.gold) == Counter(dev.gold) == {"0": 8, "1": 8, "2": 8}
    assert all(text.startswith("dev") for text in texts(dev))


def test_without_a_dev_set_dev_is_drawn_from_what_train_leaves() -> None:
    train, dev = sample_train_and_dev(rows(48), None, parse_train_size("8"), seed=1)
    assert Counter(dev.gold) == {"0": 8, "1": 8, "2": 8}
    assert len(texts(train) | texts(dev)) == 48


def test_seeds_decide_and_order_does_not() -> None:
    size = parse_train_size("4")
    first = sample_train_and_dev(rows(90), rows(90, split="dev"), size, seed=1)
    again = sample_train_and_dev(rows(90, order=7), rows(90, order=8, split="dev"), size, seed=1)
    other = sample_train_and_dev(rows(90), rows(90, split="dev"), size, seed=2)
    assert [part.fields for part in first] == [part.fields for part in again]
    assert texts(first[0]) != texts(other[0])
    assert texts(first[1]) != texts(other[1])


def test_larger_samples_hold_the_smaller_ones() -> None:
    small, _ = sample_train_and_dev(rows(90), rows(90, split="dev"), parse_train_size("2"), seed=3)
    large, _ = sample_train_and_dev(rows(90), rows(90, split="dev"), parse_train_size("8"), seed=3)
    assert texts(small) < texts(large)


def test_every_row_is_drawn_as_often() -> None:
    source = rows(30)
    drawn = Counter(
        text
        for seed in range(600)
        for text in sample_train_and_dev(source, None, parse_train_size("2"), seed)[0].fields["text"]
    )
    assert len(drawn) == 30
    assert 70 < min(drawn.values()) <= max(drawn.values()) < 175  # 120 expected, 98 % within +-24


def test_dev_leaves_out_texts_that_train_has() -> None:
    train_rows, dev_rows = rows(30), rows(30)
    train, dev = sample_train_and_dev(train_rows, dev_rows, parse_train_size("5"), seed=1)
    assert not texts(train) & texts(dev)
    with pytest.raises(DataError, match="6 dev rows asked for label '0', 4 there are that are not drawn for train"):
        sample_train_and_dev(train_rows, dev_rows, parse_train_size("6"), seed=1)


def test_too_few_rows_say_how_many_there_are() -> None:
    with pytest.raises(DataError, match=r"t \(en\): 16 training rows asked for label '0', 10 there are"):
        sample_train_and_dev(rows(30), None, parse_train_size("16"), seed=1)
    with pytest.raises(DataError, match="31 training rows asked for, 30 there are"):
        sample_train_and_dev(rows(30), None, parse_train_size("language:31"), seed=1)


def test_sizes_that_do_not_count_labels() -> None:
    for unit in ("language", "total"):
        train, dev = sample_train_and_dev(rows(90), rows(90, split="dev"), parse_train_size(f"{unit}:25"), seed=1)
        assert (len(train), len(dev)) == (25, 25)


def test_full_takes_all() -> None:
    train, dev = sample_train_and_dev(rows(90), rows(30, split="dev"), parse_train_size("full"), seed=1)
    assert (len(train), len(dev)) == (90, 30)
    train, dev = sample_train_and_dev(rows(90), None, parse_train_size("full"), seed=1)
    assert (len(train), len(dev)) == (81, 9)
    assert not texts(train) & texts(dev)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xy")), min_size=1, max_size=60),
    st.integers(1, 4),
    st.integers(0, 3),
)
def test_train_and_dev_never_share_a_text(pairs: list[tuple[str, str]], count: int, seed: int) -> None:
    examples = Examples(
        "t",
        "en",
        "train",
        tuple(map(str, range(len(pairs)))),
        {"text": tuple(p[0] for p in pairs)},
        tuple(p[1] for p in pairs),
    )
    try:
        train, dev = sample_train_and_dev(examples, None, TrainSize("class", count), seed)
    except DataError:
        return
    assert not texts(train) & texts(dev)
    assert set(Counter(train.gold).values()) == set(Counter(dev.gold).values()) == {count}


def test_most_takes_all_where_there_are_fewer() -> None:
    train, dev = sample_train_and_dev(rows(30), rows(60, split="dev"), parse_train_size("most:40"), seed=1)
    assert (len(train), len(dev)) == (30, 40)
    train, dev = sample_train_and_dev(rows(30), rows(60, split="dev"), parse_train_size("most:5"), seed=1)
    assert (len(train), len(dev)) == (5, 5)

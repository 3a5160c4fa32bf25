"""Label words as token ids, and scores of labels from scores of their pieces."""

from __future__ import annotations

import math

import pytest
import torch

from tests.conftest import GetBackbone
from tests.tiny import task
from xbench.encoding.label_words import LabelWords, label_words, word_pieces
from xbench.errors import RequestError
from xbench.spec.task import Verbalizer

# Label a has the words (5), (7, 9) of two pieces; label b the word (3).
IDS = torch.tensor([[[5, -1], [7, 9]], [[3, -1], [-1, -1]]])


@pytest.mark.parametrize(
    ("aggregate", "expected"), [("max", 6.0), ("mean", 4.0), ("sum", math.log(math.exp(2) + math.exp(6)))]
)
def test_words_aggregate_and_pieces_average_by_hand(aggregate: str, expected: float) -> None:
    words = LabelWords(("a", "b"), IDS, aggregate)
    assert words.rows.tolist() == [3, 5, 7, 9]
    scores = torch.tensor([[1.5, 2.0, 4.0, 8.0]], dtype=torch.float64)  # of rows 3, 5, 7, 9; (7, 9) averages to 6
    found = words.label_scores(scores, words.rows)
    assert found.tolist() == [[pytest.approx(expected, abs=1e-12), pytest.approx(1.5, abs=1e-12)]]


def verbalizer(pieces: str = "first-piece", **words: str | tuple[str, ...]) -> Verbalizer:
    every = {label: (word,) if isinstance(word, str) else word for label, word in words.items()}
    return Verbalizer(every, "max", pieces, "en")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["xlmr", "unigram", "bert"])
def test_words_are_compared_as_they_stand_after_a_space(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    after_a_word = tokenizer("It good", add_special_tokens=False)["input_ids"]
    alone = tokenizer("It", add_special_tokens=False)["input_ids"]
    assert word_pieces("good", tokenizer) == after_a_word[len(alone) :]
    assert len(word_pieces("good", tokenizer)) == 1


def test_a_word_that_splits_is_an_error_only_where_declared(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    pieces = word_pieces("Xylophonq", tokenizer)
    assert len(pieces) > 1
    with pytest.raises(RequestError, match=r"here: the label word 'Xylophonq' of 'a' splits into \d+ pieces \("):
        label_words(verbalizer("error", a="Xylophonq", b="good"), tokenizer, "here")
    first = label_words(verbalizer("first-piece", a="Xylophonq", b="good"), tokenizer, "here")
    assert first.ids[0, 0].tolist() == pieces[:1]
    mean = label_words(verbalizer("mean", a="Xylophonq", b="good"), tokenizer, "here")
    assert mean.ids[0, 0].tolist() == pieces and mean.ids[1, 0].tolist() == [
        *word_pieces("good", tokenizer),
        *[-1] * (len(pieces) - 1),
    ]


def test_unknown_pieces_and_labels_alike_are_refused(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    with pytest.raises(RequestError, match="the label word '𓀀' of 'a' has a piece unknown to the tokenizer"):
        label_words(verbalizer(a="𓀀", b="good"), tokenizer, "here")
    with pytest.raises(RequestError, match=r"labels 'a' and 'b' \(en\) have label words .*alike"):
        label_words(verbalizer(a=("bad", "good"), b="good"), tokenizer, "here")


def test_shipped_label_words_serve_the_sample_languages(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    for name in ("marc", "marc-binary", "xnli"):
        spec = task(name)
        for language in spec.languages_of("sample"):
            if language in ("bg", "ur"):  # left out of the micro tokenizer's training, on purpose
                continue
            for form in ("cloze", "soft"):
                words = label_words(spec.verbalizer(form, None, language), tokenizer, name)
                assert words.labels == spec.labels

"""Tags: tokens aligned with the pieces of running text, every token predicted once, whatever it is made of."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from tests.conftest import GetBackbone
from tests.tiny_kinds import kind_examples, kind_task
from xbench.answers import list_text
from xbench.data.examples import Examples
from xbench.encoding.formulation import IGNORED, EncodingOptions
from xbench.encoding.rows import Row
from xbench.encoding.tag_lists import Mention, complete, mention_tags, mentions
from xbench.encoding.tags import Tags, sentence_pieces
from xbench.errors import RequestError
from xbench.spec.task import TaskSpec

KINDS = ("xlmr", "unigram", "bert")
POS = kind_task("tagging")
# Zero width, byte order mark, combining accents alone, spaces of several kinds, line ends, text like special tokens.
ODD = (
    *("\u200b", "\ufeff", "\u200d", "\u0301", "\u0301\u0301", "\u00a0", "\u3000", "\r\n", "\n", "\t", " ", ""),
    *("<s>", "</s>", "[SEP]", "<pad>", "<mask>", "a\u0301", "New York", "10\u00a0000", "½", "ﬁ", "이것", "भाषा", "😀"),
    *("𓀀", "..", "don't"),
)
PLAIN = ("The", "book", "is", "good", ".", "unbelievably", "Bücher", "图书馆", "на", "столе", "كتاب")
TOKENS = st.lists(st.one_of(st.sampled_from(PLAIN), st.sampled_from(ODD), st.text(max_size=6)), min_size=1, max_size=20)
PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sentences(task: TaskSpec, *texts: list[str], tags: list[list[str]] | None = None) -> Examples:
    """Examples of these sentences; without tags each token's tag is by its place."""
    labels = task.labels
    tags = tags or [[labels[place % len(labels)] for place in range(len(tokens))] for tokens in texts]
    numbers = tuple(map(str, range(len(texts))))
    fields = {"tokens": tuple(map(list_text, texts))}
    return Examples(task.name, "en", "test", numbers, fields, tuple(map(list_text, tags)))


def tags(tokenizer: PreTrainedTokenizerBase, task: TaskSpec = POS, **options: object) -> Tags:
    return Tags(task, tokenizer, EncodingOptions(**options), "en")  # type: ignore[arg-type]


def listed(row: Row, name: str) -> list[int]:
    values = row.values[name]
    assert not isinstance(values, int)
    return list(values)


@PROPERTY
@given(kind=st.sampled_from(KINDS), tokens=TOKENS)
def test_pieces_are_those_of_running_text(backbone: GetBackbone, kind: str, tokens: list[str]) -> None:
    """Of the tokens joined by spaces, where no token looks like a special one."""
    tokenizer = backbone(kind).tokenizer
    (pieces,) = sentence_pieces([tokens], tokenizer)
    flat = [piece for token in pieces for piece in token]
    assert len(pieces) == len(tokens)
    text = " ".join(tokens)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    known = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    assert not known & set(flat)
    if not set(tokenizer.all_special_ids) & set(ids):
        assert flat == ids


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_belong_to_the_tokens_that_the_tokenizer_itself_says(backbone: GetBackbone, kind: str) -> None:
    """`word_ids` of pre-split input; where splitting it leaves the pieces as those of running text."""
    tokenizer = backbone(kind).tokenizer
    tokens = ["The", "unbelievably", "good", "don't", "xylophone", "10-20", ".", "It", "is", "Xyz", "!"]
    (pieces,) = sentence_pieces([tokens], tokenizer)
    first = len(tokenizer("The", add_special_tokens=False)["input_ids"])
    for number, token in enumerate(tokens[1:], 1):
        alone = tokenizer(f"The {token}", add_special_tokens=False)["input_ids"]
        assert pieces[number] == alone[first:], token
    split = tokenizer(tokens, is_split_into_words=True, add_special_tokens=False)
    if split["input_ids"] == [piece for token in pieces for piece in token]:
        assert split.word_ids() == [number for number, token in enumerate(pieces) for _ in token]
    assert kind == "xlmr" or split["input_ids"] == [piece for token in pieces for piece in token]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_the_first_piece_carries_the_tag_and_the_others_none(backbone: GetBackbone, kind: str, language: str) -> None:
    tokenizer = backbone(kind).tokenizer
    formulation = tags(tokenizer)
    given = kind_examples(POS, language)
    for row in formulation.encode(given).rows:
        tokens, gold = (json.loads(column[row.index]) for column in (given.fields["tokens"], given.gold))
        (pieces,) = sentence_pieces([tokens], tokenizer)
        ids = [piece for token in pieces for piece in token]
        assert listed(row, "input_ids") == [tokenizer.cls_token_id, *ids, tokenizer.sep_token_id]
        numbers, labels = [-1], [IGNORED]
        for number, token in enumerate(pieces):
            numbers += [number] + [-1] * (len(token) - 1) if token else []
            labels += [POS.labels.index(gold[number])] + [IGNORED] * (len(token) - 1) if token else []
        assert listed(row, "token") == [*numbers, -1]
        assert listed(row, "label") == [*labels, IGNORED]
        assert row.count == sum(label != IGNORED for label in labels) == len(tokens)


def one_hot(formulation: Tags, rows: list[Row]) -> torch.Tensor:
    """Scores that are highest for each position's own label."""
    batch = formulation.batch(rows, "en")
    scores = torch.zeros(*batch["label"].shape, len(formulation.task.labels))
    known = batch["label"] != IGNORED
    scores[known, batch["label"][known]] = 1.0
    return scores


@PROPERTY
@given(kind=st.sampled_from(KINDS), texts=st.lists(TOKENS, min_size=1, max_size=4), limit=st.integers(3, 40))
def test_every_token_is_predicted_once_and_gold_scores_give_the_gold_tags(
    backbone: GetBackbone, kind: str, texts: list[list[str]], limit: int
) -> None:
    tokenizer = backbone(kind).tokenizer
    formulation = tags(tokenizer, max_length=limit)
    given = sentences(POS, *texts)
    encoded = formulation.encode(given)
    rows = encoded.rows
    assert [row.index for row in rows] == sorted(row.index for row in rows)
    pieces = sentence_pieces(texts, tokenizer)
    for number, sentence in enumerate(pieces):
        own = [row for row in rows if row.index == number]
        assert all(row.length == len(listed(row, "input_ids")) <= limit for row in own)
        seen = [token for row in own for token in listed(row, "token") if token >= 0]
        assert seen == [token for token, held in enumerate(sentence) if held]
    assert encoded.report.shortened == sum(any(len(token) > limit - 2 for token in each) for each in pieces)
    decoded = formulation.decode(one_hot(formulation, rows), formulation.batch(rows, "en"))
    assert decoded.indices == tuple(range(len(texts))) and decoded.scores == {}
    for number, prediction in enumerate(decoded.predictions):
        gold = json.loads(given.gold[number])
        found = json.loads(prediction or "")
        assert len(found) == len(texts[number]) and set(found) <= set(POS.labels)
        for token, held in enumerate(pieces[number]):
            assert not held or found[token] == gold[token]


@pytest.mark.parametrize("kind", ["unigram", "bert"])
def test_tokens_without_a_piece_are_predicted_by_rule(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    gone = "\u200b" if kind == "bert" else ""
    tokens = ["the", gone, "book", "book", gone]
    (pieces,) = sentence_pieces([tokens], tokenizer)
    assert [bool(held) for held in pieces] == [True, False, True, True, False]
    entities = kind_task("entities")
    for task, gold, expected in (
        (POS, ["DET", "VERB", "NOUN", "NOUN", "VERB"], ["DET", "NOUN", "NOUN", "NOUN", "NOUN"]),
        (entities, ["B-LOC", "B-LOC", "B-PER", "I-PER", "B-LOC"], ["B-LOC", "O", "B-PER", "I-PER", "O"]),
    ):
        formulation = tags(tokenizer, task)
        given = sentences(task, tokens, tags=[gold])
        (row,) = formulation.encode(given).rows
        assert row.count == 3
        (prediction,) = formulation.decode(one_hot(formulation, [row]), formulation.batch([row], "en")).predictions
        assert json.loads(prediction or "") == expected


def test_a_sentence_of_nothing_still_has_its_tags(backbone: GetBackbone) -> None:
    formulation = tags(backbone("bert").tokenizer)
    encoded = formulation.encode(sentences(POS, ["\u200b", "\ufeff"], ["book"]))
    assert encoded.report.empty_fields == 1 and len(encoded.rows) == 2
    decoded = formulation.decode(one_hot(formulation, encoded.rows), formulation.batch(encoded.rows, "en"))
    assert decoded.predictions == [list_text(["DET", "DET"]), list_text(["DET"])]


def test_examples_without_gold_can_be_predicted(backbone: GetBackbone) -> None:
    formulation = tags(backbone("xlmr").tokenizer)
    given = sentences(POS, ["The", "book"])
    (row,) = formulation.encode(Examples(**{**vars(given), "gold": ("",)})).rows
    assert set(listed(row, "label")) == {IGNORED} and max(listed(row, "token")) == 1


def test_a_limit_that_leaves_no_room_is_refused(backbone: GetBackbone) -> None:
    with pytest.raises(RequestError, match="task 'tagging': max_length 10 leaves no room for a token"):
        tags(backbone("xlmr").tokenizer, max_length=10, reserved=8).encode(sentences(POS, ["a"]))


# --- lists of tags ---

NER = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


@given(st.lists(st.sampled_from(NER), max_size=12))
def test_mentions_and_tags_are_two_forms_of_one(tags: list[str]) -> None:
    found = mentions(tags)
    assert all(one.end <= other.start for one, other in pairwise(found))
    written = mention_tags(found, len(tags))
    assert mentions(written) == found
    # Only orphan I- tags are written in another way.
    assert [tag[1:] for tag in written] == [tag[1:] for tag in tags]
    for place, (one, other) in enumerate(zip(written, tags, strict=True)):
        orphan = other.startswith("I-") and (place == 0 or tags[place - 1][2:] != other[2:])
        assert one == (f"B-{other[2:]}" if orphan else other)


def test_mentions_by_hand() -> None:
    assert mentions(["B-PER", "I-PER", "O", "I-LOC", "B-LOC", "I-PER"]) == [
        Mention(0, 2, "PER"), Mention(3, 4, "LOC"), Mention(4, 5, "LOC"), Mention(5, 6, "PER"),
    ]  # fmt: skip


def test_missing_tags_are_outside_or_the_most_frequent() -> None:
    assert complete([None, "B-PER", "B-PER"], NER) == ["O", "B-PER", "B-PER"]
    assert complete(["b", None, "c", "b", None], "abc") == ["b", "b", "c", "b", "b"]
    assert complete(["c", None, "b"], "abc") == ["c", "b", "b"]
    assert complete([None], "abc") == ["a"]

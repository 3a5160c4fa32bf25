"""PolyPrompt's attributes (section 5.2.1), against values worked out by hand and against sacrebleu."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import numpy
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from xbench.diagnosis.attributes.basic_words import frequent_words
from xbench.diagnosis.attributes.bleu import sentence_bleu
from xbench.diagnosis.attributes.frame import attribute_frame
from xbench.diagnosis.attributes.inputs import Unavailable
from xbench.diagnosis.attributes.tokenizer_files import subword_counter, tokenizer_file
from xbench.errors import DataError, RequestError

PAIRS = pandas.DataFrame(
    {
        "id": ["a", "b", "c"],
        "premise": ["The cat sat, on the mat.", "A dog", "…"],
        "hypothesis": ["The cat sat", "", "Nothing is here"],
        "gold": ["x", "y", "x"],
    }
)
PAIR_FIELDS = ["premise", "hypothesis"]
WORDS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=14)


def pairs(names: list[str]) -> pandas.DataFrame:
    """Attributes of the pairs."""
    return attribute_frame("classification", PAIRS, "en", names, fields=PAIR_FIELDS)


def test_lengths_count_words_and_not_punctuation() -> None:
    frame = pairs(["t1Len", "t2Len", "t1Len/t2Len"])
    assert frame["t1Len"].tolist() == [6, 2, 0]
    assert frame["t2Len"].tolist() == [3, 0, 3]
    assert frame["t1Len/t2Len"].tolist()[::2] == [2, 0] and math.isnan(frame["t1Len/t2Len"][1])


def test_bleu_of_a_pair_by_hand() -> None:
    values = pairs(["BLUE_t1t2"])["BLUE_t1t2"]
    # The hypothesis' three words are a beginning of the premise's six: only brevity counts, exp(1 - 6/3).
    assert values[0] == pytest.approx(math.exp(-1))
    assert numpy.isnan(values[1]) and numpy.isnan(values[2])  # one side has no word


@given(WORDS, WORDS)
@settings(max_examples=300, deadline=None)
def test_bleu_is_that_of_sacrebleu(hypothesis: list[str], reference: list[str]) -> None:
    from sacrebleu import sentence_bleu as expected

    score = expected(" ".join(hypothesis), [" ".join(reference)], tokenize="none").score
    assert sentence_bleu(hypothesis, reference) == pytest.approx(score / 100, abs=1e-12)


def test_bleu_of_nothing_is_zero() -> None:
    assert sentence_bleu([], ["a"]) == sentence_bleu(["a"], []) == sentence_bleu(["a"], ["b"]) == 0


def test_attributes_of_questions() -> None:
    context = "Marie Curie was born in Warsaw in 1867."
    golds = [
        "Warsaw",
        json.dumps(["in 1867", "1867"]),
        json.dumps({"text": ["Marie Curie"], "answer_start": [0]}),
        "[]",
    ]
    examples = pandas.DataFrame({"question": ["Where?"] * 4, "context": [context] * 4, "gold": golds})
    frame = attribute_frame("extractive-qa", examples, "en", fields=["question", "context"])
    assert frame["cLen"].tolist() == [8] * 4
    assert frame["qLen"].tolist() == [1] * 4
    assert frame["aLen"].tolist()[:3] == [1, 2, 2] and math.isnan(frame["aLen"][3])
    # The answer is the reference: of the context's 8 words 2 are in it, 1 of its 7 bigrams, none of the longer ones.
    expected = (2 / 8 * 1 / 7 * (1 / 2) / 6 * (1 / 4) / 5) ** 0.25
    assert frame["BLUE_AC"][2] == pytest.approx(expected)
    assert frame["BLUE_AC"][0] < frame["BLUE_AC"][2] and math.isnan(frame["BLUE_AC"][3])


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("[sic] said he", 3), (["two words"], 2), (numpy.array(["one"]), 1), ({"text": []}, math.nan), ("", math.nan)],
)
def test_forms_of_an_answer(gold: object, answer: float) -> None:
    examples = pandas.DataFrame({"question": ["q"], "context": ["c"], "gold": [gold]})
    frame = attribute_frame("extractive-qa", examples, "en", ["aLen"], fields=["question", "context"])
    assert frame["aLen"].tolist() == pytest.approx([answer], nan_ok=True)


def test_questions_need_fields_of_these_names() -> None:
    examples = pandas.DataFrame({"q": ["Where?"], "passage": ["Here."], "gold": ["Here"]})
    frame = attribute_frame("extractive-qa", examples, "en", ["cLen", "aLen"], fields=["q", "passage"])
    assert list(frame.columns) == ["aLen"]
    assert "no field named 'context'" in frame.attrs["notes"]["cLen"]


def single(text: str, language: str, **supplies: object) -> pandas.DataFrame:
    """t1basic and t1eNum of one text."""
    examples = pandas.DataFrame({"text": [text, "…"], "gold": ["x", "y"]})
    names = ["t1basic", "t1eNum"]
    return attribute_frame("classification", examples, language, names, fields=["text"], **supplies)  # type: ignore[arg-type]


def test_basic_words_of_a_users_list(tmp_path: Path) -> None:
    path = tmp_path / "basic.txt"
    path.write_text("\ufeffThe\ncat\n\n sat \n", encoding="utf-8")
    frame = single("The Cat sat quietly.", "en", basic_words=path)
    assert frame["t1basic"].tolist() == pytest.approx([0.75, math.nan], nan_ok=True)
    assert frame.attrs["notes"]["t1basic"] == "basic words are the 3 words of basic.txt"


@pytest.mark.parametrize("content", [None, "\n\n"])
def test_a_list_of_basic_words_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "basic.txt"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="the list of basic words"):
        single("The cat", "en", basic_words=path)


@pytest.mark.parametrize(
    ("language", "text", "share"),
    [
        ("en", "The house is Zyxoqua", 0.75),
        ("fr", "L'homme Zyxoqua", 2 / 3),  # l' and homme
        ("zh", "我们 說 蹴鞠", 0.5),  # 說 is looked up as 说; the last one is divided in two
        ("ja", "私は本を", 1.0),
        ("de", "Straße und GROẞ", 1.0),
    ],
)
def test_the_most_frequent_words_stand_in_and_are_named_so(language: str, text: str, share: float) -> None:
    frame = single(text, language)
    assert frame["t1basic"][0] == pytest.approx(share)
    note = frame.attrs["notes"]["t1basic"]
    assert "substitute" in note and "wordfreq" in note and "1,000" in note
    assert len(frequent_words(language)) == 1000


@pytest.mark.parametrize("language", ["sw", "aym", "quy", "gsw"])
def test_a_language_without_a_list_has_no_basic_words(language: str) -> None:
    frame = single("maneno", language)
    assert frame["t1basic"].isna().all()  # not those of a related language
    assert "no list of words" in frame.attrs["notes"]["t1basic"]
    with pytest.raises(Unavailable):
        frequent_words(language)


def test_entities_are_counted_where_a_tagger_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_tagger_one.py").write_text(
        "def tag(texts, language):\n"
        "    assert language == 'en'\n"
        "    return [[(0, 5), (0, 11), (20, 26)] if text.startswith('Marie') else [] for text in texts]\n"
    )
    monkeypatch.chdir(tmp_path)
    frame = single("Marie Curie born in Warsaw", "en", entity_tagger="my_tagger_one:tag")
    assert frame["t1eNum"].tolist() == pytest.approx([3 / 5, math.nan], nan_ok=True)  # overlapping spans count once


def test_without_a_tagger_there_is_no_entity_share() -> None:
    frame = single("Marie Curie", "en")
    assert "t1eNum" not in frame
    assert "no entity tagger" in frame.attrs["notes"]["t1eNum"]


def test_a_tagger_that_does_not_exist() -> None:
    with pytest.raises(RequestError, match="entity tagger 'nowhere:tag' cannot be imported"):
        single("x", "en", entity_tagger="nowhere:tag")


def test_fertility_counts_the_backbones_pieces() -> None:
    from tokenizers import Tokenizer

    from xbench.micro import path

    text = "Der Arzt öffnet die Tür, Zyxoqua."
    frame = attribute_frame(
        "classification",
        pandas.DataFrame({"text": [text, ""], "gold": ["x", "y"]}),
        "de",
        ["fertility"],
        fields=["text"],
        tokenizer="micro-xlmr",
    )
    tokenizer = Tokenizer.from_file(str(path("micro-xlmr") / "tokenizer.json"))
    pieces = tokenizer.encode(text, add_special_tokens=False).tokens
    assert frame["fertility"].tolist() == pytest.approx([len(pieces) / 8, math.nan], nan_ok=True)
    assert len(pieces) > 8  # the name is divided


def test_fertility_is_over_all_fields_and_lists_of_tokens() -> None:
    both = attribute_frame("classification", PAIRS, "en", ["fertility"], fields=PAIR_FIELDS, tokenizer="micro-mt5")
    assert both["fertility"].notna().all()
    tagged = pandas.DataFrame({"tokens": [["die", "Tür"]], "gold": [["O", "O"]]})
    frame = attribute_frame("tagging", tagged, "de", ["fertility"], fields=["tokens"], tokenizer="micro-xlmr")
    assert frame["fertility"].tolist() == [1.0]  # both are words of the embedded vocabulary


def test_fertility_by_files_of_sentencepiece_and_of_the_hubs_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentencepiece import SentencePieceTrainer

    snapshot = tmp_path / "models--someone--t5" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("abc")
    model = io.BytesIO()
    texts = iter(["abab ab", "ba ab", "abba"] * 5)
    SentencePieceTrainer.train(
        sentence_iterator=texts, model_writer=model, vocab_size=6, model_type="char", minloglevel=2
    )
    (snapshot / "spiece.model").write_bytes(model.getvalue())
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    examples = pandas.DataFrame({"text": ["ab abba"], "gold": ["x"]})
    for name in ("someone/t5", str(snapshot)):
        frame = attribute_frame("classification", examples, "en", ["fertility"], fields=["text"], tokenizer=name)
        assert frame["fertility"].tolist() == [8 / 2]  # a mark of its beginning and its letters, for each word


ODD = [
    "x ´ y",
    "´x y´",
    "l´a",
    "a  b",
    " a",
    "a\xa0b",
    "a \xa0b",
    "a\tb",
    "a\u3000b",
    "<mask> a <s>b",
    "ไทย ok",
    "",
    " ",
]


@pytest.mark.parametrize("name", ["micro-xlmr", "micro-mt5"])
def test_subwords_are_those_of_the_whole_text(name: str) -> None:
    file = tokenizer_file(name)
    assert file is not None
    whole = Tokenizer.from_file(str(file))
    texts = [*ODD, *(f"{a} {b}" for a in ODD for b in ODD), "The book is good.", "Das Buch ist gut. 这本书很好。"]
    expected = [len(found) for found in whole.encode_batch(texts, add_special_tokens=False)]
    count = subword_counter(file)
    assert count(texts) == expected
    assert count(texts[::-1]) == expected[::-1]  # known words count as fresh ones


def test_subwords_that_cross_spaces_are_those_of_the_whole_text(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0), ("▁", -1.0), ("▁a", -1.5), ("▁a▁a", -1.6)], 0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert subword_counter(tmp_path / "tokenizer.json")(["a a", "a a a a", "a"]) == [1, 2, 1]


def test_a_tokenizer_that_is_not_here_gives_nothing_and_says_so() -> None:
    for name in ("nobody/no-such-model", "/no/such/folder"):
        frame = attribute_frame("classification", PAIRS, "en", ["fertility"], fields=PAIR_FIELDS, tokenizer=name)
        assert frame["fertility"].isna().all()
        assert name in frame.attrs["notes"]["fertility"]
    frame = attribute_frame("classification", PAIRS, "en", ["fertility"], fields=PAIR_FIELDS)
    assert list(frame.columns) == [] and len(frame) == 3


def test_languages_without_spaces_do_not_have_length_one() -> None:
    texts = {"zh": "我们每天使用这支笔", "ja": "私は本を読みます", "th": "สุนัขกำลังนอนหลับอยู่บนเตียง"}
    for language, text in texts.items():
        examples = pandas.DataFrame({"text": [text], "gold": ["x"]})
        frame = attribute_frame("classification", examples, language, ["t1Len"], fields=["text"])
        assert frame["t1Len"][0] >= 5
        assert frame.attrs["word_unit"] == ("morpheme" if language == "ja" else "word")

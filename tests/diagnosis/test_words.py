"""Words in languages with and without spaces."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xbench.diagnosis.attributes.words import _ELISION, WORD_UNITS, by_pattern, is_word, tokens, word_unit, words

TEXTS = [
    ("en", "Don't pay 1,000.50 for it - the 2nd is x2 better!", "Don't pay 1,000.50 for it the 2nd is x2 better"),
    (
        "fr",
        "L'homme n'a qu'un ami d’hier aujourd'hui, lorsqu'il vient.",
        "L' homme n' a qu' un ami d’ hier aujourd'hui lorsqu' il vient",
    ),
    ("it", "Un'altra dell'acqua", "Un' altra dell' acqua"),
    ("sw", "ng'ombe wangu", "ng'ombe wangu"),
    ("quy", "p'acha", "p'acha"),
    ("de", "Straßenbahn, groß", "Straßenbahn groß"),
    ("hi", "हिन्दी में लिखना, कि", "हिन्दी में लिखना कि"),
    ("ar", "عِلْمٌ نافع، ١٢", "عِلْمٌ نافع ١٢"),
    ("ru", "Не так-то просто…", "Не так то просто"),
    ("zh", "我们每天使用这支笔。说明书不好。", "我们 每天 使用 这支 笔 说明书 不好"),
    ("zh-Hant", "我們每天使用說明書", "我們 每天 使用 說明書"),
    ("ja", "私は本を読みます。", "私 は 本 を 読み ます"),
    ("ko", "나는 학교에 갔다.", "나 는 학교 에 갔 다"),
    ("th", "สุนัขนอนหลับอยู่บนเตียง ๑,๐๐๐ ครั้ง", "สุนัข นอน หลับ อยู่ บน เตียง ๑,๐๐๐ ครั้ง"),
    ("lo", "ຂ້ອຍຮັກພາສາ", "ຂ້ອຍ ຮັກ ພາສາ"),
    ("km", "ខ្ញុំស្រឡាញ់ភាសា", "ខ្ញុំ ស្រឡាញ់ ភាសា"),
    ("my", "မြန်မာစာကိုချစ်တယ်", "မြန်မာ စာ ကို ချစ် တယ်"),
    ("nod", "ง่าย มาก", "ง่ า ย ม า ก"),  # no dictionary: a letter with the mark above it is one cluster
    ("bo", "བོད་སྐད།", "བོད སྐད"),
    ("vi", "có thể", "có thể"),
]


@pytest.mark.parametrize(("language", "text", "expected"), TEXTS, ids=[language for language, _, _ in TEXTS])
def test_words_by_hand(language: str, text: str, expected: str) -> None:
    assert words(text, language) == expected.split()


PARTS = st.sampled_from(
    [
        *"aéw1_.,'’-\u0308ไอ可 \t\xa0\u3000\x1c",
        "  ",
        "1,000",
        "don't",
        "l'eau",
        "qu'il",
        "ภาษา",
        "ok",
        "x2",
        "dell'acqua",
    ]
)


@given(st.lists(PARTS, max_size=12).map("".join), st.sampled_from(["en", "fr", "it", "nod"]))
def test_what_stands_between_spaces_is_divided_as_in_the_whole_text(text: str, language: str) -> None:
    assert tokens(text, language) == by_pattern(_ELISION.get(language, ""))(text)


@pytest.mark.parametrize("language", ["nod", "shn"])
def test_text_without_spaces_and_dictionary_is_longer_than_one(language: str) -> None:
    texts = {"nod": "ภาษาไทยง่าย", "shn": "မြန်မာဘာသာ"}
    assert word_unit(language) == "grapheme cluster"
    found = words(texts[language], language)
    assert 4 <= len(found) < len(texts[language])  # fewer than code points: marks stay with their letters
    assert "".join(found) == texts[language]


@given(st.lists(PARTS, max_size=12).map("".join), st.sampled_from(["th", "lo", "km", "my"]))
def test_a_dictionary_loses_nothing_and_leaves_other_scripts_alone(text: str, language: str) -> None:
    joined = "".join(tokens(text, language))
    assert [c for c in joined if not c.isspace()] == [c for c in text if not c.isspace()]
    if language != "th":
        assert tokens(text, language) == by_pattern("")(text)  # no text above is in their scripts


def test_a_foreign_script_in_a_text_is_divided_too() -> None:
    assert words("the word 可爱 means cute", "en") == ["the", "word", "可", "爱", "means", "cute"]
    assert words("ok ไทย", "en") == ["ok", "ไ", "ท", "ย"]
    assert words("ok ไทย 我", "th") == ["ok", "ไทย", "我"]
    assert "OK" in words("我们 OK 笔", "zh")


@pytest.mark.parametrize("language", ["en", "zh", "ja", "ko", "th", "aym", "zh-Hant"])
def test_nothing_gives_no_word(language: str) -> None:
    for text in ("", " \n\t", "… !? 。"):
        assert words(text, language) == []


def test_what_counts_instead_of_words_is_said() -> None:
    assert [word_unit(code) for code in ("de", "zh", "ja", "th-TH", "vi")] == [
        *("word", "word", "morpheme", "word", "syllable"),
    ]
    assert set(WORD_UNITS.values()) == {"morpheme", "grapheme cluster", "syllable"}


@given(st.text(max_size=40), st.sampled_from(["en", "th", "tr", "hi"]))
def test_letters_and_digits_are_neither_lost_nor_repeated(text: str, language: str) -> None:
    joined = "".join(words(text, language))
    assert [c for c in joined if c.isalnum()] == [c for c in text if c.isalnum()]
    assert all(is_word(word) for word in words(text, language))
    assert [token for token in tokens(text, language) if is_word(token)] == words(text, language)


def test_dictionaries_are_read_without_a_word() -> None:
    script = "from xbench.diagnosis.attributes.words import words; words('我们每天', 'zh'), words('本を', 'ja')"
    done = subprocess.run([sys.executable, "-W", "default", "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")

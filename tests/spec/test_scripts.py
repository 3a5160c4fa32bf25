"""Words of mixed script, which look right and are no word of any language."""

import pytest

from xbench.spec.scripts import mixed_script


@pytest.mark.parametrize(
    "word",
    [
        *("good", "großartig", "ужасно", "ναι", "ひどい", "悪い", "良い", "サービス", "ー", "فظيع", "ٹھیک", "हाँ"),
        *("ใช่", "có thể", "yes 是", "1", "5★", "", "l'avis", "ñandú"),
    ],
)
def test_words_of_one_script(word: str) -> None:
    assert mixed_script(word) is None


@pytest.mark.parametrize(
    ("word", "letter"),
    [("Nαι", "U+004E"), ("ναi", "U+0069"), ("cлово", "U+0063"), ("да ok нeт", "U+0065"), ("是no", "U+006E")],
)
def test_words_of_two_scripts(word: str, letter: str) -> None:
    found = mixed_script(word)
    assert found is not None
    assert letter in found

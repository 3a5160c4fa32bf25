"""Words of a text in any language, also where no spaces stand between them.

What is counted depends on the language: see `WORD_UNITS` and `word_unit`. Chinese is divided by jieba, Japanese and
Korean by MeCab, both with the dictionaries that wordfreq uses, so that words can be looked up in its lists; Thai, Lao,
Khmer and Burmese by ICU's dictionaries. Everything else is divided by one rule: letters, digits and marks that stand
together are a word, and a letter of a script that is written without spaces counts for itself.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from functools import cache
from typing import Literal

WordUnit = Literal["word", "morpheme", "syllable", "grapheme cluster"]

VERSION = 3
"""Raised when the same text is divided otherwise, so that cached attributes are computed again."""

CHINESE = frozenset({"zh", "cmn", "yue", "wuu", "gan", "hsn", "lzh"})
MORPHEMES = {"ja": "ja", "ko": "ko"}
DICTIONARIES = {"th": "Thai", "lo": "Lao", "km": "Khmer", "my": "Myanmar"}
"""Languages whose own script, written without spaces, ICU divides by a dictionary."""
WORD_UNITS: dict[str, WordUnit] = {
    **dict.fromkeys(MORPHEMES, "morpheme"),
    **dict.fromkeys(("nod", "shn", "mnw", "ksw", "khb", "tdd"), "grapheme cluster"),
    **dict.fromkeys(("bo", "dz", "vi"), "syllable"),
}
"""What stands for a word in languages where it is not the word of a dictionary or between spaces."""

# Scripts written without spaces: without a dictionary, a letter with its marks (a grapheme cluster) is the smallest
# thing we know of them.
_NO_SPACES = "".join(
    rf"\p{{Script={script}}}"
    for script in (
        "Thai",
        "Lao",
        "Khmer",
        "Myanmar",
        "Tai_Tham",
        "Tai_Le",
        "New_Tai_Lue",
        "Han",
        "Hiragana",
        "Katakana",
    )
)
# To Unicode some vowels of Burmese that stand beside their consonant are clusters of their own; here they are marks.
_CLUSTER = rf"(?=[{_NO_SPACES}])\X\p{{M}}*"
_LETTERS = rf"[\w--[{_NO_SPACES}]]+"
# Where an apostrophe before a vowel ends a word. Elsewhere it is a letter or stands within one: ng'ombe, p'acha, don't.
_FRENCH, _ITALIAN = r"\b(?:\w{1,2}|\w*qu)", r"\b\w+"  # l'homme, lorsqu'il, but aujourd'hui; dell'acqua, un'altra
_ELISION = {
    **dict.fromkeys(("fr", "ca", "oc", "wa", "frp"), _FRENCH),
    **dict.fromkeys(("it", "scn", "lmo", "pms", "vec", "lij", "fur", "co", "nap"), _ITALIAN),
}
_VOWELS = "aehiouyAEHIOUYáéíóúàèìòùâêîôûåïöœÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÅÏÖŒ"
MOST_KNOWN = 200_000
_NUMBER = r"\d+(?:[.,]\d+)+"
_MARK = r"[^\w\s]"


def words(text: str, language: str) -> list[str]:
    """The words of a text, in order, as they are written; what holds no letter and no digit is no word.

    `language` is a BCP-47 tag. Text of another script is divided as that script needs without a dictionary.
    """
    return [token for token in tokens(text, language) if is_word(token)]


def tokens(text: str, language: str) -> list[str]:
    """The words of a text and each punctuation mark or symbol between them."""
    return tokenizer(language)(text)


def is_word(token: str) -> bool:
    """Whether a token holds a letter or a digit."""
    return token.isalnum() or any(map(str.isalnum, token))


def word_unit(language: str) -> WordUnit:
    """What `words` counts in a language."""
    return WORD_UNITS.get(primary(language), "word")


def primary(language: str) -> str:
    """The language of a BCP-47 tag without script and region."""
    return language.partition("-")[0].lower()


@cache
def tokenizer(language: str) -> Callable[[str], list[str]]:
    """The function that divides texts of a language into words and punctuation."""
    code = primary(language)
    if code in CHINESE:
        return _chinese()
    if code in MORPHEMES:
        return _morphemes(MORPHEMES[code])
    if code in DICTIONARIES:
        return _dictionary(code)
    return _pattern(_ELISION.get(code, ""))


class _Known(dict[str, list[str]]):
    """What stands between spaces, divided once: words repeat, and no token reaches over a space."""

    def __init__(self, divide: Callable[[str], list[str]]) -> None:
        super().__init__()
        self.divide = divide

    def __missing__(self, part: str) -> list[str]:
        if len(self) > MOST_KNOWN:
            self.clear()
        found = self[part] = self.divide(part)
        return found


def _by_spaces(divide: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    known = _Known(divide)
    return lambda text: [token for part in text.split(" ") for token in known[part]]


@cache
def _pattern(elided: str) -> Callable[[str], list[str]]:
    return _by_spaces(by_pattern(elided))


@cache
def _dictionary(code: str) -> Callable[[str], list[str]]:
    import regex
    from icu4py.breakers import WordBreaker

    script = rf"\p{{Script={DICTIONARIES[code]}}}"
    digit = rf"[{script}&&\p{{Nd}}]"
    own = regex.compile(rf"((?:{script}\p{{M}}*|(?<={digit})[.,](?={digit}))+)", regex.V1)
    others = by_pattern("")

    def divide(text: str) -> list[str]:
        parts = own.split(text)  # every second one is in the script
        return [
            token
            for place, part in enumerate(parts)
            for token in (WordBreaker(part, code) if place % 2 else others(part))
        ]

    return _by_spaces(divide)


def by_pattern(elided: str) -> Callable[[str], list[str]]:
    """The function that divides a whole text; `elided` is what an apostrophe before a vowel ends, a pattern."""
    import regex

    def compiled(*parts: str) -> Callable[[str], list[str]]:
        find: Callable[[str], list[str]] = regex.compile("|".join(parts), regex.V1).findall
        return find

    # Most texts hold no apostrophe and no letter of such a script; their pattern is several times faster.
    without_spaces = regex.compile(f"[{_NO_SPACES}]", regex.V1).search
    plain = compiled(_NUMBER, r"\w+", _MARK)
    elision = (rf"{elided}['’](?=[{_VOWELS}])",) if elided else ()
    apostrophes = compiled(_NUMBER, *elision, r"\w+(?:['’]\w+)*", _MARK)
    mixed = compiled(_CLUSTER, _NUMBER, *elision, rf"{_LETTERS}(?:['’]{_LETTERS})*", _MARK)

    def divide(text: str) -> list[str]:
        if not text.isascii() and without_spaces(text):
            return mixed(text)
        return apostrophes(text) if "'" in text or "’" in text else plain(text)

    return divide


@cache
def _chinese() -> Callable[[str], list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's source has escapes that Python warns of
        import jieba
        from wordfreq.chinese import jieba_tokenize
    jieba.default_logger.setLevel(logging.CRITICAL)  # tells on stderr that it reads its dictionary

    def divide(text: str) -> list[str]:
        return [token for token in jieba_tokenize(text) if not token.isspace()]

    return divide


@cache
def _morphemes(code: str) -> Callable[[str], list[str]]:
    from wordfreq.mecab import mecab_tokenize

    def divide(text: str) -> list[str]:
        return [token for token in mecab_tokenize(text, code) if token and not token.isspace()]

    return divide

"""Texts as words, also where they are written without spaces."""

from __future__ import annotations

import unicodedata

import regex

# Scripts written without spaces between words, and the mark that lengthens a kana. A character comes with the marks
# that combine with it.
_SCRIPTS = "".join(rf"\p{{{name}}}" for name in ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"))
_ALONE = rf"[{_SCRIPTS}ー]\p{{M}}*"
_JOINERS = "\u200c\u200d"  # within words of Persian and of Indian languages
_SPACELESS = regex.compile(f"({_ALONE})")
_WORD = regex.compile(rf"{_ALONE}|[[\p{{L}}\p{{M}}\p{{N}}{_JOINERS}]--[{_SCRIPTS}ー]]+", regex.V1)


def spaced(text: str) -> str:
    """The text with spaces around every character of a script that is written without them."""
    return _SPACELESS.sub(r" \1 ", text)


def words(text: str) -> list[str]:
    """The words of a text, in small letters (NFKC): runs of letters, marks and digits; single characters in scripts
    that are written without spaces."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())

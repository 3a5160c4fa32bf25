"""Which script the letters of a word belong to."""

from __future__ import annotations

import unicodedata

# Names of Unicode letters begin with their script. Chinese and the kana are written in one word, as Japanese does.
_TOGETHER = {"CJK": "Han and kana", "HIRAGANA": "Han and kana", "KATAKANA": "Han and kana",
             "KATAKANA-HIRAGANA": "Han and kana", "IDEOGRAPHIC": "Han and kana"}  # fmt: skip


def scripts_of(word: str) -> dict[str, str]:
    """Script name -> its first letter in the word. Marks, digits and punctuation belong to no script."""
    found: dict[str, str] = {}
    for letter in word:
        if unicodedata.category(letter) in ("Lu", "Ll", "Lt", "Lo"):
            first = unicodedata.name(letter, "UNKNOWN").split()[0]
            found.setdefault(_TOGETHER.get(first, first.capitalize()), letter)
    return found


def mixed_script(text: str) -> str | None:
    """A sentence about the first word that mixes scripts (a Latin N in a Greek word), or None."""
    for word in text.split():
        found = scripts_of(word)
        if len(found) > 1:
            letters = ", ".join(f"'{letter}' (U+{ord(letter):04X}) is {script}" for script, letter in found.items())
            return f"the word '{word}' mixes scripts: {letters}"
    return None

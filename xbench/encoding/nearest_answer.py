"""The nearest of a few answers to a generated text, as the released code of Fu et al. 2022 reads it.

Every text is read as some answer: one that is like none as the answer that the template names first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping


def nearest_answer(text: str, answers: Mapping[str, str], template: str) -> str:
    """The label whose answer is most like a text; of answers equally near the one that the template has first."""
    named = sorted(answers, key=lambda label: _place(answers[label], template))
    return max(named, key=lambda label: similarity(answers[label], text))


def similarity(answer: str, text: str) -> float:
    """3 for equal texts, case, articles and CJK punctuation aside; 2 where all punctuation differs as well; otherwise
    the share of words in common, of the longer text's."""
    first, second = _normal(answer), _normal(text)
    if first == second:
        return 3.0
    first, second = _without_punctuation(first), _without_punctuation(second)
    if first == second:
        return 2.0
    words = first.split(), second.split()
    return len(set(words[0]) & set(words[1])) / max(*map(len, words), 1)


def _normal(text: str) -> str:
    kept = "".join(letter for letter in text.lower() if letter.isascii() or not _is_punctuation(letter))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", kept).split())


def _without_punctuation(text: str) -> str:
    return "".join(letter for letter in text if not _is_punctuation(letter))


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P")


def _place(answer: str, template: str) -> int:
    """Where a template names an answer as a word of its own; behind its end where it does not."""
    found = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", template)
    return found.start() if found else len(template)

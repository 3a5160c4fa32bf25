"""The share of basic words (PolyPrompt, section 5.2.1: t1basic).

The paper counts words of a list of 1,000 basic English words in every language. Here the list is the user's own, or, as
a substitute for it, the 1,000 most frequent words of the example's language by wordfreq.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy

from xbench.diagnosis.attributes.inputs import Inputs, Unavailable
from xbench.diagnosis.attributes.lengths import SOURCE, TEXT_KINDS
from xbench.diagnosis.attributes.registry import attribute
from xbench.diagnosis.attributes.words import primary
from xbench.errors import DataError

COUNT = 1000


@attribute(
    "t1basic", TEXT_KINDS, "share of basic words among the words of the first text", SOURCE, needs=("basic_words",)
)
def basic_share(inputs: Inputs) -> numpy.ndarray:
    """Basic words by words of the first field, in [0, 1]; NaN where it has no word."""
    path, language = inputs.supplies.basic_words, inputs.language
    if path is None:
        known = inputs.supplies.once(f"frequent words {language}", lambda: frequent_words(language))
        form = lookup_form(language)
        inputs.note(
            "t1basic",
            f"basic words are the {COUNT:,} most frequent words of the language by wordfreq, a substitute for the "
            "paper's list of 1,000 English words",
        )
    else:
        known = inputs.supplies.once(f"basic words {path}", lambda: read_words(path))
        form = str.casefold
        inputs.note("t1basic", f"basic words are the {len(known):,} words of {path.name}")
    basic: dict[str, bool] = inputs.supplies.once(f"basic {language}", dict)
    shares = numpy.full(len(inputs), numpy.nan)
    for row, words in enumerate(inputs.words(inputs.text(1))):
        count = 0
        for word in words:
            if (is_basic := basic.get(word)) is None:
                is_basic = basic[word] = form(word) in known
            count += is_basic
        if words:
            shares[row] = count / len(words)
    return shares


def read_words(path: Path) -> frozenset[str]:
    """The words of a file, one a line, without regard to capitals.

    Raises:
        DataError: the file cannot be read, or holds no word.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: the list of basic words cannot be read ({error}).") from error
    words = frozenset(line.strip().casefold() for line in lines if line.strip())
    if not words:
        raise DataError(f"{path}: the list of basic words is empty; expected one word a line.")
    return words


@cache
def frequent_words(language: str) -> frozenset[str]:
    """The 1,000 most frequent words of a language by wordfreq, in the form in which it lists them.

    Raises:
        Unavailable: wordfreq has no list of that language.
    """
    from wordfreq import top_n_list

    name = listed_name(language)
    if name is None:
        raise Unavailable(f"wordfreq has no list of words for '{language}'; give a file of basic words", absent=False)
    return frozenset(top_n_list(name, COUNT))


def listed_name(language: str) -> str | None:
    """What wordfreq calls the list of a language, None where it has none. Lists of mere relatives are not taken."""
    from wordfreq import available_languages

    code = primary(language)
    code = {"no": "nb", "hr": "sh", "bs": "sh", "sr": "sh", "tl": "fil", "cmn": "zh"}.get(code, code)
    return code if code in available_languages() else None


def lookup_form(language: str) -> Callable[[str], str]:
    """What a word is changed to before it is looked up in wordfreq's list: simplified, without vowel points, small."""
    from wordfreq import lossy_tokenize

    name = listed_name(language) or language

    def form(word: str) -> str:
        # The list was made by wordfreq's own rules; where they divide further, the word is not in the list as it is.
        return "".join(lossy_tokenize(word, name))

    return form

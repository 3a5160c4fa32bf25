"""Metrics of tags, one for each token. A prediction that is no list of as many tags is wrong in every token."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from xbench.answers import text_list
from xbench.metrics.metric import Metric, Predictions

KINDS = ("tagging",)
EXPECTED = "a JSON list of tags"


def read_tags(text: str | None, tokens: int) -> list[str] | None:
    """The predicted tags of so many tokens; None where the text holds no list of as many."""
    try:
        tags = text_list(text) if isinstance(text, str) else []
    except ValueError:
        return None
    return tags if len(tags) == tokens and all(isinstance(tag, str) for tag in tags) else None


def chunks(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """The (type, first token, last token) of every chunk, as CoNLL's script and seqeval's default mode read tags.

    The first letter of a tag says its place (B, I, E, S; O is outside), what follows the hyphen is its type. A B or S
    begins a chunk, as does whatever follows a token that is outside or of another type: an I- that continues nothing
    begins an entity, and two entities side by side are two where the second begins with B- or has another type.

    Tags that mark no entities, as parts of speech, are read the same way: their first letter is no place, the others
    are the type, so that a chunk is a run of equal tags. (CCONJ and SCONJ are of one type, S is always one token, and
    a tag of a single letter leaves no chunk at the end of a sentence, as seqeval 1.2 has it.)
    """
    found = set()
    before, type_before, start = "O", "", 0
    for place, tag in enumerate((*tags, "O")):
        letter, kind = _parts(tag)
        changed = kind != type_before
        if before in "ES" or (before in "BI" and letter in "BSO") or (before not in "O." and changed):
            found.add((type_before, start, place - 1))
        if letter in "BS" or (before in "ESO" and letter in "EI") or (letter not in "O." and changed):
            start = place
        before, type_before = letter, kind
    return found


def _parts(tag: str) -> tuple[str, str]:
    """The first letter of a tag, and its type: what follows the hyphen, or the letter."""
    rest, hyphen, kind = tag[1:].partition("-")
    return tag[:1] or "O", (kind if hyphen else rest) or "_"


def _tagged(given: Predictions) -> list[tuple[list[str], list[str] | None]]:
    gold = given.read_gold(text_list, EXPECTED)
    return [(tags, read_tags(text, len(tags))) for tags, text in zip(gold, given.prediction, strict=True)]


def _tokens(given: Predictions) -> numpy.ndarray:
    """Tokens whose tag is right, and tokens [examples, 2]."""
    counts = [
        (sum(one == other for one, other in zip(gold, found or (), strict=bool(found))), len(gold))
        for gold, found in _tagged(given)
    ]
    return numpy.array(counts)


def _chunks(given: Predictions) -> numpy.ndarray:
    """Twice the chunks that are in both, and the chunks of gold and prediction [examples, 2]."""
    pairs = [(chunks(gold), chunks(found or ())) for gold, found in _tagged(given)]
    return numpy.array([(2 * len(gold & found), len(gold) + len(found)) for gold, found in pairs])


token_accuracy = Metric("token_accuracy", KINDS, "The share of tokens whose tag is the gold one.", _tokens)

span_f1 = Metric(
    "span_f1",
    KINDS,
    "F1 of entities, which count as found where type, first and last token are right (seqeval's default mode: an I- "
    "that continues nothing begins an entity). Over all sentences together; 0 where no sentence has an entity.",
    _chunks,
)

xtreme_f1 = Metric(
    "xtreme_f1",
    KINDS,
    "What seqeval gives on tags as they are, each sentence by itself: XTREME's number for parts of speech, where every "
    "run of equal tags is one entity.",
    _chunks,
)

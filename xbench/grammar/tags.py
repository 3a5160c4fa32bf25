"""Sentences of every kind with the part of speech of each word."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from xbench.grammar.meaning import PRODUCTS, Clause, Statement, sample_clause, sample_judgement, sample_use
from xbench.grammar.mentions import PATTERNS as MENTION_PATTERNS
from xbench.grammar.mentions import Mentions, sample_mentions, worded_mentions
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out
from xbench.grammar.tagging import token_columns
from xbench.grammar.wording import Wording


@dataclass(frozen=True)
class Sentence:
    """One or two statements in one sentence."""

    statements: tuple[Statement, ...]


def sample_sentence(random: Random, kind: str) -> Sentence | Mentions:
    """A sentence of one of the `KINDS`, from the held-out half."""
    if kind == "names":
        return sample_mentions(random, random.choice(list(MENTION_PATTERNS)))
    while True:
        sentence = Sentence(_SAMPLES[kind](random))
        if is_held_out(sentence) and all(is_held_out(part) for part in sentence.statements if isinstance(part, Clause)):
            return sentence


def sentence_row(meaning: Sentence | Mentions, writer: Writer) -> dict[str, Any]:
    """Columns text, tokens, tags (UPOS)."""
    wording = worded_mentions(meaning, writer) if isinstance(meaning, Mentions) else _worded(meaning, writer)
    return token_columns(wording, writer, lambda token: token.part_of_speech)


def _worded(sentence: Sentence, writer: Writer) -> Wording:
    return writer.joined_wording([writer.worded(statement) for statement in sentence.statements])


_SAMPLES: dict[str, Callable[[Random], tuple[Statement, ...]]] = {
    "clause": lambda random: (sample_clause(random),),
    "clauses": lambda random: (sample_clause(random), sample_clause(random)),
    "judgements": lambda random: (
        sample_judgement(random, random.randint(1, 5)),
        sample_judgement(random, random.randint(1, 5)),
    ),
    "use": lambda random: (sample_use(random, random.choice(PRODUCTS)), sample_clause(random)),
}
KINDS = (*_SAMPLES, "names")

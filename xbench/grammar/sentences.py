"""Unlabelled text: a few sentences of what people do and what things are like."""

from dataclasses import dataclass
from random import Random

from xbench.grammar.meaning import PRODUCTS, Statement, sample_background, sample_clause, sample_judgement
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out


@dataclass(frozen=True)
class Passage:
    """One to three statements, at least one of them a clause."""

    statements: tuple[Statement, ...]


def sample_passage(random: Random, held_out: bool) -> Passage:
    """A passage whose first statement is a clause of the half asked for."""
    while True:
        clause = sample_clause(random)
        if is_held_out(clause) == held_out:
            break
    others: list[Statement] = [_other(random) for _ in range(random.randrange(3))]
    return Passage((clause, *others))


def passage_row(passage: Passage, writer: Writer) -> dict[str, str]:
    """Column text."""
    return {"text": writer.text(writer.sentence(writer.statement(part)) for part in passage.statements)}


def _other(random: Random) -> Statement:
    if random.random() < 0.3:
        return sample_background(random, random.choice(PRODUCTS))
    return sample_judgement(random, random.randint(1, 5))

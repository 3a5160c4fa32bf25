"""Pairs of questions that ask the same in other words, or nearly the same."""

from dataclasses import dataclass
from random import Random

from xbench.grammar.meaning import ACTIONS_OF, Clause, changed
from xbench.grammar.questions import ASKED, VALUES, sample_event
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out

LABELS = ("0", "1")


@dataclass(frozen=True)
class Duplicate:
    """Two clauses that are asked about, how each question is framed, and whether they are the same."""

    first: Clause
    second: Clause
    framings: tuple[int, int]
    label: str


def sample_duplicate(random: Random, label: str) -> Duplicate:
    """For "0" one part of the clause is another."""
    first, second = random.sample(range(3), 2)
    event = sample_event(random)
    return Duplicate(event, event if label == "1" else _other(random, event), (first, second), label)


def duplicate_row(duplicate: Duplicate, writer: Writer) -> dict[str, str]:
    """Columns question1, question2, label."""
    pairs = zip((duplicate.first, duplicate.second), duplicate.framings, strict=True)
    first, second = (
        writer.question(writer.lexicon.questions[framing].format(clause=writer.clause(clause)))
        for clause, framing in pairs
    )
    return {"question1": first, "question2": second, "label": duplicate.label}


def _other(random: Random, event: Clause) -> Clause:
    while True:
        name = random.choice(list(ASKED.values()))
        other = changed(event, name, random.choice(VALUES[name]))
        if other != event and other.action in ACTIONS_OF[other.subject] and is_held_out(other):
            return other

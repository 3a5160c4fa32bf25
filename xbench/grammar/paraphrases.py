"""Pairs of sentences of nearly the same words that do or do not mean the same."""

from dataclasses import dataclass
from random import Random

from xbench.grammar.meaning import ACTIONS_OF, Clause, changed, sample_clause
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out

LABELS = ("0", "1")


@dataclass(frozen=True)
class Paraphrase:
    """Two sentences of two clauses each, and whether they mean the same ("1") or not ("0")."""

    first: tuple[Clause, Clause]
    second: tuple[Clause, Clause]
    label: str


def sample_paraphrase(random: Random, label: str, held_out: bool) -> Paraphrase:
    """The second sentence turns the clauses round; for "0" they also exchange a part."""
    while True:
        first = (_clause(random, held_out), _clause(random, held_out))
        second = first
        if label == "0":
            second = _exchanged(first, random.choice(["subject", "action", "place", "time"]))
        if random.random() < 0.5 or label == "1":
            second = (second[1], second[0])
        # An exchange of equal parts changes nothing, one may also undo the turn.
        same = set(first) == set(second)
        if first[0].subject != first[1].subject and same == (label == "1") and _possible(second):
            return Paraphrase(first, second, label)


def paraphrase_row(paraphrase: Paraphrase, writer: Writer) -> dict[str, str]:
    """Columns sentence1, sentence2, label."""
    return {
        "sentence1": writer.sentence(writer.joined(*paraphrase.first)),
        "sentence2": writer.sentence(writer.joined(*paraphrase.second)),
        "label": paraphrase.label,
    }


def _clause(random: Random, held_out: bool) -> Clause:
    while True:
        clause = sample_clause(random, place=0.4, time=0.3, negative=0.15)
        if is_held_out(clause) == held_out:
            return clause


def _exchanged(clauses: tuple[Clause, Clause], name: str) -> tuple[Clause, Clause]:
    first, second = clauses
    return (
        changed(first, name, getattr(second, name)),
        changed(second, name, getattr(first, name)),
    )


def _possible(clauses: tuple[Clause, Clause]) -> bool:
    return all(clause.action in ACTIONS_OF[clause.subject] for clause in clauses)

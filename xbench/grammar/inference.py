"""Premise and hypothesis: does the one follow from the other?

The hypothesis is drawn first, without regard to the label; a premise that gives the
label is then made from it. The hypothesis alone therefore tells nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from xbench.grammar.meaning import (
    ACTIONS_OF,
    HYPONYMS,
    PLACES,
    SUBJECTS,
    TIMES,
    Clause,
    changed,
    excluded,
    hypernyms,
    sample_clause,
    with_modifier,
    without_modifier,
)
from xbench.grammar.realisation import Writer, capitalised
from xbench.grammar.splits import is_held_out

Edit = Callable[[Random, Clause], Clause | None]
Edits = tuple[Edit, ...]
Case = tuple[str, bool]  # a label, and whether the hypothesis is a negation

LABELS = ("entailment", "neutral", "contradiction")


@dataclass(frozen=True)
class Inference:
    """A premise, a hypothesis and what the premise says about the hypothesis."""

    premise: Clause
    hypothesis: Clause
    label: str


def sample_inference(random: Random, label: str, held_out: bool) -> Inference:
    """A pair of the label, both clauses from the held-out half or both from the other."""
    form = _form(random)
    while True:
        action = random.choice(ACTIONS_OF[form.subject])
        hypothesis = replace(_renewed(random, form), action=action)
        if is_held_out(hypothesis) != held_out:
            continue
        for _ in range(10):
            premise = _premise(random, hypothesis, label, _TASK_EDITS if held_out else _EDITS)
            if premise is not None and is_held_out(premise) == held_out:
                return Inference(premise, hypothesis, label)


def inference_row(inference: Inference, writer: Writer) -> dict[str, str]:
    """Columns premise, hypothesis, label; sentences without a full stop."""
    language = writer.lexicon.language
    return {
        "premise": capitalised(writer.clause(inference.premise), language),
        "hypothesis": capitalised(writer.clause(inference.hypothesis), language),
        "label": inference.label,
    }


def _form(random: Random) -> Clause:
    """What is settled before a premise is looked for: subject, negation, which modifier.

    For each form every label has a premise: there is room for a modifier, and a
    denial has one to lose.
    """
    while True:
        clause = sample_clause(random, place=0.45, time=0.35, negative=0.25)
        modifiers = (clause.place is not None) + (clause.time is not None)
        if modifiers < 2 and (modifiers == 1 or not clause.negative):
            return clause


def _renewed(random: Random, form: Clause) -> Clause:
    """The form with another place or time, if it has one."""
    return replace(
        form,
        place=form.place and random.choice(PLACES),
        time=form.time and random.choice(TIMES),
    )


def _premise(random: Random, hypothesis: Clause, label: str, edits: Mapping[Case, Edits]) -> Clause | None:
    premise = random.choice(edits[label, hypothesis.negative])(random, hypothesis)
    # Further places and times say nothing new about the hypothesis unless they
    # widen a negation; added to any label they make length a poor clue.
    if premise is not None and not premise.negative and label != "entailment" and random.random() < 0.4:
        return _with_modifier_beside(random, premise, hypothesis)
    return premise


def _with_modifier_beside(random: Random, premise: Clause, hypothesis: Clause) -> Clause:
    """The premise with one more place or time where the hypothesis has none."""
    fuller = with_modifier(premise, random)
    if fuller is None:
        return premise
    for name in ("place", "time"):
        value = getattr(fuller, name)
        if value != getattr(premise, name) and getattr(hypothesis, name) is not None:
            return premise
    return fuller


def _more_modified(random: Random, clause: Clause) -> Clause | None:
    return with_modifier(clause, random)


def _less_modified(random: Random, clause: Clause) -> Clause | None:
    return without_modifier(clause, random)


def _hyponym_subject(random: Random, clause: Clause) -> Clause | None:
    return _replaced(random, clause, "subject", HYPONYMS["subjects"][clause.subject])


def _hypernym_subject(random: Random, clause: Clause) -> Clause | None:
    return _replaced(random, clause, "subject", hypernyms("subjects", clause.subject))


def _hyponym_action(random: Random, clause: Clause) -> Clause | None:
    known = [action for action in HYPONYMS["actions"][clause.action] if action in ACTIONS_OF[clause.subject]]
    return _replaced(random, clause, "action", known)


def _hypernym_action(random: Random, clause: Clause) -> Clause | None:
    return _replaced(random, clause, "action", hypernyms("actions", clause.action))


def _another_subject(random: Random, clause: Clause) -> Clause | None:
    """Somebody else, neither more general nor more special."""
    related = {clause.subject, *hypernyms("subjects", clause.subject), *HYPONYMS["subjects"][clause.subject]}
    others = [subject for subject in SUBJECTS if subject not in related and clause.action in ACTIONS_OF[subject]]
    return _replaced(random, clause, "subject", others)


def _excluding_action(random: Random, clause: Clause) -> Clause | None:
    known = [action for action in excluded("actions", clause.action) if action in ACTIONS_OF[clause.subject]]
    return _replaced(random, clause, "action", known)


def _opposite_action(random: Random, clause: Clause) -> Clause | None:
    """Affirms an action that excludes the one that the clause denies."""
    other = _excluding_action(random, clause)
    return None if other is None else replace(other, negative=False)


def _excluding_modifier(random: Random, clause: Clause) -> Clause | None:
    name = random.choice(["place", "time"])
    value = getattr(clause, name)
    return None if value is None else _replaced(random, clause, name, excluded(f"{name}s", value))


def _negated(random: Random, clause: Clause) -> Clause | None:
    return replace(clause, negative=not clause.negative)


def _affirmed_and_modified(random: Random, clause: Clause) -> Clause | None:
    return with_modifier(replace(clause, negative=False), random)


def _replaced(random: Random, clause: Clause, name: str, values: Sequence[str]) -> Clause | None:
    return changed(clause, name, random.choice(values)) if values else None


# How a premise is made from a hypothesis, by label and by whether the hypothesis is
# a negation. Denial turns round what is general: who does not run does not run in the park.
_EDITS: dict[Case, Edits] = {
    ("entailment", False): (_more_modified, _more_modified, _hyponym_subject, _hyponym_action),
    ("neutral", False): (_less_modified, _hypernym_subject, _hypernym_action, _another_subject),
    ("contradiction", False): (_excluding_action, _excluding_modifier, _excluding_modifier, _negated),
    ("entailment", True): (_less_modified, _opposite_action, _hypernym_action),
    ("neutral", True): (_more_modified, _another_subject, _hyponym_action),
    ("contradiction", True): (_negated, _affirmed_and_modified),
}
# Tasks have more of the plain cases. In pretraining all kinds occur about evenly,
# so that the rarer ones can be learnt at all.
_TASK_EDITS: dict[Case, Edits] = _EDITS | {
    ("neutral", False): (_less_modified, _less_modified, _hypernym_subject, _hypernym_subject, _another_subject),
    ("contradiction", False): (_negated, _negated, _negated, _excluding_action, _excluding_modifier),
}

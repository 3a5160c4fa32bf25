"""Stories with a question about one of their sentences: who, what, where or when.

Every other sentence differs from the one that is asked about in what is asked for, and in two of the three things that
the question says, or in all: where a sentence stands, or one phrase that it shares with the question, does not tell the
answer. Micro backbones learn little from stories that are more alike than that.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from xbench.grammar.lexicons import read_lexicon
from xbench.grammar.meaning import ACTIONS_OF, HYPONYMS, PLACES, SUBJECTS, TIMES, Clause
from xbench.grammar.names import form
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out

# What a question word asks for: a part of the clause.
ASKED = {"who": "subject", "what": "action", "where": "place", "when": "time"}


@dataclass(frozen=True)
class Asked:
    """A story of clauses, the clause that the question is about, and what it asks; the story need not have it."""

    story: tuple[Clause, ...]
    about: Clause
    question: str

    @property
    def answered(self) -> bool:
        """Whether the story tells what is asked."""
        return self.about in self.story


def sample_question(random: Random, question: str) -> Asked:
    """A question about any event of the held-out half, its story not told yet."""
    return Asked((), sample_event(random), question)


def sample_any_question(random: Random, label: str) -> Asked:
    """Any of the questions, whatever the label of the row."""
    return sample_question(random, random.choice(list(ASKED)))


def with_story(random: Random, asked: Asked, answered: bool = True) -> Asked:
    """The question with a story of three to six sentences, all from the held-out half."""
    others = random.randint(3, 6) - answered
    story: list[Clause] = []
    while len(story) < others:
        other = _distractor(random, asked.about, ASKED[asked.question])
        if other is not None and other not in story:
            story.append(other)
    if answered:
        story.insert(random.randint(0, len(story)), asked.about)
    return replace(asked, story=tuple(story))


def sample_event(random: Random) -> Clause:
    """A clause with a place and a time, of somebody and something that no other concept is a kind of."""
    while True:
        subject, action = random.choice(VALUES["subject"]), random.choice(VALUES["action"])
        event = Clause(subject, action, random.choice(PLACES), random.choice(VALUES["time"]))
        if action in ACTIONS_OF[subject] and is_held_out(event):
            return event


def asked_row(asked: Asked, writer: Writer) -> dict[str, Any]:
    """Columns question, context, answers: SQuAD's lists of texts and of characters where they start."""
    story = writer.passage(asked.story)
    answers: dict[str, list[Any]] = {"text": [], "answer_start": []}
    if asked.answered:
        sentence = story.span(str(asked.story.index(asked.about)))
        part = next(span for span in story.spans if span.name == ASKED[asked.question] and span.start >= sentence.start)
        answers = {"text": [story.text[part.start : part.end]], "answer_start": [part.start]}
    return {"question": question_text(asked.about, asked.question, writer), "context": story.text, "answers": answers}


def question_text(about: Clause, question: str, writer: Writer) -> str:
    """The question that asks for one part of a clause and says the others."""
    lexicon = writer.lexicon
    subject = lexicon.word("subjects", about.subject)
    agreement = 0 if question == "who" else subject.agreement
    action = lexicon.word("actions", about.action).form(agreement)
    head, _, rest = action.partition(" ")
    pattern = form(read_lexicon("asking.yaml")[lexicon.language][question], agreement)
    slots = {"subject": subject.form(0), "action": action, "head": head, "rest": rest}
    for name, concept in (("place", about.place), ("time", about.time)):
        slots[name] = lexicon.word(f"{name}s", concept).form(0) if concept else ""
    return writer.question(" ".join(pattern.format(**slots).split()))


def _distractor(random: Random, about: Clause, asked: str) -> Clause | None:
    """The clause with another value of what is asked for and of two or three of the other parts."""
    given = [name for name in ASKED.values() if name != asked]
    names = (asked, *random.sample(given, random.choice([2, 3])))
    others: dict[str, Any] = {name: _other(random, about, name) for name in names}
    other = replace(about, **others)
    possible = other.action in ACTIONS_OF[other.subject] and is_held_out(other)
    return other if possible else None


def _other(random: Random, about: Clause, name: str) -> str:
    """Another value of one of the clause's parts."""
    while (value := random.choice(VALUES[name])) == getattr(about, name):
        pass
    return value


def _special(concept_class: str) -> list[str]:
    return [concept for concept, kinds in HYPONYMS[concept_class].items() if not kinds]


# Values of each part. English has no question of one verb for the two actions that are left out.
VALUES = {
    "subject": [subject for subject in SUBJECTS if subject in _special("subjects")],
    "action": [action for action in _special("actions") if action not in ("find_key", "lose_key")],
    "place": PLACES,
    "time": TIMES,
}

"""Questions with answers to choose from: about a story, or about what a sentence implies."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from xbench.grammar.meaning import ACTIONS_OF, HYPONYMS, hypernyms
from xbench.grammar.questions import ASKED, VALUES, Asked, question_text, sample_event, with_story
from xbench.grammar.realisation import Writer

LETTERS = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Choices:
    """A question about a story, concepts that may answer it, and the letter of the one that does."""

    asked: Asked
    choices: tuple[str, ...]
    answer: str


def with_choices(random: Random, question: Asked, answer: str) -> Choices:
    """The question with a story and four choices; wrong ones stand in the story too, as far as it has as many."""
    asked = with_story(random, question)
    name = ASKED[asked.question]
    right = getattr(asked.about, name)
    told = [value for clause in asked.story if (value := getattr(clause, name)) != right]
    others = random.sample(VALUES[name], len(VALUES[name]))
    wrong = [value for value in dict.fromkeys([*told, *others]) if value != right][: len(LETTERS) - 1]
    return Choices(asked, _placed(random, right, wrong, answer), answer)


def sample_implied(random: Random, answer: str) -> Choices:
    """Three choices for what somebody does, the right one a more general action than the one that is told."""
    while True:
        event = sample_event(random)
        general = hypernyms("actions", event.action)
        if general:
            break
    related = {event.action, *general, *(kind for action in general for kind in HYPONYMS["actions"][action])}
    wrong = [action for action in VALUES["action"] if action not in related and action in ACTIONS_OF[event.subject]]
    choices = _placed(random, general[0], random.sample(wrong, 2), answer)
    return Choices(Asked((event,), event, "what"), choices, answer)


def choices_row(meaning: Choices, writer: Writer) -> dict[str, Any]:
    """Columns context, question, choice1 onwards, answer (the letter), answer_text."""
    asked = meaning.asked
    words = writer.lexicon.words[f"{ASKED[asked.question]}s"]
    agreement = writer.lexicon.word("subjects", asked.about.subject).agreement
    texts = [words[concept].form(agreement if asked.question == "what" else 0) for concept in meaning.choices]
    return {
        "context": writer.passage(asked.story).text,
        "question": question_text(asked.about, asked.question, writer),
        **{f"choice{number}": text for number, text in enumerate(texts, start=1)},
        "answer": meaning.answer,
        "answer_text": texts[LETTERS.index(meaning.answer)],
    }


def _placed(random: Random, right: str, wrong: Sequence[str], answer: str) -> tuple[str, ...]:
    """The choices with the right one at the letter's place."""
    choices = random.sample(wrong, len(wrong))
    choices.insert(LETTERS.index(answer), right)
    return tuple(choices)

"""News-like texts that are about one topic: most of their sentences speak of its people, actions, places and things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from xbench.grammar.lexicons import read_lexicon
from xbench.grammar.meaning import (
    ACTIONS_OF,
    PLACES,
    QUALITIES_BY_GRADE,
    SUBJECTS,
    TIMES,
    Clause,
    Opinion,
    Statement,
    sample_use,
)
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out


@dataclass(frozen=True)
class Report:
    """The sentences of a text and the topic that most of them are of."""

    sentences: tuple[Statement, ...]
    topic: str


def topic_sets() -> dict[str, tuple[str, ...]]:
    """The topics of each generator of topics (`lexicon/topics.yaml`)."""
    return {name: tuple(topics) for name, topics in read_lexicon("topics.yaml")["sets"].items()}


def sample_report(topic_set: str, random: Random, topic: str) -> Report:
    """Two to four sentences of the topic and at times one of any other, in any order."""
    themes = read_lexicon("topics.yaml")["sets"][topic_set]
    sentences = [_sentence(random, themes[topic]) for _ in range(random.randint(2, 4))]
    if random.random() < 0.4:
        sentences.append(_sentence(random, random.choice(list(themes.values()))))
    random.shuffle(sentences)
    return Report(tuple(sentences), topic)


def report_row(report: Report, writer: Writer) -> dict[str, str]:
    """Columns text, topic."""
    return {"text": writer.passage(report.sentences).text, "topic": report.topic}


def _sentence(random: Random, name: str) -> Statement:
    """A clause of the theme's, or a judgement or a background on one of its things."""
    theme = _theme(name)
    kind = random.choice([kind for kind in ("actions", "actions", "products", "aspects") if theme[kind]])
    if kind == "aspects":
        quality = random.choice(QUALITIES_BY_GRADE[random.randint(1, 5)])
        return Opinion(random.choice(theme["aspects"]), quality)
    if kind == "products":
        return sample_use(random, random.choice(theme["products"]))
    while True:
        clause = Clause(
            random.choice(theme["subjects"]),
            random.choice(theme["actions"]),
            random.choice(theme["places"]) if random.random() < 0.7 else None,
            random.choice(TIMES) if random.random() < 0.3 else None,
        )
        if clause.action in ACTIONS_OF[clause.subject] and is_held_out(clause):
            return clause


@cache
def _theme(name: str) -> Mapping[str, Sequence[str]]:
    anything = {"subjects": SUBJECTS, "places": PLACES, "actions": [], "products": [], "aspects": []}
    return anything | read_lexicon("topics.yaml")["themes"][name]

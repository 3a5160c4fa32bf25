"""Short news: an event that two sentences tell in parts among sentences on other things, and one that sums it up."""

from dataclasses import dataclass, replace
from random import Random

from xbench.grammar.meaning import PRODUCTS, Clause, Statement, sample_clause, sample_judgement, sample_use
from xbench.grammar.questions import sample_event
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out


@dataclass(frozen=True)
class News:
    """What happened, and the sentences of the text, of which one says where and another when."""

    event: Clause
    story: tuple[Statement, ...]


def sample_news_event(random: Random) -> Clause:
    """An event that is told in two parts, all from the held-out half."""
    while True:
        event = sample_event(random)
        if all(is_held_out(part) for part in _parts(event)):
            return event


def with_text(random: Random, event: Clause) -> News:
    """The event with a text of four to six sentences."""
    story: list[Statement] = list(_parts(event))
    random.shuffle(story)
    for _ in range(random.randint(2, 4)):
        story.insert(random.randint(0, len(story)), _aside(random, event))
    return News(event, tuple(story))


def _parts(event: Clause) -> tuple[Clause, Clause]:
    """Where it happened and when it did."""
    return replace(event, time=None), replace(event, place=None)


def news_row(news: News, writer: Writer) -> dict[str, str]:
    """Columns text, summary."""
    return {"text": writer.passage(news.story).text, "summary": writer.passage([news.event]).text}


def _aside(random: Random, event: Clause) -> Statement:
    """A sentence on something else: somebody else, or a product."""
    if random.random() < 0.25:
        return sample_use(random, random.choice(PRODUCTS))
    if random.random() < 0.35:
        return sample_judgement(random, random.randint(1, 5))
    while True:
        clause = sample_clause(random, place=0.6, time=0.5, negative=0.1)
        if clause.subject != event.subject and clause.action != event.action and is_held_out(clause):
            return clause

"""Product reviews whose stars are the rounded mean of what their sentences say."""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from random import Random

from xbench.grammar.meaning import PRODUCTS, Background, Opinion, Remark, sample_background, sample_judgement
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import is_held_out

LABELS = ("1", "2", "3", "4", "5")
SENTIMENTS = {"negative": (1, 2), "positive": (4, 5)}


@dataclass(frozen=True)
class Review:
    """A review: its sentences in order, and the stars they add up to."""

    sentences: tuple[Opinion | Remark | Background, ...]
    stars: int


def sample_review(random: Random, stars: int, held_out: bool) -> Review:
    """A review of two or three judgements, some of them milder or harsher than the stars."""
    while True:
        judgements = [sample_judgement(random, grade) for grade in random.choice(_GRADES[stars])]
        if len({_about(judgement) for judgement in judgements}) < len(judgements):
            continue
        random.shuffle(judgements)
        sentences: list[Opinion | Remark | Background] = list(judgements)
        if random.random() < 0.5:
            sentences.insert(0, sample_background(random, random.choice(PRODUCTS)))
        review = Review(tuple(sentences), stars)
        if is_held_out(review) == held_out:
            return review


def review_row(review: Review, writer: Writer) -> dict[str, str]:
    """Columns text, stars."""
    sentences = (writer.sentence(writer.statement(sentence)) for sentence in review.sentences)
    return {"text": writer.text(sentences), "stars": str(review.stars)}


def sample_sentiment(random: Random, sentiment: str, held_out: bool) -> Review:
    """A review whose stars are clearly of that sentiment."""
    return sample_review(random, random.choice(SENTIMENTS[sentiment]), held_out)


def sentiment_row(review: Review, writer: Writer) -> dict[str, str]:
    """Columns text, sentiment."""
    sentiment = next(name for name, stars in SENTIMENTS.items() if review.stars in stars)
    return {"text": review_row(review, writer)["text"], "sentiment": sentiment}


def _about(judgement: Opinion | Remark) -> str:
    return judgement.aspect if isinstance(judgement, Opinion) else judgement.remark


def _mixtures(stars: int) -> list[tuple[int, ...]]:
    """Grades whose mean is nearest to the stars, and which differ by two at most."""
    return [
        grades
        for size in (2, 3)
        for grades in combinations_with_replacement(range(1, 6), size)
        if abs(sum(grades) / size - stars) < 0.4 and grades[-1] - grades[0] <= 2
    ]


_GRADES = {stars: _mixtures(stars) for stars in range(1, 6)}

"""Rows of sample data by seed: the same meaning in the same place in every language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from random import Random
from typing import Any

from xbench.grammar import (
    choices,
    duplicates,
    inference,
    mentions,
    paraphrases,
    questions,
    reviews,
    sentences,
    summaries,
    tags,
    topics,
)
from xbench.grammar.lexicons import LANGUAGES, Part, concepts, languages_with, lexicon
from xbench.grammar.realisation import Writer
from xbench.grammar.splits import SPLITS, split_of


@dataclass(frozen=True)
class Generator:
    """A kind of rows: how its meanings are drawn for a label and how they are written.

    What `sample` draws decides the split and occurs once; `complete` adds to it what need not be unlike. A language
    whose lexicon has the `parts` beside its words can be written.
    """

    description: str
    labels: tuple[str, ...]
    sample: Callable[[Random, str], Any]
    row: Callable[[Any, Writer], dict[str, Any]]
    complete: Callable[[Random, Any, str], Any] = lambda random, meaning, label: meaning
    parts: tuple[Part, ...] = ()


MOST_DRAWS = 10_000
"""Draws without a new meaning after which a split is taken to have no more."""

_GENERATORS = {
    "reviews": Generator(
        "product reviews with one to five stars (text, stars)",
        reviews.LABELS,
        lambda random, label: reviews.sample_review(random, int(label), held_out=True),
        reviews.review_row,
    ),
    "inference": Generator(
        "does the hypothesis follow from the premise (premise, hypothesis, label)",
        inference.LABELS,
        lambda random, label: inference.sample_inference(random, label, held_out=True),
        inference.inference_row,
    ),
    "paraphrases": Generator(
        "do two sentences of the same words mean the same (sentence1, sentence2, label)",
        paraphrases.LABELS,
        lambda random, label: paraphrases.sample_paraphrase(random, label, held_out=True),
        paraphrases.paraphrase_row,
    ),
    "text": Generator(
        "unlabelled sentences (text)",
        ("",),
        lambda random, label: sentences.sample_passage(random, held_out=True),
        sentences.passage_row,
    ),
    "sentiment": Generator(
        "product reviews, good or bad (text, sentiment)",
        tuple(reviews.SENTIMENTS),
        lambda random, label: reviews.sample_sentiment(random, label, held_out=True),
        reviews.sentiment_row,
    ),
    "duplicates": Generator(
        "do two questions ask the same (question1, question2, label)",
        duplicates.LABELS,
        duplicates.sample_duplicate,
        duplicates.duplicate_row,
    ),
    "tags": Generator(
        "sentences with the part of speech of each word (text, tokens, tags)",
        tags.KINDS,
        tags.sample_sentence,
        tags.sentence_row,
        parts=("names", "tags"),
    ),
    "entities": Generator(
        "sentences that mention people, organisations and places (text, tokens, tags)",
        tuple(mentions.PATTERNS),
        mentions.sample_mentions,
        mentions.mentions_row,
        parts=("names", "tags"),
    ),
    "questions": Generator(
        "stories with a question that some sentence answers (question, context, answers)",
        tuple(questions.ASKED),
        questions.sample_question,
        questions.asked_row,
        lambda random, asked, label: questions.with_story(random, asked),
        parts=("asking",),
    ),
    "unanswerable": Generator(
        "the same, but half of the questions have no answer (question, context, answers)",
        ("answered", "unanswered"),
        questions.sample_any_question,
        questions.asked_row,
        lambda random, asked, label: questions.with_story(random, asked, label == "answered"),
        parts=("asking",),
    ),
    "choices": Generator(
        "stories with a question and four answers (context, question, choice1 to choice4, answer, answer_text)",
        choices.LETTERS,
        questions.sample_any_question,
        choices.choices_row,
        choices.with_choices,
        parts=("asking",),
    ),
    "implied": Generator(
        "sentences with a question on what they imply (context, question, choice1 to choice3, answer, answer_text)",
        choices.LETTERS[:3],
        choices.sample_implied,
        choices.choices_row,
        parts=("asking",),
    ),
    "summaries": Generator(
        "short news and a sentence that sums it up (text, summary)",
        ("",),
        lambda random, label: summaries.sample_news_event(random),
        summaries.news_row,
        lambda random, event, label: summaries.with_text(random, event),
    ),
    **{
        name: Generator(
            f"news-like texts of {len(labels)} topics (text, topic)",
            labels,
            partial(topics.sample_report, name),
            topics.report_row,
        )
        for name, labels in topics.topic_sets().items()
    },
}


def generators() -> dict[str, str]:
    """Names of the generators, each with one line on what it makes."""
    return {name: generator.description for name, generator in _GENERATORS.items()}


def languages(generator: str | None = None) -> tuple[str, ...]:
    """Languages that a generator writes, or that any does, the source first. ValueError for an unknown generator."""
    if generator is None:
        return LANGUAGES
    _check("generator", generator, tuple(_GENERATORS))
    return languages_with(*_GENERATORS[generator].parts)


def language_share() -> dict[str, float]:
    """Share of each seen language in the micro backbones' pretraining text; adds to one."""
    return dict(concepts()["pretraining_share"])


def generate(generator: str, language: str, split: str, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """`count` rows of a split, balanced over the labels; columns are text, lists or answers, `id` first.

    Row i says the same in every language. Fewer rows are the beginning of more rows,
    and rows of different splits never have the same meaning. ValueError for more rows than there are, or an unknown
    generator, language or split.
    """
    _check(f"language of '{generator}'", language, languages(generator))
    _check("split", split, SPLITS)
    writer = Writer(lexicon(language))
    kind = _GENERATORS[generator]
    return [
        {"id": f"{split}-{index}", **kind.row(meaning, writer)}
        for index, meaning in enumerate(_meanings(generator, split, count, seed))
    ]


@cache
def _meanings(generator: str, split: str, count: int, seed: int) -> tuple[Any, ...]:
    draw = _draw(_GENERATORS[generator], split, Random(f"{generator}-{split}-{seed}"))
    return tuple(next(draw) for _ in range(count))


def _draw(generator: Generator, split: str, random: Random) -> Iterator[Any]:
    """Meanings without repetition; each run of as many as there are labels has every label.

    Raises ValueError where the split seems to have no further meaning of a label.
    """
    seen: set[Any] = set()
    while True:
        for label in random.sample(generator.labels, len(generator.labels)):
            draws = (generator.sample(random, label) for _ in range(MOST_DRAWS))
            meaning = next((drawn for drawn in draws if drawn not in seen and split_of(drawn) == split), None)
            if meaning is None:
                raise ValueError(f"no more than {len(seen)} different rows can be drawn for {split!r}; ask for fewer")
            seen.add(meaning)
            yield generator.complete(random, meaning, label)


def _check(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise ValueError(f"no {what} {name!r}; there are {', '.join(known)}")

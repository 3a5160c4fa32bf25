"""Pretraining text of the micro backbones: reviews with verdicts, questions with answers.

Text is monolingual, or code-switched (phrases replaced by their translation), or
changes language between sentences. Label words stand in it as people use them: a
verdict before or after a review, an answer after a question. Only meanings that are
not held out for tasks are written, and never in a task's own template.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from xbench.grammar import language_share
from xbench.grammar.inference import LABELS, Inference, sample_inference
from xbench.grammar.lexicons import Lexicon, lexicon
from xbench.grammar.meaning import Clause
from xbench.grammar.paraphrases import sample_paraphrase
from xbench.grammar.realisation import Writer, capitalised
from xbench.grammar.reviews import sample_review
from xbench.grammar.sentences import sample_passage
from xbench.micro.prose import PROSE

ANSWER_OF_LABEL = {"entailment": "yes", "neutral": "maybe", "contradiction": "no"}
# Words that English speakers also use where the five verdicts and three answers stand.
OTHER_VERDICTS = {1: ["1"], 2: ["2"], 3: ["3", "fine"], 4: ["4", "fine"], 5: ["5", "perfect", "wonderful"]}
OTHER_ANSWERS = {"yes": "right", "no": "wrong"}


# How often what follows from a statement is the statement itself: the plainest case of
# comparing two sentences.
ECHO = 0.15


@dataclass(frozen=True)
class Document:
    """A text and the place of its label word, as characters from `start` to `end`."""

    text: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Mixture:
    """How much of what is in the corpus; shares of one, probabilities.

    `monolingual` documents keep to one language, `changing` ones change it between sentences, and of the rest
    `switched` phrases are translated. Reviews are `review_monolingual` instead: people write them in one language, and
    where all of them were switched, every language would read reviews as well as the source does.
    """

    inference: float = 0.64
    review: float = 0.25
    passage: float = 0.07
    prose: float = 0.04
    monolingual: float = 0.45
    changing: float = 0.15
    switched: float = 0.4
    review_monolingual: float = 0.7


def documents(seed: int, mixture: Mixture = Mixture(), shares: Mapping[str, float] | None = None) -> Iterator[Document]:
    """Endless documents, the same for the same seed; languages by `shares`, or as published."""
    shares = language_share() if shares is None else shares
    random = Random(f"corpus-{seed}")
    kinds: list[Callable[[Random, Scribe], Document]] = [_answered, _judged, _told, _prose]
    weights = [mixture.inference, mixture.review, mixture.passage, mixture.prose]
    while True:
        kind = random.choices(kinds, weights)[0]
        monolingual = mixture.review_monolingual if kind is _judged else mixture.monolingual
        yield kind(random, Scribe(random, mixture, shares, monolingual))


class Scribe:
    """Gives a document's sentences their writers, in one language or in several."""

    def __init__(self, random: Random, mixture: Mixture, shares: Mapping[str, float], monolingual: float) -> None:
        self.random = random
        self.languages, self.shares = list(shares), list(shares.values())
        self.switched = mixture.switched
        self.language = self.any_lexicon()
        self.monolingual = random.random() < monolingual
        self.changing = not self.monolingual and random.random() < mixture.changing / (1 - mixture.monolingual)

    def any_lexicon(self) -> Lexicon:
        """A lexicon by the languages' shares."""
        return lexicon(self.random.choices(self.languages, self.shares)[0])

    def word_lexicon(self) -> Lexicon:
        """The lexicon for one label word or frame: the document's, or by switching another."""
        if self.monolingual or self.random.random() >= self.switched:
            return self.language
        return self.any_lexicon()

    def writer(self) -> Writer:
        """A writer for the next sentence."""
        if self.monolingual:
            return Writer(self.language)
        if self.changing:
            return Writer(self.word_lexicon())
        return Writer(self.language, self.word_lexicon)


def _answered(random: Random, scribe: Scribe) -> Document:
    """A statement, then a question about it and the answer, or the answer and the claim."""
    inference = sample_inference(random, random.choice(LABELS), held_out=False)
    if inference.label == "entailment" and random.random() < ECHO:
        inference = replace(inference, premise=inference.hypothesis)
    answer = _answer(random, scribe, inference)
    premise, hypothesis = scribe.writer(), scribe.writer()
    statement = premise.sentence(premise.clause(inference.premise))
    question = _question(random, scribe, hypothesis, inference.hypothesis)
    if random.random() < 0.6:
        return _document([statement, question], answer, hypothesis.lexicon.patterns["stop"])
    claim = hypothesis.clause(inference.hypothesis)
    return _document([statement], answer, _comma(hypothesis) + claim + hypothesis.lexicon.patterns["stop"])


def _answer(random: Random, scribe: Scribe, inference: Inference) -> str:
    answer = ANSWER_OF_LABEL[inference.label]
    source = scribe.word_lexicon()
    word = source.answers[answer]
    if source.language == "en" and answer in OTHER_ANSWERS and random.random() < 0.1:
        word = OTHER_ANSWERS[answer]
    return capitalised(word, source.language) if random.random() < 0.6 else word


def _question(random: Random, scribe: Scribe, writer: Writer, clause: Clause) -> str:
    pattern = writer.lexicon.questions[0] if random.random() < 0.6 else random.choice(writer.lexicon.questions)
    return writer.question(pattern.format(clause=writer.clause(clause)))


def _comma(writer: Writer) -> str:
    return {"ar": "، ", "ur": "، ", "zh": "，", "ja": "、"}.get(writer.lexicon.language, ", ")


def _judged(random: Random, scribe: Scribe) -> Document:
    """A review and a verdict, before or after it."""
    stars = random.randint(1, 5)
    review = sample_review(random, stars, held_out=False)
    sentences = []
    for sentence in review.sentences:
        writer = scribe.writer()
        sentences.append(writer.sentence(writer.statement(sentence)))
    frame, source = scribe.word_lexicon(), scribe.word_lexicon()
    word = source.stars[stars - 1]
    if source.language == "en" and random.random() < 0.08:
        word = random.choice(OTHER_VERDICTS[stars])
    pattern = random.choice(frame.verdicts)
    if pattern.startswith("{"):
        word = capitalised(word, source.language)
    before, after = capitalised(pattern, frame.language).split("{verdict}")
    after += random.choice([frame.patterns["stop"], frame.patterns["stop"], "!"])
    text = " ".join(sentences) if random.random() < 0.5 else scribe.writer().text(sentences)
    if random.random() < 0.5:
        return _document([text, before.strip()], word, after)
    return _document([before.strip()], word, f"{after} {text}")


def _told(random: Random, scribe: Scribe) -> Document:
    """A passage, or a sentence and its paraphrase, without label words."""
    if random.random() < 0.5:
        writer = scribe.writer()
        paraphrase = sample_paraphrase(random, "1", held_out=False)
        again = scribe.writer()
        first = writer.sentence(writer.joined(*paraphrase.first))
        return Document(f"{first} {again.sentence(again.joined(*paraphrase.second))}")
    sentences = []
    for statement in sample_passage(random, held_out=False).statements:
        writer = scribe.writer()
        sentences.append(writer.sentence(writer.statement(statement)))
    return Document(" ".join(sentences))


def _prose(random: Random, scribe: Scribe) -> Document:
    """English sentences with words that tasks' instructions need."""
    return Document(" ".join(random.sample(PROSE, random.randint(1, 3))))


def _document(parts: Sequence[str], word: str, after: str) -> Document:
    """Parts, then the label word set off by a space, then what follows it directly."""
    before = " ".join(part for part in parts if part)
    start = len(before) + 1 if before else 0
    text = f"{before} {word}{after}" if before else word + after
    return Document(text, start, start + len(word))

"""How the answers of each kind are written as text for an encoder-decoder, and read back from what it generates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from transformers import PreTrainedTokenizerBase

from xbench.answers import gold_answers, list_text, text_list
from xbench.data.examples import Examples
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.nearest_answer import nearest_answer
from xbench.encoding.tag_lists import Mention, complete, marks_entities, mention_tags, mentions
from xbench.encoding.windows import consecutive_windows
from xbench.spec.task import TaskSpec


@dataclass(frozen=True)
class Prompts:
    """What is asked of a model: a prompt for each row of `shown`.

    `examples` says which example a prompt is of, `targets` what to answer (None where there is no gold), `origins`
    what reading its answer needs.
    """

    shown: Examples
    examples: Sequence[int]
    targets: Sequence[str | None]
    origins: Sequence[object]


class AnswerForm(ABC):
    """The answers of one task as text, for examples of one language."""

    def __init__(self, task: TaskSpec, tokenizer: PreTrainedTokenizerBase, options: EncodingOptions) -> None:
        self.task, self.tokenizer, self.options = task, tokenizer, options

    def prompts(self, examples: Examples, language: str) -> Prompts:
        """One prompt for each example, whose fields are shown as they are. `language` is that of the answers."""
        count = len(examples)
        targets = [self.target(gold, language) if gold else None for gold in examples.gold]
        return Prompts(examples, range(count), targets, [None] * count)

    def target(self, gold: str, language: str) -> str | None:
        """The text to answer; the gold itself."""
        return gold

    @abstractmethod
    def read(self, texts: Sequence[str], origins: Sequence[object], language: str) -> str | None:
        """The prediction for one example from the texts generated for its prompts; None: it is no answer."""

    def choices(self, language: str) -> Sequence[str] | None:
        """All texts that can be an answer, where they are few."""
        return None

    def describe(self, languages: Sequence[str]) -> object:
        """What decides the answers, for stage ids."""
        return type(self).__name__


class FreeText(AnswerForm):
    """Any text; the gold is the text to write."""

    def read(self, texts: Sequence[str], origins: Sequence[object], language: str) -> str | None:
        """The generated text."""
        return texts[0].strip()


class AnswerText(FreeText):
    """The answer to a question about a context; the first accepted one is trained on (empty where there is none)."""

    def target(self, gold: str, language: str) -> str | None:
        """The first accepted answer."""
        return next(iter(gold_answers(gold).texts), "")


class LabelWords(AnswerForm):
    """One of the task's labels, as the template's verbalizer words it, or by its name where there is no verbalizer.

    The first label word is trained on; any other text than a label's words is no answer, unless the nearest label is
    asked for.
    """

    def words(self, language: str) -> Mapping[str, tuple[str, ...]]:
        """Label -> its words, the one that is trained on first."""
        name = self.task.template_name("text2text", self.options.template)
        if self.task.templates[name].verbalizer is None:
            return {label: (label,) for label in self.task.labels}
        return dict(self.task.verbalizer("text2text", name, language).words)

    def target(self, gold: str, language: str) -> str | None:
        """The label's first word."""
        words = self.words(language)
        return words[gold][0] if gold in words else None

    def read(self, texts: Sequence[str], origins: Sequence[object], language: str) -> str | None:
        """The label that has this word, or the one whose first word is nearest."""
        if self.options.decoding == "nearest":
            first = {label: words[0] for label, words in self.words(language).items()}
            template = self.task.template("text2text", self.options.template, language)
            return nearest_answer(texts[0], first, str(template))
        label_of = {normal_answer(word): label for label, words in self.words(language).items() for word in words}
        return label_of.get(normal_answer(texts[0]))

    def choices(self, language: str) -> Sequence[str] | None:
        """Every label's first word; other texts count as well where the nearest label is asked for."""
        if self.options.decoding == "nearest":
            return None
        return [words[0] for words in self.words(language).values()]

    def describe(self, languages: Sequence[str]) -> object:
        """The words of every language."""
        return {language: self.words(language) for language in languages}


@dataclass(frozen=True)
class SentencePart:
    """A part of a sentence that one prompt shows: its tokens, the number of the first, and how many all are."""

    start: int
    tokens: Sequence[str]
    length: int


class TagAnswer(AnswerForm):
    """The tags of a sentence whose tokens are shown joined by spaces."""

    @abstractmethod
    def parts(self, tokens: Sequence[str]) -> list[range]:
        """The parts in which a sentence is shown."""

    @abstractmethod
    def write(self, tags: Sequence[str], tokens: Sequence[str]) -> str:
        """The tags of a part as text."""

    @abstractmethod
    def tags(self, text: str, tokens: Sequence[str]) -> list[str | None]:
        """A tag for each of a part's tokens, None where the text gives none."""

    def prompts(self, examples: Examples, language: str) -> Prompts:
        """A prompt for each part of a sentence."""
        numbers, targets, origins = [], [], []
        for number, (text, gold) in enumerate(zip(examples.fields["tokens"], examples.gold, strict=True)):
            tokens, tags = text_list(text), text_list(gold) if gold else None
            for part in self.parts(tokens):
                shown = tokens[part.start : part.stop]
                numbers.append(number)
                targets.append(self.write(tags[part.start : part.stop], shown) if tags is not None else None)
                origins.append(SentencePart(part.start, shown, len(tokens)))
        rows = examples.take(numbers)
        texts = tuple(" ".join(origin.tokens) for origin in origins)
        return Prompts(replace(rows, fields={**rows.fields, "tokens": texts}), numbers, targets, origins)

    def read(self, texts: Sequence[str], origins: Sequence[object], language: str) -> str | None:
        """As many tags as the sentence has tokens."""
        found: dict[int, str | None] = {}
        length = 0
        for text, part in zip(texts, origins, strict=True):
            assert isinstance(part, SentencePart)
            length = part.length
            found |= enumerate(self.tags(text, part.tokens), part.start)
        return list_text(complete([found[place] for place in range(length)], self.task.labels))


class TagSequence(TagAnswer):
    """The tags in order. A sentence whose tags could be longer than an answer may be is shown in parts."""

    def parts(self, tokens: Sequence[str]) -> list[range]:
        """As few parts as leave room for any tags."""
        ids = self.tokenizer(list(self.task.labels), add_special_tokens=False)["input_ids"]
        longest = max(len(pieces) for pieces in ids)
        return consecutive_windows([longest] * len(tokens), max(self.options.target_length - 1, longest))

    def write(self, tags: Sequence[str], tokens: Sequence[str]) -> str:
        """The tags between spaces."""
        return " ".join(tags)

    def tags(self, text: str, tokens: Sequence[str]) -> list[str | None]:
        """One word a token; a word that is no tag gives none."""
        tag_of = {label.casefold(): label for label in self.task.labels}
        words: list[str] = text.split()[: len(tokens)]
        return [tag_of.get(word.casefold()) for word in words] + [None] * (len(tokens) - len(words))


class EntityList(TagAnswer):
    """The entities in order, each as its type and its tokens: `PER: Marie Curie; LOC: Paris`.

    A text that names the same words more often than the sentence holds them, or words that it does not hold, marks
    nothing by them.
    """

    def parts(self, tokens: Sequence[str]) -> list[range]:
        """The whole sentence."""
        return [range(len(tokens))]

    def write(self, tags: Sequence[str], tokens: Sequence[str]) -> str:
        """The entities that the tags mark."""
        found = mentions(tags)
        return "; ".join(f"{each.type}: {' '.join(tokens[each.start : each.end])}" for each in found)

    def tags(self, text: str, tokens: Sequence[str]) -> list[str | None]:
        """Tags of the entities, each where its words stand first after the entity before it, or else anywhere."""
        types = {label[2:].casefold(): label[2:] for label in self.task.labels if label[1:2] == "-"}
        found: list[Mention] = []
        for entry in text.split(";"):
            type, _, words = entry.partition(":")
            if type.strip().casefold() in types:
                place = _place(_bare(words), tokens, found)
                if place is not None:
                    found.append(Mention(place.start, place.stop, types[type.strip().casefold()]))
        known = set(self.task.labels)
        return [tag if tag in known else None for tag in mention_tags(found, len(tokens))]


def _place(words: str, tokens: Sequence[str], taken: Sequence[Mention]) -> range | None:
    """Where tokens that are not taken spell these words."""
    free = [not any(each.start <= place < each.end for each in taken) for place in range(len(tokens))]
    after = taken[-1].end if taken else 0
    for start in [*range(after, len(tokens)), *range(after)]:
        spelled = ""
        for end in range(start, len(tokens)):
            if not free[end] or not words.startswith(spelled):
                break
            spelled += _bare(tokens[end])
            if spelled == words and spelled:
                return range(start, end + 1)
    return None


def _bare(text: str) -> str:
    """A text without space and case, which generation may change."""
    return "".join(text.split()).casefold()


def normal_answer(text: str) -> str:
    """An answer without case, surrounding space and final punctuation, so that 'Yes.' answers as 'yes' does."""
    return text.strip().rstrip(".。!؟?۔").strip().casefold()


def answer_form(task: TaskSpec, tokenizer: PreTrainedTokenizerBase, options: EncodingOptions) -> AnswerForm:
    """The form of a task's answers."""
    forms: Mapping[str, type[AnswerForm]] = {
        "classification": LabelWords,
        "multiple-choice": LabelWords if task.labels else FreeText,
        "tagging": EntityList if marks_entities(task.labels) else TagSequence,
        "extractive-qa": AnswerText,
        "generation": FreeText,
    }
    return forms[task.kind](task, tokenizer, options)

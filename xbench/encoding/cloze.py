"""The `cloze` formulation: a template with one mask, whose filling decides the label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import ClassVar, Literal

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from xbench.data.examples import Examples
from xbench.encoding.formulation import Decoded, Encoded, EncodingOptions, Formulation, Role, decode_scores
from xbench.encoding.label_words import LabelWords, label_words
from xbench.encoding.rows import Batch, Row
from xbench.encoding.soft_slots import place_soft_slot
from xbench.encoding.tokens import TEMPLATE, TokenSequence, fill, shorten, special_tokens
from xbench.errors import RequestError
from xbench.spec.task import TaskSpec
from xbench.spec.template import FieldSegment, Segment, Template, TextSegment


class Cloze(Formulation):
    """Classification by the label words that fill the template's mask."""

    role: ClassVar[Role] = "masked-lm"
    form: Literal["cloze", "soft"] = "cloze"

    def __init__(
        self, task: TaskSpec, tokenizer: PreTrainedTokenizerBase, options: EncodingOptions, source: str
    ) -> None:
        super().__init__(task, tokenizer, options, source)
        self._words: dict[str, LabelWords] = {}

    def template(self, language: str) -> Template:
        """The template for examples of a language, with the method's soft slot put in place.

        Raises:
            RequestError: the method has soft prompt vectors and the template no place for them, or the other way round.
        """
        template = self.task.template(self.form, self.options.template, self.template_language(language))
        position, length = self.options.soft_position, self.options.soft_length
        if length is None and template.soft_length:
            raise RequestError(
                f"{self._where(language)}: the template has soft slots, and this method has no soft prompt. "
                "Choose a template without {soft:N}, or the method soft or mpt."
            )
        if length is not None and position is None and not template.soft_length:
            raise RequestError(
                f"{self._where(language)}: the template has no soft slot for the method's {length} prompt vectors. "
                "Choose one with {soft:N}, or set position to prefix, midfix, suffix or endfix."
            )
        return place_soft_slot(template, position, length)

    def words(self, language: str) -> LabelWords:
        """The label words for examples of a language."""
        language = self.template_language(language)
        if language not in self._words:
            verbalizer = self.task.verbalizer(self.form, self.options.template, language)
            self._words[language] = label_words(verbalizer, self.tokenizer, f"task '{self.task.name}'")
        return self._words[language]

    def context(self, language: str) -> dict[str, object]:
        """Language, task and label words."""
        return super().context(language) | {"label_words": self.words(language)}

    def mixed_batch(self, rows: Sequence[Row], stream: str = "train") -> Batch:
        """A padded batch of training rows of several languages, which share the source's label words."""
        if self.options.template_language == "target":
            raise RequestError(
                "template_language=target gives each language its own label words, and one batch cannot mix them; "
                "train on several languages with template_language=source."
            )
        return super().mixed_batch(rows, stream)

    def _encode(self, examples: Examples) -> Encoded:
        """Rows with input_ids, soft_index, attention_mask, mask_position, in_source (0 or 1) and label."""
        sequences = [
            self._framed(sequence) for sequence in fill(self.template(examples.language), examples, self.tokenizer)
        ]
        room = self.options.max_length - self.options.reserved
        report = shorten(sequences, room, len(examples.fields), self._where(examples.language))
        return Encoded([self._row(examples, number, sequence) for number, sequence in enumerate(sequences)], report)

    def _framed(self, inner: TokenSequence) -> TokenSequence:
        specials = special_tokens(self.tokenizer)
        whole = TokenSequence()
        whole.add(specials.before, [TEMPLATE] * len(specials.before))
        whole.add(inner.ids, inner.owners, soft=inner.soft)
        whole.add(specials.after, [TEMPLATE] * len(specials.after))
        whole.mask = None if inner.mask is None else inner.mask + len(specials.before)
        return whole

    def _row(self, examples: Examples, number: int, sequence: TokenSequence) -> Row:
        assert sequence.mask is not None, "the task spec lets no cloze template without a mask through"
        values: dict[str, int | Sequence[int]] = {
            "input_ids": sequence.ids,
            "soft_index": sequence.soft,
            "attention_mask": [1] * len(sequence.ids),
            "mask_position": sequence.mask,
            "in_source": int(examples.language == self.source),
            "label": self.gold_number(examples, number),
        }
        return Row(number, values, len(sequence.ids))

    @property
    def padding(self) -> dict[str, int]:
        """Padding values of the rows' lists."""
        return {"input_ids": self.tokenizer.pad_token_id or 0, "soft_index": -1, "attention_mask": 0}

    def describe(self) -> dict[str, object]:
        """Templates and label words of every language, and what the method changed about them."""
        name = self.options.template
        own = self.options.template_language == "target"
        languages = self.task.template_languages(self.form, name) if own else (self.source,)
        return {
            "formulation": type(self).__name__,
            "labels": self.task.labels,
            "options": asdict(self.options),
            "source": self.source,
            "templates": {language: repr(self.task.template(self.form, name, language)) for language in languages},
            "verbalizers": {language: repr(self.task.verbalizer(self.form, name, language)) for language in languages},
        }

    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """Labels from scores [batch, labels]."""
        return decode_scores(output, self.task.labels, batch)

    def _where(self, language: str) -> str:
        name = self.task.template_name(self.form, self.options.template)
        return f"task '{self.task.name}', template '{name}', language '{language}'"


class SoftCloze(Cloze):
    """A cloze whose default template has soft slots."""

    form: Literal["cloze", "soft"] = "soft"


class TwoTowerCloze(Cloze):
    """A cloze whose template and fields are encoded apart (UniPrompt, section 2.2).

    The rows hold the fields alone; the template, the same for every example, is in the batch's context.
    """

    def _encode(self, examples: Examples) -> Encoded:
        """Rows with input_ids, attention_mask (of the fields' text) and label."""
        template = self.template(examples.language)
        fields: list[FieldSegment] = [segment for segment in template.segments if isinstance(segment, FieldSegment)]
        text = Template(tuple(_spaced(fields)))
        sequences = [self._framed(sequence) for sequence in fill(text, examples, self.tokenizer)]
        room = self.options.max_length - self.options.reserved - len(self.template_tokens(examples.language).ids)
        report = shorten(sequences, room, len(examples.fields), self._where(examples.language))
        rows = [
            Row(
                number,
                {"input_ids": s.ids, "attention_mask": [1] * len(s.ids), "label": self.gold_number(examples, number)},
                len(s.ids),
            )
            for number, s in enumerate(sequences)
        ]
        return Encoded(rows, report)

    def template_tokens(self, language: str) -> TokenSequence:
        """The template's own text and mask between special tokens."""
        empty = Examples(self.task.name, language, "template", ("template",), {}, ())
        return self._framed(fill(_without_fields(self.template(language)), empty, self.tokenizer)[0])

    def context(self, language: str) -> dict[str, object]:
        """Language, task, label words, template_ids [template length] and template_mask_position."""
        tokens = self.template_tokens(language)
        return super().context(language) | {
            "template_ids": torch.tensor(tokens.ids),
            "template_mask_position": tokens.mask,
        }


def _without_fields(template: Template) -> Template:
    """A template's own text and mask, with no more than one space where a field stood and none at either end."""
    kept: list[Segment] = []
    for segment in template.segments:
        if isinstance(segment, TextSegment) and kept and isinstance(kept[-1], TextSegment):
            kept[-1] = TextSegment(kept[-1].text + " " + segment.text)
        elif not isinstance(segment, FieldSegment):
            kept.append(segment)
    for place, segment in enumerate(kept):
        if isinstance(segment, TextSegment):
            text = re.sub(r"\s+", " ", segment.text)
            text = text.lstrip() if place == 0 else text
            kept[place] = TextSegment(text.rstrip() if place == len(kept) - 1 else text)
    return Template(tuple(kept))


def _spaced(fields: list[FieldSegment]) -> list[Segment]:
    spaced: list[Segment] = []
    for segment in fields:
        spaced += [TextSegment(" "), segment] if spaced else [segment]
    return spaced

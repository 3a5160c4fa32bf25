"""The `text2text` formulation: a prompt goes in, an answer comes out (PolyPrompt, section 3, equations 1 and 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import ClassVar

from torch import Tensor

from xbench.data.examples import Examples
from xbench.encoding.formulation import Decoded, Encoded, Formulation, Role
from xbench.encoding.rows import Batch, Row
from xbench.encoding.tokens import TEMPLATE, TokenSequence, fill, shorten, special_tokens

IGNORED = -100  # target ids that carry no loss


class Text2Text(Formulation):
    """Classification as text: the first label word is the answer to produce; any other text is an invalid answer."""

    role: ClassVar[Role] = "text2text"

    def _encode(self, examples: Examples) -> Encoded:
        """Rows with input_ids, attention_mask and target_ids; a row counts as many as its target tokens."""
        specials = special_tokens(self.tokenizer)
        language = self.template_language(examples.language)
        template = self.task.template("text2text", self.options.template, language)
        sequences = []
        for inner in fill(template, examples, self.tokenizer):
            whole = TokenSequence()
            whole.add(specials.before, [TEMPLATE] * len(specials.before))
            whole.add(inner.ids, inner.owners)
            whole.add(specials.after, [TEMPLATE] * len(specials.after))
            sequences.append(whole)
        what = f"task '{self.task.name}', text-to-text template, language '{language}'"
        report = shorten(sequences, self.options.max_length - self.options.reserved, len(examples.fields), what)
        targets = self._targets(language)
        rows = [self._row(examples, number, sequence, targets) for number, sequence in enumerate(sequences)]
        return Encoded(rows, report)

    def _row(self, examples: Examples, number: int, sequence: TokenSequence, targets: dict[str, list[int]]) -> Row:
        target = targets.get(examples.gold[number], [])  # no answer where there is no gold
        values: dict[str, int | Sequence[int]] = {
            "input_ids": sequence.ids,
            "attention_mask": [1] * len(sequence.ids),
            "target_ids": target,
            "label": self.gold_number(examples, number),
        }
        return Row(number, values, len(sequence.ids) + len(target), count=len(target))

    def answers(self, language: str) -> dict[str, tuple[str, ...]]:
        """The answers that stand for each label, the one that is trained on first."""
        return dict(self.task.verbalizer("text2text", self.options.template, language).words)

    def _targets(self, language: str) -> dict[str, list[int]]:
        """Every label's target ids, end of sequence included, cut to the target length."""
        limit = self.options.target_length
        return {
            label: list(self.tokenizer(text_target=words[0])["input_ids"])[:limit]
            for label, words in self.answers(language).items()
        }

    def context(self, language: str) -> dict[str, object]:
        """Language, task and the most tokens an answer may take."""
        targets = self._targets(self.template_language(language))
        # A little more room than the longest answer: a longer text is invalid anyway.
        longest = max(len(ids) for ids in targets.values())
        return super().context(language) | {"answer_length": min(self.options.target_length, longest + 2)}

    @property
    def padding(self) -> dict[str, int]:
        """Padding values of the rows' lists."""
        return {"input_ids": self.tokenizer.pad_token_id or 0, "attention_mask": 0, "target_ids": IGNORED}

    def describe(self) -> dict[str, object]:
        """Templates and answers of every language."""
        name = self.options.template
        own = self.options.template_language == "target"
        languages = self.task.template_languages("text2text", name) if own else (self.source,)
        return {
            "formulation": "text2text",
            "labels": self.task.labels,
            "options": asdict(self.options),
            "source": self.source,
            "templates": {language: repr(self.task.template("text2text", name, language)) for language in languages},
            "answers": {language: self.answers(language) for language in languages},
        }

    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """Labels from generated ids [batch, length]; text that is no label's answer gives None."""
        language = self.template_language(str(batch.context["language"]))
        label_of = {normal_answer(word): label for label, words in self.answers(language).items() for word in words}
        texts = self.tokenizer.batch_decode(output, skip_special_tokens=True)
        predictions = [label_of.get(normal_answer(text)) for text in texts]
        return Decoded(batch.indices, predictions, scores={})


def normal_answer(text: str) -> str:
    """An answer without case, surrounding space and final punctuation, so that 'Yes.' answers as 'yes' does."""
    return text.strip().rstrip(".。!؟?۔").strip().casefold()

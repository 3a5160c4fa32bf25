"""The `text2text` formulation: a prompt goes in, an answer comes out (PolyPrompt, section 3, equations 1 and 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from typing import ClassVar

from torch import Tensor

from xbench.data.examples import Examples
from xbench.encoding.answers import AnswerForm, answer_form
from xbench.encoding.formulation import IGNORED, Decoded, Encoded, Formulation, Role
from xbench.encoding.rows import Batch, Row
from xbench.encoding.tokens import TEMPLATE, TokenSequence, fill, shorten, special_tokens


class Text2Text(Formulation):
    """Any kind of task as text. What the answers of a kind look like is its answer form's affair."""

    role: ClassVar[Role] = "text2text"
    generates: ClassVar[bool] = True

    @cached_property
    def form(self) -> AnswerForm:
        """How the task's answers are written and read."""
        return answer_form(self.task, self.tokenizer, self.options)

    def _encode(self, examples: Examples) -> Encoded:
        """Rows with input_ids, attention_mask and target_ids; a row counts as many as its target tokens."""
        specials = special_tokens(self.tokenizer)
        language = self.template_language(examples.language)
        template = self.task.template("text2text", self.options.template, language)
        prompts = self.form.prompts(examples, language)
        sequences = []
        for inner in fill(template, prompts.shown, self.tokenizer):
            whole = TokenSequence()
            whole.add(specials.before, [TEMPLATE] * len(specials.before))
            whole.add(inner.ids, inner.owners)
            whole.add(specials.after, [TEMPLATE] * len(specials.after))
            sequences.append(whole)
        what = f"task '{self.task.name}', text-to-text template, language '{language}'"
        report = shorten(sequences, self.options.max_length - self.options.reserved, len(examples.fields), what)
        answers = self._answers(prompts.targets)
        rows = [
            self._row(number, sequence, answer, self.gold_number(examples, number), origin)
            for number, sequence, answer, origin in zip(
                prompts.examples, sequences, answers, prompts.origins, strict=True
            )
        ]
        return Encoded(rows, report)

    def _row(self, number: int, sequence: TokenSequence, answer: list[int], label: int, origin: object) -> Row:
        values: dict[str, int | Sequence[int]] = {
            "input_ids": sequence.ids,
            "attention_mask": [1] * len(sequence.ids),
            "target_ids": answer,
            "label": label,
        }
        return Row(number, values, len(sequence.ids) + len(answer), count=len(answer), origin=origin)

    def _answers(self, targets: Sequence[str | None]) -> list[list[int]]:
        """Target ids, end of sequence included, cut to the target length; none where there is no gold."""
        texts = list({target: None for target in targets if target is not None})
        ids = self.tokenizer(text_target=texts)["input_ids"] if texts else []
        ids_of = {text: list(each)[: self.options.target_length] for text, each in zip(texts, ids, strict=True)}
        return [[] if target is None else ids_of[target] for target in targets]

    def context(self, language: str) -> dict[str, object]:
        """Language, task and the most tokens an answer may take."""
        length = self.options.target_length
        choices = self.form.choices(self.template_language(language))
        if choices is not None:
            # A little more room than the longest answer: a longer text is invalid anyway.
            length = min(length, max(len(ids) for ids in self._answers(choices)) + 2)
        return super().context(language) | {"answer_length": length}

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
            "answers": self.form.describe(languages),
        }

    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """Predictions from generated ids [batch, length]; text that is no answer gives None."""
        language = self.template_language(str(batch.context["language"]))
        texts = self.tokenizer.batch_decode(output, skip_special_tokens=True)
        predictions = [
            self.form.read([texts[place] for place in places], [batch.origins[place] for place in places], language)
            for places in batch.by_example().values()
        ]
        return Decoded(tuple(batch.by_example()), predictions, scores={})

"""A cloze whose training examples are seen twice: in the source language's template and in another language's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from xbench.data.examples import Examples, content_keys
from xbench.encoding.cloze import Cloze
from xbench.encoding.formulation import Decoded, paired_row
from xbench.encoding.label_words import LabelWords
from xbench.encoding.rows import Batch, Row
from xbench.errors import RequestError


class CrossTemplateCloze(Cloze):
    """Every training example filled into the source's template and into that of one other language (PCT).

    The other language is drawn once for each example, by its content, from all that the template is written in. The
    label words are the source's in every template. Test and dev examples are filled into their own language's
    template, or into the source's, as `template_language` says.
    """

    def words(self, language: str) -> LabelWords:
        """The source's label words, whatever the template's language."""
        return super().words(self.source)

    def training_rows(self, examples: Examples) -> list[Row]:
        """Pairs of rows, `source_…` in the own language's template and `target_…` in the drawn one's."""
        other = self._in_other_templates(examples)
        return [paired_row(row, other[row.index]) for row in self.encode(examples).rows]

    def training_batch(self, rows: Sequence[Row], language: str, stream: str = "train") -> Batch:
        """A padded batch of pairs."""
        return self.batch_pairs(rows, stream)

    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """Labels from scores [batch, labels]; of [batch, labels + 1], the last column's words make no answer."""
        labels = len(self.task.labels)
        decoded = super().decode(output[:, :labels], batch)
        if output.shape[1] == labels:
            return decoded
        invalid = (output[:, labels] > output[:, :labels].amax(1)).tolist()
        kept = [None if other else label for label, other in zip(decoded.predictions, invalid, strict=True)]
        return replace(decoded, predictions=kept)

    def _in_other_templates(self, examples: Examples) -> dict[int, Row]:
        numbers: dict[str, list[int]] = {}
        for number, language in enumerate(self._drawn_languages(examples)):
            numbers.setdefault(language, []).append(number)
        # A cloze of each language's own template, whatever serves at test.
        own = Cloze(self.task, self.tokenizer, replace(self.options, template_language="target"), self.source)
        rows: dict[int, Row] = {}
        for language, places in numbers.items():
            part = replace(examples.take(places), language=language)
            rows |= dict(zip(places, own.encode(part).rows, strict=True))
        return rows

    def _drawn_languages(self, examples: Examples) -> list[str]:
        others = [
            language
            for language in self.task.template_languages(self.form, self.options.template)
            if language != self.source
        ]
        if not others:
            raise RequestError(
                f"{self._where(self.source)}: the template is written in one language only, and this method pairs "
                "templates of two. Choose a template with a text for every language."
            )
        digests = (hashlib.sha256(b"template" + key).digest() for key in content_keys(examples, "cross template"))
        return [others[int.from_bytes(digest[:8], "big") % len(others)] for digest in digests]

    def describe(self) -> dict[str, object]:
        """Templates of every language, since training draws from all of them."""
        name = self.options.template
        languages = self.task.template_languages(self.form, name)
        templates = {language: repr(self.task.template(self.form, name, language)) for language in languages}
        return super().describe() | {"templates": templates}

"""The `linear` formulation: the fields as one or two plain texts, a linear layer on the first token's state."""

from __future__ import annotations

from torch import Tensor

from xbench.data.examples import Examples
from xbench.encoding.formulation import Decoded, Encoded, HeadFormulation, Outputs, decode_scores
from xbench.encoding.rows import Batch, Row
from xbench.encoding.tokens import TEMPLATE, TokenSequence, fill, shorten, special_tokens
from xbench.spec.template import FieldSegment, Segment, Template, TextSegment


class Linear(HeadFormulation):
    """Text classification without a template; two fields are a pair as the tokenizer joins them."""

    @property
    def outputs(self) -> Outputs:
        """A score for each label."""
        return Outputs("text", len(self.task.labels))

    def _encode(self, examples: Examples) -> Encoded:
        """Rows with input_ids, attention_mask, label, and token_type_ids where the backbone knows them."""
        first, *others = self.task.fields
        sequences = []
        texts = [fill(Template((FieldSegment(first),)), examples, self.tokenizer)]
        specials = special_tokens(self.tokenizer)
        if others:
            rest: list[Segment] = [FieldSegment(others[0])]
            for name in others[1:]:
                rest += [TextSegment(" "), FieldSegment(name)]
            texts.append(fill(Template(tuple(rest)), examples, self.tokenizer))
        for parts in zip(*texts, strict=True):
            whole = TokenSequence()
            whole.add(specials.before, [TEMPLATE] * len(specials.before))
            for number, part in enumerate(parts):
                if number:
                    whole.add(specials.between, [TEMPLATE] * len(specials.between))
                whole.add(part.ids, part.owners, part=number)
            whole.add(specials.after, [TEMPLATE] * len(specials.after), part=len(parts) - 1)
            sequences.append(whole)
        room = self.options.max_length - self.options.reserved
        report = shorten(
            sequences, room, len(examples.fields), f"task '{self.task.name}', language '{examples.language}'"
        )
        rows = [self._row(examples, number, sequence) for number, sequence in enumerate(sequences)]
        return Encoded(rows, report)

    def _row(self, examples: Examples, number: int, sequence: TokenSequence) -> Row:
        values = self.inputs(sequence.ids, sequence.part) | {"label": self.gold_number(examples, number)}
        return Row(number, values, len(sequence.ids))

    def describe(self) -> dict[str, object]:
        """Fields and labels: there is no template."""
        return {"formulation": "linear", "fields": self.task.fields, "labels": self.task.labels}

    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """Labels from scores [batch, labels]."""
        return decode_scores(output, self.task.labels, batch)

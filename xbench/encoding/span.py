"""The `span` formulation: question and context as a pair, and the first and last piece of the answer scored.

A context that does not fit is seen in several windows, of about the same length, each sharing at least `stride` pieces
with the next. A training window without the whole answer is trained to point at its first token, as in BERT. Where a
task's questions may have no answer, none is predicted where all windows score their first token above every span.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from xbench.answers import gold_answers
from xbench.data.examples import Examples
from xbench.encoding.formulation import Decoded, Encoded, HeadFormulation, Outputs
from xbench.encoding.pieces import Piece, frame, frame_length, text_pieces
from xbench.encoding.rows import Batch, Row
from xbench.encoding.tokens import Shortening
from xbench.encoding.windows import overlapping_windows
from xbench.errors import RequestError

LEAST_CONTEXT = 16
"""Pieces of context that a window must have room for beside the question."""


class Span(HeadFormulation):
    """Extractive question answering by a score of every position as the answer's first and as its last."""

    @property
    def outputs(self) -> Outputs:
        """Scores of all positions as the first, and as the last, of the answer."""
        return Outputs("span", 2)

    @property
    def padding(self) -> dict[str, int]:
        """Padding values of the rows' lists."""
        return super().padding | {"label": 0, "character_start": -1, "character_end": -1}

    def describe(self) -> dict[str, object]:
        """What decides windows and answers: there is no template."""
        return {
            "formulation": "span",
            "fields": self.task.fields,
            "stride": self.options.stride,
            "answer_length": self.options.answer_length,
            **({"unanswerable": True} if self.task.unanswerable else {}),
        }

    def _encode(self, examples: Examples) -> Encoded:
        """Rows with inputs, label (the answer's first and last position, or 0 and 0 where it is not in the window),
        and character_start and character_end: the context's characters at each position, -1 at all other positions."""
        special = frame_length(2, self.tokenizer)
        room = self.options.max_length - self.options.reserved - special
        least_room = min(room - LEAST_CONTEXT, room // 2)
        if least_room < 1:
            raise RequestError(
                f"task '{self.task.name}': max_length {self.options.max_length} leaves {max(room, 0)} tokens for "
                f"question and context beside special tokens and prompt; at least {LEAST_CONTEXT + 1} are needed. "
                "Use a larger max_length."
            )
        questions = text_pieces(examples.fields["question"], self.tokenizer)
        contexts = text_pieces(examples.fields["context"], self.tokenizer)
        report = Shortening()
        rows: list[Row] = []
        for number, (question, context) in enumerate(zip(questions, contexts, strict=True)):
            question_room = max(least_room, room - len(context))  # more than half where the context leaves it
            report.shortened += len(question) > question_room
            report.empty_fields += not question or not any(piece.start < piece.end for piece in context)
            kept = [piece.id for piece in question[:question_room]]
            answer = _answer_pieces(examples.gold[number], context)
            context_room = room - len(kept)
            windows = overlapping_windows(len(context), context_room, min(self.options.stride, context_room // 2))
            text = examples.fields["context"][number]
            rows += [self._row(number, kept, context, window, answer, text) for window in windows]
        return Encoded(rows, report)

    def _row(
        self, number: int, question: list[int], context: Sequence[Piece], window: range, answer: range, text: str
    ) -> Row:
        pieces = context[window.start : window.stop]
        framed = frame([question, [piece.id for piece in pieces]], self.tokenizer)
        begin = framed.starts[1]
        starts, ends = [-1] * len(framed.ids), [-1] * len(framed.ids)
        for place, piece in enumerate(pieces, begin):
            if piece.start < piece.end:  # an answer neither begins nor ends with space
                starts[place], ends[place] = piece.start, piece.end
        label = [0, 0]
        if answer and window.start <= answer.start and answer.stop <= window.stop:
            label = [begin + answer.start - window.start, begin + answer.stop - 1 - window.start]
        values = self.inputs(framed.ids, framed.parts) | {
            "label": label,
            "character_start": starts,
            "character_end": ends,
        }
        # Both boundaries count, so that the mean is that of their two losses.
        return Row(number, values, len(framed.ids), count=2, origin=text)

    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """The best answer of each example over its windows, from scores [batch, 2, length].

        It is cut from the context as it was given. A context without any text gives an empty answer, and so does a
        question that may have none where even the window that points least at its first token does so more than at any
        answer (Devlin et al. 2019, section 4.3).
        """
        found = best_spans(output.float(), batch["character_start"] >= 0, self.options.answer_length)
        starts, ends = batch["character_start"].tolist(), batch["character_end"].tolist()
        nothing = output[:, :, 0].float().sum(-1).tolist()  # [batch]
        predictions: list[str | None] = []
        for places in batch.by_example().values():
            place = max(places, key=lambda place: found[place].score)
            best, context = found[place], batch.origins[place]
            assert isinstance(context, str)
            least = min(nothing[place] for place in places) if self.task.unanswerable else float("-inf")
            cut = best.score > least
            predictions.append(context[starts[place][best.first] : ends[place][best.last]] if cut else "")
        return Decoded(tuple(batch.by_example()), predictions, scores={})


@dataclass(frozen=True)
class BestSpan:
    """The best answer of a row: its first and last position, and the sum of their scores (-inf: there is none)."""

    first: int
    last: int
    score: float


def best_spans(scores: Tensor, allowed: Tensor, most: int) -> list[BestSpan]:
    """The best span of each row that begins and ends at allowed positions and has at most `most` positions.

    `scores` [batch, 2, length] of the first and of the last position, `allowed` [batch, length].
    """
    masked = scores.masked_fill(~allowed.unsqueeze(1), -torch.inf)
    padded = torch.nn.functional.pad(masked[:, 1], (0, most - 1), value=-torch.inf)  # [batch, length + most - 1]
    sums = masked[:, 0].unsqueeze(-1) + padded.unfold(-1, most, 1)  # [batch, length, most], by first and extent
    best, place = sums.flatten(1).max(-1)  # [batch]
    return [
        BestSpan(number // most, number // most + number % most, score)
        for number, score in zip(place.tolist(), best.tolist(), strict=True)
    ]


def _answer_pieces(gold: str, context: Sequence[Piece]) -> range:
    """The pieces of the context that hold the first accepted answer; none where there is no answer."""
    answers = gold_answers(gold) if gold else None
    if answers is None or not answers.texts:
        return range(0)
    start, end = answers.starts[0], answers.starts[0] + len(answers.texts[0])
    held = [place for place, piece in enumerate(context) if max(start, piece.start) < min(end, piece.end)]
    return range(held[0], held[-1] + 1) if held else range(0)

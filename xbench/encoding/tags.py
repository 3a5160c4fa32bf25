"""The `tags` formulation: a sentence of given tokens, and a tag scored at the first piece of each.

The tokens are joined by single spaces and tokenized as one running text. A token's tag is read off its first piece (a
piece for the space before a token counts to it); its other pieces are ignored, as in BERT and XTREME. A sentence
longer than the limit is split between tokens into windows. A token that the tokenizer leaves no piece of, such as one
of nothing but zero-width characters, is predicted by rule (`xbench.encoding.tag_lists.complete`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from torch import Tensor
from transformers import PreTrainedTokenizerBase

from xbench.answers import list_text, text_list
from xbench.data.examples import Examples
from xbench.encoding.formulation import IGNORED, Decoded, Encoded, HeadFormulation, Outputs
from xbench.encoding.pieces import Piece, frame, frame_length, text_pieces
from xbench.encoding.rows import Batch, Row
from xbench.encoding.tag_lists import complete
from xbench.encoding.tokens import Shortening
from xbench.encoding.windows import consecutive_windows
from xbench.errors import RequestError


class Tags(HeadFormulation):
    """Tagging by a score of every tag for every token."""

    @property
    def outputs(self) -> Outputs:
        """A score for each tag at each position."""
        return Outputs("token", len(self.task.labels))

    @property
    def padding(self) -> dict[str, int]:
        """Padding values of the rows' lists."""
        return super().padding | {"label": IGNORED, "token": -1}

    def describe(self) -> dict[str, object]:
        """The tags: there is no template."""
        return {"formulation": "tags", "labels": self.task.labels}

    def _encode(self, examples: Examples) -> Encoded:
        """Rows with inputs, label (a tag at the first piece of each token) and token (its number there, else -1)."""
        room = self.options.max_length - self.options.reserved - frame_length(1, self.tokenizer)
        if room < 1:
            raise RequestError(
                f"task '{self.task.name}': max_length {self.options.max_length} leaves no room for a token beside "
                "special tokens and prompt. Use a larger max_length."
            )
        sentences = [text_list(text) for text in examples.fields["tokens"]]
        rows: list[Row] = []
        report = Shortening()
        for number, pieces in enumerate(sentence_pieces(sentences, self.tokenizer)):
            tags = text_list(examples.gold[number]) if examples.gold[number] else []
            windows = consecutive_windows([len(token) for token in pieces], room)
            rows += [self._row(number, pieces, window, tags, room) for window in windows]
            report.shortened += any(len(token) > room for token in pieces)
            report.empty_fields += not any(pieces)
        return Encoded(rows, report)

    def _row(self, number: int, pieces: Sequence[list[int]], window: range, tags: Sequence[str], room: int) -> Row:
        ids: list[int] = []
        places: dict[int, int] = {}  # of each token's first piece
        for token in window:
            if pieces[token]:
                places[len(ids)] = token
            ids += pieces[token]
        framed = frame([ids[:room]], self.tokenizer)  # only a token longer than the room is cut
        token_at, label_at = [-1] * len(framed.ids), [IGNORED] * len(framed.ids)
        for place, token in places.items():
            token_at[framed.starts[0] + place] = token
            if tags:
                label_at[framed.starts[0] + place] = self._tag_numbers[tags[token]]
        values = self.inputs(framed.ids, framed.parts) | {"label": label_at, "token": token_at}
        return Row(number, values, len(framed.ids), count=len(places), origin=len(pieces))

    @cached_property
    def _tag_numbers(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.task.labels)}

    def decode(self, output: Tensor, batch: Batch) -> Decoded:
        """A tag for every token, from scores [batch, length, tags]."""
        best = output.argmax(-1).tolist()  # [batch, length]
        tokens = batch["token"].tolist()  # [batch, length]
        predictions: list[str | None] = []
        for places in batch.by_example().values():
            count = batch.origins[places[0]]
            assert isinstance(count, int)
            tags: list[str | None] = [None] * count
            for place in places:
                for token, tag in zip(tokens[place], best[place], strict=True):
                    if token >= 0:
                        tags[token] = self.task.labels[tag]
            predictions.append(list_text(complete(tags, self.task.labels)))
        return Decoded(tuple(batch.by_example()), predictions, scores={})


def sentence_pieces(sentences: Sequence[Sequence[str]], tokenizer: PreTrainedTokenizerBase) -> list[list[list[int]]]:
    """For each sentence the piece ids of each of its tokens, which together are those of the tokens as one text.

    Raises:
        BackboneError: the tokenizer gives no offsets.
    """
    texts = text_pieces([" ".join(tokens) for tokens in sentences], tokenizer)
    return [_by_token(tokens, pieces) for tokens, pieces in zip(sentences, texts, strict=True)]


def _by_token(tokens: Sequence[str], pieces: Sequence[Piece]) -> list[list[int]]:
    """Each token's pieces: a piece belongs to the token of its first character; one of space to the token after it."""
    starts = list(accumulate((len(token) + 1 for token in tokens[:-1]), initial=0))
    ids: list[list[int]] = [[] for _ in tokens]
    for piece in pieces:
        ids[bisect_right(starts, piece.start) - 1].append(piece.id)
    return ids

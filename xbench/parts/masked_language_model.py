"""A masked language model whose head is computed at the mask only, and only for the rows that are needed."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from xbench.encoding.label_words import LabelWords
from xbench.encoding.rows import Batch
from xbench.errors import BackboneError
from xbench.parts.encoder import Encoder, base_model


class MaskedLanguageModel(nn.Module):
    """Encoder, the head's transformation, and the output matrix, apart.

    The transformation is whatever the model's head does before its output matrix (for XLM-R a dense layer,
    activation and norm), so that its result is the h^m of UniPrompt's equation 6.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.encoder = Encoder(base_model(model))
        self.output, self.transformation = _split_head(model)

    def state_at(self, states: Tensor, position: Tensor) -> Tensor:
        """Transformed states at one position of each row.

        Takes [batch, length, hidden] and [batch], gives h^m [batch, hidden].
        """
        rows = torch.arange(len(states), device=states.device)
        return self.transformation(states[rows, position])

    def label_scores(self, state: Tensor, words: LabelWords) -> Tensor:
        """Scores of the labels, from the label words' rows of the output matrix alone.

        Takes h^m [batch, hidden], gives [batch, labels].
        """
        rows = words.rows
        bias = None if self.output.bias is None else self.output.bias[rows]
        scores = nn.functional.linear(state, self.output.weight[rows], bias)  # [batch, rows]
        return words.label_scores(scores, rows)

    def vocabulary_scores(self, state: Tensor) -> Tensor:
        """Scores of the whole vocabulary. Takes h^m [batch, hidden], gives [batch, vocabulary]."""
        return self.output(state)


def beside_other_words(model: MaskedLanguageModel, state: Tensor, words: LabelWords) -> Tensor:
    """Scores of the labels, and behind them that of the best word that is no label's.

    Takes h^m [batch, hidden], gives [batch, labels + 1].
    """
    scores = model.vocabulary_scores(state)  # [batch, vocabulary]
    rows = words.rows
    labels = words.label_scores(scores[:, rows], rows)  # [batch, labels]
    others = scores.index_fill(1, rows, float("-inf")).amax(1, keepdim=True)  # [batch, 1]
    return torch.cat([labels, others], dim=1)


def words_of(batch: Batch) -> LabelWords:
    """The label words that a cloze batch carries."""
    words = batch.context["label_words"]
    assert isinstance(words, LabelWords)
    return words


def label_word_loss(model: MaskedLanguageModel, state: Tensor, batch: Batch, label_space: str) -> Tensor:
    """Summed cross-entropy of the gold label words at the mask.

    `vocabulary`: minus the log-probability under a softmax over the vocabulary (MPT, equations 2 and 3);
    `label-words`: under a softmax over the label words (UniPrompt, equations 6 and 7).
    """
    if label_space == "vocabulary":
        return vocabulary_loss(model.vocabulary_scores(state).log_softmax(-1), batch)
    scores = model.label_scores(state, words_of(batch)).log_softmax(-1)  # [batch, labels]
    return -scores.gather(1, batch["label"].unsqueeze(1)).sum()


def vocabulary_loss(log_probabilities: Tensor, batch: Batch) -> Tensor:
    """Minus the log-probabilities of the gold label words, summed, from those of the vocabulary [batch, vocabulary]."""
    scores = label_log_probabilities(log_probabilities, words_of(batch))
    return -scores.gather(1, batch["label"].unsqueeze(1)).sum()


def label_log_probabilities(log_probabilities: Tensor, words: LabelWords) -> Tensor:
    """Those of the labels [batch, labels] among those of the vocabulary [batch, vocabulary] (MPT, equation 2)."""
    rows = words.rows
    return words.label_scores(log_probabilities[:, rows], rows)


def symmetric_divergence(first: Tensor, second: Tensor) -> Tensor:
    """KL(P, Q) + KL(Q, P), summed over the batch, of log-probabilities [batch, vocabulary] each."""
    # Both directions in one sum: p log(p/q) + q log(q/p) = (p - q) (log p - log q).
    return ((first.exp() - second.exp()) * (first - second)).sum()


def _split_head(model: PreTrainedModel) -> tuple[nn.Linear, nn.Module]:
    """The output matrix, and the head with it taken out."""
    output = model.get_output_embeddings()
    for name, module in model.named_modules():
        for child_name, child in module.named_children():
            if child is output and module is not model:
                setattr(module, child_name, nn.Identity())
                return output, _outermost_head(model, name)
    raise BackboneError(
        f"{type(model).__name__} has no masked-LM head of a known shape; use an XLM-R, RoBERTa or BERT."
    )


def _outermost_head(model: PreTrainedModel, name: str) -> nn.Module:
    """The top-level module that holds the head (BERT's `cls` wraps its predictions in one more module)."""
    return model.get_submodule(name.split(".")[0])

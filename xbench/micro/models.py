"""Architectures of the micro backbones and their pretraining losses."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import MT5Config, MT5ForConditionalGeneration, XLMRobertaConfig, XLMRobertaForMaskedLM

from xbench.micro.masking import Batch


def masked_language_model(vocabulary: int) -> XLMRobertaForMaskedLM:
    """XLM-R's architecture, four layers; token ids as in XLM-R's layout."""
    config = XLMRobertaConfig(
        vocab_size=vocabulary, hidden_size=128, num_hidden_layers=4, num_attention_heads=4, intermediate_size=384,
        max_position_embeddings=258, type_vocab_size=1, layer_norm_eps=1e-5, initializer_range=0.04,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        bos_token_id=0, pad_token_id=1, eos_token_id=2, tie_word_embeddings=True,
    )  # fmt: skip
    return XLMRobertaForMaskedLM(config)


def text_to_text_model(vocabulary: int) -> MT5ForConditionalGeneration:
    """mT5's architecture, a few layers on each side, its output layer untied as mT5's is.

    The activation is mT5's, by the name under which one kernel computes it.
    """
    config = MT5Config(
        vocab_size=vocabulary, d_model=128, d_kv=32, d_ff=320, num_layers=4, num_decoder_layers=2, num_heads=4,
        relative_attention_num_buckets=32, relative_attention_max_distance=64, dropout_rate=0.0,
        feed_forward_proj="gated-gelu_pytorch_tanh", tie_word_embeddings=False,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
    )  # fmt: skip
    return MT5ForConditionalGeneration(config)


def masked_loss(model: XLMRobertaForMaskedLM, batch: Batch) -> Tensor:
    """Mean cross-entropy of the hidden tokens; the head runs at their places only."""
    hidden = model.roberta(batch.input_ids, attention_mask=batch.attention_mask).last_hidden_state
    chosen = batch.targets != -100  # [batch, length]
    logits = model.lm_head(hidden[chosen])  # [hidden tokens, vocabulary]
    return cross_entropy(logits, batch.targets[chosen])


def span_loss(model: MT5ForConditionalGeneration, batch: Batch) -> Tensor:
    """Mean cross-entropy of the target tokens."""
    output = model(
        input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.targets, use_cache=False
    )
    loss: Tensor = output.loss
    return loss


def parameters(model: torch.nn.Module) -> int:
    """Number of parameters, shared ones once."""
    return sum(parameter.numel() for parameter in model.parameters())

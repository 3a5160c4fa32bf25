"""A cell's tuned model in the format of transformers or peft, told apart by the parts that it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from xbench.backbone.load import Backbone
from xbench.encoding.formulation import Formulation
from xbench.encoding.tokens import special_tokens
from xbench.errors import RequestError
from xbench.export.adapters import save_prefix, save_soft_prompt
from xbench.export.heads import model_with_head
from xbench.method.base import Settings
from xbench.parts.classifier import SpanHead, TokenHead
from xbench.parts.cloze_model import ClozeModel
from xbench.parts.deep_prefix import DeepPrefix
from xbench.parts.encoder import Encoder
from xbench.parts.encoder_decoder import EncoderDecoder
from xbench.parts.masked_language_model import MaskedLanguageModel
from xbench.parts.soft_prompt import SoftPromptModel

ABLE = (
    "a full model with a linear head, a masked language model on a discrete template, an encoder-decoder, a deep "
    "prefix under a linear head, and a soft prompt at the beginning of the text"
)


@dataclass(frozen=True)
class Exported:
    """What was written: the class or adapter that reads it, and what a reader has to know."""

    format: str
    notes: tuple[str, ...] = ()
    arguments: str = ""
    """What `from_pretrained` of an adapter's base needs besides its name."""


@dataclass(frozen=True)
class Tuned:
    """A tuned model, and what it was made of and for."""

    model: nn.Module
    backbone: Backbone
    formulation: Formulation
    settings: Settings

    @property
    def labels(self) -> tuple[str, ...]:
        """The task's labels, in the order of the head's outputs."""
        return tuple(self.formulation.task.labels)


def export_model(tuned: Tuned, folder: Path) -> Exported:
    """Writes the model and its tokenizer to a folder that transformers or peft read; the same logits there as here.

    Raises:
        RequestError: neither format can express the model; the message says why.
    """
    for fits, write in WRITERS:
        if fits(tuned.model):
            exported = write(tuned, folder)
            tuned.backbone.tokenizer.save_pretrained(folder)
            return exported
    raise RequestError(
        f"The model of this cell ({type(tuned.model).__name__}) is more than transformers' and peft's formats can say. "
        f"They can hold {ABLE}. Its weights are in the run store, as weights.safetensors."
    )


def _with_head(model: nn.Module) -> bool:
    parts = dict(model.named_children())
    return set(parts) == {"encoder", "head"} and isinstance(parts["encoder"], Encoder)


def _with_prefix(model: nn.Module) -> bool:
    parts = dict(model.named_children())
    return set(parts) == {"encoder", "prefix", "head"} and isinstance(parts["prefix"], DeepPrefix)


def _whole(tuned: Tuned, folder: Path) -> Exported:
    """A full model with a linear head."""
    encoder, head = _parts(tuned)
    model = model_with_head(encoder, head, tuned.labels)
    model.save_pretrained(folder)
    return Exported(type(model).__name__, _about_head(head))


def _prefix(tuned: Tuned, folder: Path) -> Exported:
    """A frozen backbone's prefix and head, as an adapter."""
    encoder, head = _parts(tuned)
    parts: Any = dict(tuned.model.named_children())
    types = getattr(encoder.model.config, "type_vocab_size", 1)
    if types > 1 and len(tuned.formulation.task.fields) > 1:
        raise RequestError(
            f"{tuned.backbone.name} tells two texts apart by their token types, and peft leaves these out under a "
            "prefix: the adapter would give other logits. A backbone of XLM-R's kind has no token types."
        )
    model = model_with_head(encoder, head, tuned.labels)
    kind = type(model).__name__
    save_prefix(model, parts["prefix"], head, tuned.backbone.name, folder)
    arguments = "" if isinstance(head, SpanHead) else f"num_labels={head.linear.out_features}"
    return Exported(f"peft PREFIX_TUNING for {kind}", _about_head(head), arguments)


def _masked(tuned: Tuned, folder: Path) -> Exported:
    """A masked language model that was tuned as a whole."""
    assert isinstance(tuned.model, ClozeModel)
    model = plain_masked_model(tuned.model.language_model, tuned.backbone)
    model.save_pretrained(folder)
    return Exported(type(model).__name__, ("Fill the template, and compare the label words at the mask.",))


def _soft(tuned: Tuned, folder: Path) -> Exported:
    """A masked language model with a soft prompt right behind the special token that begins a text."""
    assert type(tuned.model) is SoftPromptModel
    _check_beginning(tuned)
    specials = special_tokens(tuned.backbone.tokenizer)
    language_model = tuned.model.language_model
    words: Any = language_model.encoder.model.get_input_embeddings()
    with torch.no_grad():
        first: Tensor = words(torch.tensor(specials.before, device=words.weight.device))  # [special tokens, hidden]
        vectors = torch.cat([first, tuned.model.prompt()])
    base = tuned.backbone.name
    notes = ["Give the input without the special token that begins it: it is in the adapter."]
    model = plain_masked_model(language_model, tuned.backbone)
    if any(parameter.requires_grad for parameter in language_model.parameters()):
        base = "backbone"
        model.save_pretrained(folder / base)
        tuned.backbone.tokenizer.save_pretrained(folder / base)
        notes.append("The backbone was tuned as well: it is in the folder 'backbone', below the adapter.")
    kind = type(model).__name__
    save_soft_prompt(model, vectors, base, folder)
    return Exported(f"peft PROMPT_TUNING for {kind}", tuple(notes))


def _check_beginning(tuned: Tuned) -> None:
    """Raises RequestError unless every template begins with the prompt."""
    position = getattr(tuned.settings, "position", None)
    if position != "prefix":
        raise RequestError(
            "peft's prompt tuning puts its virtual tokens before the whole text, and this cell's stand "
            f"{'where its template says' if position is None else f'at the {position}'}. What peft can express is a "
            "prompt trained with position=prefix."
        )


def _generating(tuned: Tuned, folder: Path) -> Exported:
    """An encoder-decoder that was tuned as a whole."""
    assert isinstance(tuned.model, EncoderDecoder)
    model: PreTrainedModel = tuned.model.model
    model.save_pretrained(folder)
    return Exported(type(model).__name__, ("Fill the text-to-text template, and generate greedily.",))


WRITERS: tuple[tuple[Callable[[nn.Module], bool], Callable[[Tuned, Path], Exported]], ...] = (
    (_with_head, _whole),
    (_with_prefix, _prefix),
    (lambda model: isinstance(model, ClozeModel), _masked),
    (lambda model: type(model) is SoftPromptModel, _soft),
    (lambda model: isinstance(model, EncoderDecoder), _generating),
)


def plain_masked_model(tuned: MaskedLanguageModel, backbone: Backbone) -> PreTrainedModel:
    """The model as transformers has it, put together again from its encoder, head and output matrix."""
    model = backbone.fresh()
    again = MaskedLanguageModel(model)  # takes the head apart in the same way, so that the parts have the same names
    again.load_state_dict(tuned.state_dict())
    whole = backbone.fresh()
    _copy(model.base_model, whole.base_model)
    _copy(again.transformation, _head_of(whole))
    _copy(again.output, whole.get_output_embeddings())
    return whole.eval()


def _head_of(model: PreTrainedModel) -> nn.Module:
    """The module beside the encoder: the masked language model's head."""
    (head,) = [child for child in model.children() if child is not model.base_model]
    return head


def _copy(source: Any, target: Any) -> None:
    """Weights by their names; those of the output matrix, which is taken out of the source's head, are left."""
    values = source.state_dict()
    with torch.no_grad():
        for name, parameter in target.state_dict().items():
            if name in values:
                parameter.copy_(values[name])


def _parts(tuned: Tuned) -> tuple[Encoder, TokenHead]:
    parts: Any = dict(tuned.model.named_children())
    return parts["encoder"], parts["head"]


def _about_head(head: TokenHead) -> tuple[str, ...]:
    if isinstance(head, SpanHead):
        return ("The question is the first text, the context the second.",)
    return ()

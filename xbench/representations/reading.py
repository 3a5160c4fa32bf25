"""Reads the representations of texts from a backbone as it was, or from a cell's model before or after training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy
import torch
from torch import nn

from xbench.data.examples import Examples
from xbench.encoding.formulation import EncodingOptions, Formulation
from xbench.encoding.linear import Linear
from xbench.encoding.rows import Batch
from xbench.encoding.tokens import special_tokens
from xbench.errors import RequestError
from xbench.parts.encoder import Encoder, base_model
from xbench.representations.states import Layer, Token, states, text_vectors
from xbench.runner.rebuild import RebuiltCell
from xbench.runner.stage_data import evaluation_batches


@dataclass(frozen=True)
class TextModel:
    """A model, the way it puts texts, and how a batch goes through it.

    `name` is what people read; `reads` says what text it is given. `start` is called with a language's first batch.
    """

    name: str
    reads: str
    formulation: Formulation
    model: nn.Module
    run: Callable[[Batch], object]
    start: Callable[[Batch], None] = lambda batch: None


def plain_backbone(cell: RebuiltCell, task: str) -> TextModel:
    """The cell's backbone as it was pretrained. It reads the fields alone, two as a pair (Tu et al., section 5)."""
    backbone = cell.cell.backbone
    options = EncodingOptions(max_length=min(cell.cell.plan.settings.max_length, backbone.max_length))
    formulation = Linear(cell.cell.tasks[task], backbone.tokenizer, options, cell.cell.plan.source)
    model = backbone.model.to(cell.accelerator.device)
    run: Callable[[Batch], object]
    if model.config.is_encoder_decoder:
        inner = model.get_encoder()

        def run(batch: Batch) -> object:
            return inner(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    else:
        run = Encoder(base_model(model))
    name = f"{cell.record.model}, not tuned"
    return TextModel(name, "the fields alone", formulation, model, run)


def model_of(cell: RebuiltCell, task: str, language: str, *, tuned: bool) -> TextModel:
    """A cell's model for a task and language: tuned, or as its method builds it before training.

    Raises:
        StoreError: the model rebuilt now would not be the stored one.
    """
    stage = cell.stage(task, language)
    model = cell.tuned(stage) if tuned else cell.untrained(stage)
    name = f"{cell.record.label}, {'tuned' if tuned else 'before training'}, seed {cell.record.seed}"
    formulation = cell.cell.formulations[task]
    reads = "the fields alone" if isinstance(formulation, Linear) else "the fields in its template"
    return TextModel(
        name,
        reads,
        formulation,
        model,
        lambda batch: cell.method.predict(model, batch),
        lambda batch: cell.method.before_prediction(model, batch),
    )


def check_token(model: TextModel, token: Token) -> None:
    """Raises RequestError where the first token is a word of the text, which stands for nothing else."""
    tokenizer = model.formulation.tokenizer
    if token == "first" and not special_tokens(tokenizer).before:
        raise RequestError(
            f"{model.name}: its tokenizer puts no token of its own before a text, so that the first state is that of "
            "the text's first piece. Use --token mean."
        )


def read(model: TextModel, examples: Examples, token: Token, layer: Layer, device: torch.device) -> numpy.ndarray:
    """One vector for each example [examples, hidden], in their order; float32, computed without autocast.

    Of an example that is seen in several windows, its beginning is read.

    Raises:
        RequestError: the model has no such layer, or no encoder that is known.
    """
    check_token(model, token)
    beginnings = {row.index: row for row in reversed(model.formulation.encode(examples).rows)}
    rows = [beginnings[number] for number in range(len(examples))]
    batches = evaluation_batches(rows, model.formulation, examples.language)
    found: dict[int, numpy.ndarray] = {}
    with torch.inference_mode():
        model.start(batches[0]().to(device))
        for make in batches:
            batch = make().to(device)
            vectors = text_vectors(states(model.model, model.run, batch, layer), batch, token)
            found |= zip(batch.indices, vectors.float().cpu().numpy(), strict=True)
    return numpy.stack([found[place] for place in range(len(examples))])

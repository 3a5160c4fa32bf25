"""The recipe of the micro backbones: corpus, tokenizer, pretraining, weights, card, pieces for further characters."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import numpy
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from xbench.grammar import language_share, languages
from xbench.grammar.lexicons import concepts
from xbench.micro import NAMES
from xbench.micro.corpus import Document, Mixture, documents
from xbench.micro.masking import Batch, by_length, encoded, masked_batch, span_batch
from xbench.micro.models import masked_language_model, masked_loss, parameters, span_loss, text_to_text_model
from xbench.micro.tokenizers import masked_tokenizer, piece_overlap, save, text_to_text_tokenizer, train_pieces
from xbench.micro.vocabulary import extend_vocabulary

SOURCE = languages()[0]


@dataclass(frozen=True)
class Settings:
    """All that determines the weights, but for the versions of the libraries.

    Of the first pass's `steps` a share of `source_only` is in the source language alone; `again` more steps follow in a
    second pass over all languages, in which the learning rate rises and falls once more.
    """

    steps: int
    again: int = 0
    seed: int = 0
    batch_size: int = 32
    learning_rate: float = 2e-3
    warmup: float = 0.06
    source_only: float = 0.215
    weight_decay: float = 0.01
    tokenizer_documents: int = 40_000
    words: int = 3400
    parts: int = 1400
    mixture: Mixture = field(default_factory=Mixture)


@dataclass(frozen=True)
class Ingredients:
    """What differs between the backbones."""

    tokenizer: Callable[[list[tuple[str, float]]], PreTrainedTokenizerFast]
    model: Callable[[int], Any]
    batch: Callable[..., Batch]
    loss: Callable[[Any, Batch], torch.Tensor]
    steps: int
    again: int
    source_only: float


INGREDIENTS = {
    "micro-xlmr": Ingredients(masked_tokenizer, masked_language_model, masked_batch, masked_loss, 15_000, 8000, 0.33),
    "micro-mt5": Ingredients(text_to_text_tokenizer, text_to_text_model, span_batch, span_loss, 6000, 0, 0.215),
}


def build_one(name: str, out: Path, settings: Settings, report: Callable[[str], None] = print) -> Path:
    """Makes one backbone in `out/name` and returns that folder."""
    ingredients = INGREDIENTS[name]
    corpus = islice(documents(settings.seed, settings.mixture), settings.tokenizer_documents)
    texts = (document.text for document in corpus)
    tokenizer = ingredients.tokenizer(train_pieces(texts, settings.words, settings.parts))
    torch.manual_seed(settings.seed)
    model = ingredients.model(len(tokenizer))
    started = time.monotonic()
    losses = pretrain(model, tokenizer, ingredients, settings, report)
    if settings.again:
        losses = pretrain_again(model.half().float(), tokenizer, ingredients, settings, report)
    folder = out / name
    model.half().save_pretrained(folder)
    save(tokenizer, folder)
    seconds, loss = round(time.monotonic() - started), sum(losses[-200:]) / len(losses[-200:])
    write_card(folder, name, settings, model, tokenizer, seconds, loss)
    extend_vocabulary(folder, settings.seed)
    return folder


def write_card(
    folder: Path, name: str, settings: Settings, model: Any, tokenizer: Any, seconds: int, loss: float
) -> None:
    """Writes card.json: how the backbone was made, from what, and how long it took."""
    card = {
        "name": name,
        "settings": asdict(settings),
        "parameters": parameters(model),
        "vocabulary": len(tokenizer),
        "seconds": seconds,
        "threads": torch.get_num_threads(),
        "final_loss": round(loss, 4),
        "language_share": language_share(),
        "piece_overlap": {
            f"{unseen}-{seen}": round(piece_overlap(tokenizer, unseen, seen), 3)
            for unseen, seen in concepts()["relative"].items()
        },
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def build_all(out: Path, steps: int | None = None, seed: int = 0, only: str | None = None) -> list[Path]:
    """Makes the micro backbones, or the one that `only` names; ValueError for an unknown name.

    `steps` is None for each backbone's own number.
    """
    if only is not None and only not in NAMES:
        raise ValueError(f"no micro backbone {only!r}; there are {', '.join(NAMES)}")
    return [build_one(name, out, _settings(INGREDIENTS[name], steps, seed)) for name in NAMES if only in (None, name)]


def _settings(ingredients: Ingredients, steps: int | None, seed: int) -> Settings:
    steps, again = (ingredients.steps, ingredients.again) if steps is None else (steps, 0)
    alone = ingredients.source_only * ingredients.steps / (ingredients.steps + ingredients.again)
    return Settings(steps, again, seed, source_only=ingredients.source_only if again else alone)


def pretrain_again(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    ingredients: Ingredients,
    settings: Settings,
    report: Callable[[str], None],
) -> list[float]:
    """The second pass: other documents of all languages, with a new optimizer."""
    second = replace(settings, steps=settings.again, again=0, seed=settings.seed + 10, source_only=0.0)
    shares = later_shares(settings)
    return _train(model, tokenizer, ingredients, second, _batches(tokenizer, ingredients, second, shares), report)


def pretrain(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    ingredients: Ingredients,
    settings: Settings,
    report: Callable[[str], None],
) -> list[float]:
    """The first pass; trains the model in place and returns the loss of every step."""
    batches = _batches(tokenizer, ingredients, settings, later_shares(settings))
    return _train(model, tokenizer, ingredients, settings, batches, report)


def _train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    ingredients: Ingredients,
    settings: Settings,
    batches: Iterator[Batch],
    report: Callable[[str], None],
) -> list[float]:
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay
    )
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, settings))
    model.train()
    losses = []
    started = time.monotonic()
    for step, batch in enumerate(islice(batches, settings.steps)):
        loss = ingredients.loss(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rate.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if (step + 1) % 100 == 0:
            mean = sum(losses[-100:]) / 100
            report(f"step {step + 1} of {settings.steps}: loss {mean:.3f}, {time.monotonic() - started:.0f} s")
    return losses


def _rate(step: int, settings: Settings) -> float:
    """Factor of the learning rate: linear rise, linear fall to nothing."""
    rise = max(1, int(settings.steps * settings.warmup))
    if step < rise:
        return (step + 1) / rise
    return max(0.0, (settings.steps - step) / max(1, settings.steps - rise))


def _batches(
    tokenizer: PreTrainedTokenizerFast, ingredients: Ingredients, settings: Settings, later: Mapping[str, float]
) -> Iterator[Batch]:
    """Batches of the source language alone first, then of all seen languages.

    What relates two sentences is learnt in few words first: with ten languages from
    the start, inference is still at chance after 3,000 steps.
    """
    order, random = Random(settings.seed), numpy.random.default_rng(settings.seed)
    alone = int(settings.steps * settings.source_only)
    for steps, shares in ((alone, {SOURCE: 1.0}), (settings.steps - alone, later)):
        source = documents(settings.seed + 1, settings.mixture, shares)
        batches = _phase(source, tokenizer, ingredients, settings.batch_size, order, random)
        yield from islice(batches, steps)


def _phase(
    source: Iterator[Document],
    tokenizer: PreTrainedTokenizerFast,
    ingredients: Ingredients,
    batch_size: int,
    order: Random,
    random: numpy.random.Generator,
) -> Iterator[Batch]:
    while True:
        chunk = encoded(source, tokenizer, 200 * batch_size)
        for items in by_length(chunk, batch_size, order):
            yield ingredients.batch(items, tokenizer, random)


def later_shares(settings: Settings) -> dict[str, float]:
    """Shares after the source language had a part to itself, so that over both passes they are as published."""
    alone = settings.source_only * settings.steps / (settings.steps + settings.again)
    rest = {language: share - alone * (language == SOURCE) for language, share in language_share().items()}
    if rest[SOURCE] <= 0:
        raise ValueError(f"the source language has {language_share()[SOURCE]} of the text, less than {alone:.3f}")
    return {language: share / (1 - alone) for language, share in rest.items()}

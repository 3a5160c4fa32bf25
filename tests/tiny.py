"""Tiny random models with real tokenizers, and the batches that tests put through them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer
from torch import nn
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertTokenizer,
    MT5Config,
    MT5ForConditionalGeneration,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
    XLMRobertaTokenizer,
)

from tests.tiny_kinds import kind_examples
from xbench import grammar, micro
from xbench.backbone.load import Backbone
from xbench.data.examples import Examples
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Batch
from xbench.method.base import Method
from xbench.method.registry import load_method, method_settings, parse_method
from xbench.method.stages import Fit, Request
from xbench.spec.registry import load_task
from xbench.spec.task import TaskSpec

LAYERS = 4
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    # Wide enough that no score is near to any other, which would let a wrong one pass.
    "initializer_range": 0.15,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}


def save_all(folder: Path) -> dict[str, Path]:
    """Writes all tiny models below a folder; gives their folders by name."""
    makers = {
        "xlmr": lambda: _xlmr(_micro("micro-xlmr")),
        "unigram": lambda: _xlmr(_unigram()),
        "bert": _bert,
        "mt5": _mt5,
    }
    for name, make in makers.items():
        torch.manual_seed(0)  # for each anew: one model's size must not change another's weights
        model, tokenizer = make()
        _disturb(model)
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return {name: folder / name for name in makers}


def _disturb(model: PreTrainedModel) -> None:
    """Biases and norms that are not zero and one, so that leaving one out shows."""
    for parameter in model.parameters():
        if parameter.ndim == 1:
            nn.init.normal_(parameter, mean=float(parameter.detach().mean().round()), std=0.2)


def _micro(name: str) -> PreTrainedTokenizerBase:
    """An embedded backbone's tokenizer with the pieces of its pretraining: no weights hang on those appended later."""
    card = json.loads((micro.path(name) / "card.json").read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(micro.path(name))
    whole = json.loads(tokenizer.backend_tokenizer.to_str())
    whole["model"]["vocab"] = whole["model"]["vocab"][: card["vocabulary"] - card["never_trained"]]
    return type(tokenizer)(tokenizer_object=Tokenizer.from_str(json.dumps(whole)), **tokenizer.init_kwargs)


def _xlmr(tokenizer: PreTrainedTokenizerBase) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    ids = {"pad_token_id": tokenizer.pad_token_id, "bos_token_id": tokenizer.bos_token_id}
    config = XLMRobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=162, type_vocab_size=1, **ids, **SIZES)
    tokenizer.model_max_length = 160
    return XLMRobertaForMaskedLM(config), tokenizer


def _unigram() -> PreTrainedTokenizerBase:
    pieces = ["▁", "▁It", "▁the", "▁and", "▁is", "▁good", "▁bad", "▁okay", "▁great", "▁terrible", "▁text"]
    letters = [chr(number) for number in range(33, 127)]
    vocabulary = [(piece, 0.0) for piece in ("<s>", "<pad>", "</s>", "<unk>")]
    vocabulary += [(piece, -3.0) for piece in pieces] + [(letter, -6.0) for letter in letters]
    return XLMRobertaTokenizer(vocab=vocabulary)


def _bert() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    tokenizer = BertTokenizer(vocab=_word_pieces(), do_lower_case=False)
    tokenizer.model_max_length = 160
    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=160, **SIZES)
    return BertForMaskedLM(config), tokenizer


def _word_pieces() -> dict[str, int]:
    """A vocabulary of the sample data's own words and letters."""
    start = BertTokenizer(vocab={"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4}, do_lower_case=False)
    backend = Tokenizer(WordPiece(unk_token="[UNK]"))
    backend.normalizer = start.backend_tokenizer.normalizer
    backend.pre_tokenizer = start.backend_tokenizer.pre_tokenizer
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    texts = [
        row["text"] for language in ("en", "de", "zh") for row in grammar.generate("reviews", language, "train", 40)
    ]
    texts += [" ".join(map(chr, range(33, 127))), "It's terrible bad okay good great no maybe yes entailment Answer"]
    trainer = WordPieceTrainer(vocab_size=600, special_tokens=special, show_progress=False)
    backend.train_from_iterator(texts, trainer)
    return dict(backend.get_vocab())


def _mt5() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    tokenizer = _micro("micro-mt5")
    config = MT5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_decoder_layers=2,
        num_heads=4,
        dropout_rate=0.0,
        initializer_factor=1.0,
        decoder_start_token_id=tokenizer.pad_token_id,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return MT5ForConditionalGeneration(config), tokenizer


# --- what is put through them ---

TEXTS = {
    "en": (
        "The food is good and the staff is friendly.",
        "I do not like it.",
        "Terrible quality, it broke after one day, and nobody answered my letter about it.",
        "Great!",
        "It is okay, nothing more than that.",
        "Bad.",
        "good good good bad",
        "The book is on the table and the cat is under it.",
    ),
    "de": ("Das Essen ist gut.", "Ich mag es nicht, und es ist teuer.", "Schlecht.", "Sehr gut, ich kaufe es wieder!"),
    "zh": ("我喜欢这本书。", "这很好，我还会再买。", "不好。", "质量很差，我不喜欢。"),
}


def task(name: str) -> TaskSpec:
    """A shipped task."""
    return load_task(name)


def examples(task: TaskSpec, language: str = "en", count: int = 8) -> Examples:
    """Examples of a task with texts of many lengths, its labels in turn."""
    if task.kind != "classification":
        return kind_examples(task, language, count)
    texts = TEXTS[language]
    columns = {
        name: tuple(texts[(index * (place + 1) + place) % len(texts)] for index in range(count))
        for place, name in enumerate(task.fields)
    }
    gold = tuple(task.labels[index % len(task.labels)] for index in range(count))
    return Examples(task.name, language, "test", tuple(map(str, range(count))), columns, gold)


def of_texts(task: TaskSpec, *columns: Sequence[str], language: str = "en") -> Examples:
    """Examples with these columns of texts, all with the first label."""
    count = len(columns[0])
    fields = {name: tuple(column) for name, column in zip(task.fields, columns, strict=True)}
    return Examples(task.name, language, "test", tuple(map(str, range(count))), fields, (task.labels[0],) * count)


class Built:
    """A method put together on a tiny backbone: its formulations and a stage's model."""

    def __init__(self, text: str, backbone: Backbone, *tasks: TaskSpec, seed: int = 0, **changes: Any) -> None:
        """`text` is `name[parameter=value]`; `changes` go on top, written with __ for a dot."""
        choice = parse_method(text)
        changed = {name.replace("__", "."): value for name, value in changes.items()}
        choice = type(choice)(choice.name, {"max_length": 96, **choice.changes, **changed})
        self.tasks = tasks or (task("marc"),)
        kind = load_method(choice.name)
        self.method: Method[Any] = kind(method_settings(kind, choice, "demo", self.tasks[0], backbone.name))
        self.backbone = backbone
        self.formulations = {each.name: self.method.formulation(each, backbone, "en") for each in self.tasks}
        names = tuple(self.formulations)
        request = Request(names, names, "en", dict.fromkeys(names, ("en", "de")), seed=seed)
        self.stages = self.method.stages(request)
        self.fit = [stage for stage in self.stages if isinstance(stage, Fit)][-1]
        self.seed = seed

    @property
    def formulation(self) -> Formulation:
        """The only task's formulation."""
        (formulation,) = self.formulations.values()
        return formulation

    def model(self) -> nn.Module:
        """A new model, in eval mode."""
        torch.manual_seed(self.seed)
        return self.method.build(self.fit, self.backbone, self.formulations).eval()

    def training_batch(self) -> Batch:
        """A batch as training sees it."""
        return self.formulation.training_batch(self.formulation.training_rows(examples(self.formulation.task)), "en")

    def batch(self, language: str = "en", count: int = 8, which: Sequence[int] | None = None) -> Batch:
        """A batch of examples of a language."""
        return batch_of(self.formulation, examples(self.formulation.task, language, count), which)


def batch_of(formulation: Formulation, given: Examples, which: Sequence[int] | None = None) -> Batch:
    """A batch of some of the examples, or of all, in this order."""
    rows = formulation.encode(given).rows
    chosen = rows if which is None else [rows[index] for index in which]
    return formulation.batch(chosen, given.language)


def shuffled(count: int, seed: int) -> list[int]:
    """The numbers below `count` in another order."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return order

"""Throughput of a cloze method here against the plain way, in one run, on a model of XLM-R base's shape.

Here: the method `soft` through the engine (length-sorted batches under a token budget, the head at the mask, the label
words' rows of the output matrix). Plain: `AutoModelForMaskedLM` on batches padded to `max_length`, with logits of the
whole vocabulary at every position. Both have the same random weights, optimizer and texts, tokenized beforehand.
Repetitions of the two take turns, so that a busy machine slows both.

    python benchmarks/cloze_throughput.py [--data FOLDER] [--model FOLDER] [--max-lengths 256,128] [--repetitions 3]
"""

from __future__ import annotations

import argparse
import copy
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from torch import Tensor
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedTokenizerBase, XLMRobertaConfig

sys.path.insert(0, str(Path(__file__).resolve().parent))
from xnli_texts import load_texts, stand_in_tokenizer

from xbench.backbone.load import load_backbone
from xbench.data.examples import Examples
from xbench.encoding.formulation import Formulation
from xbench.encoding.rows import Row, Stream
from xbench.method.base import Budget, Method
from xbench.method.registry import load_method, method_settings, parse_method
from xbench.method.stages import Fit, Request
from xbench.runner.prediction import predict_rows
from xbench.runner.processes import make_accelerator
from xbench.runner.stage_data import evaluation_batches
from xbench.runner.training import train
from xbench.spec.registry import load_task
from xbench.spec.template import FieldSegment, MaskSegment, TextSegment

TASK = "xnli"


@dataclass
class Plain:
    """Texts as the plain way sees them: every one padded to `max_length`."""

    input_ids: Tensor  # [examples, max_length]
    attention_mask: Tensor  # [examples, max_length]
    mask_position: Tensor  # [examples]
    label_words: Tensor  # [labels]
    label: Tensor  # [examples]


def write_model(folder: Path, tokenizer: PreTrainedTokenizerBase, layers: int) -> None:
    """A masked LM of XLM-R base's shape with random weights, and a tokenizer."""
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=250_002,
        hidden_size=768,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=3072,
        max_position_embeddings=514,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    AutoModelForMaskedLM.from_config(config).save_pretrained(folder)
    tokenizer.model_max_length = 512
    tokenizer.save_pretrained(folder)


# --- here ---


class Here:
    """The method `soft` on a backbone, as the runner puts it together."""

    def __init__(self, folder: Path, max_length: int, examples: Sequence[Examples]) -> None:
        task = load_task(TASK)
        choice = parse_method(f"soft[max_length={max_length}]")
        kind = load_method("soft")
        self.backbone = load_backbone(str(folder), "masked-lm")
        self.method: Method[Any] = kind(method_settings(kind, choice, "comparable", task, str(folder)))
        self.formulation: Formulation = self.method.formulation(task, self.backbone, "en")
        self.rows = {part.language: self.formulation.encode(part).rows for part in examples}
        request = Request((TASK,), (TASK,), "en", {TASK: tuple(self.rows)}, seed=1)
        stage = next(stage for stage in self.method.stages(request) if isinstance(stage, Fit))
        # The weights are shared with the plain model: two copies would be of no use.
        shared = {id(tensor): tensor for tensor in (*self.backbone.model.parameters(), *self.backbone.model.buffers())}
        fresh, self.backbone.fresh = self.backbone.fresh, lambda: copy.deepcopy(self.backbone.model, memo=dict(shared))  # type: ignore[method-assign]
        self.model = self.method.build(stage, self.backbone, {TASK: self.formulation})
        self.backbone.fresh = fresh  # type: ignore[method-assign]
        self.accelerator = make_accelerator("cpu" if not torch.cuda.is_available() else None)
        self.model.to(self.accelerator.device)

    @property
    def lengths(self) -> list[int]:
        """Tokens of every example."""
        return [row.length for rows in self.rows.values() for row in rows]

    def padded_tokens(self) -> int:
        """Tokens that evaluation computes, padding included."""
        return sum(
            make()["input_ids"].numel()
            for language, rows in self.rows.items()
            for make in evaluation_batches(rows, self.formulation, language)
        )

    def evaluate(self) -> int:
        """Predicts all examples; gives how many."""
        for language, rows in self.rows.items():
            batches = evaluation_batches(rows, self.formulation, language)
            predict_rows(self.method, self.model, self.formulation, batches, self.accelerator)
        return len(self.lengths)

    def train(self, steps: int, batch_size: int) -> int:
        """Trains all weights for some steps; gives how many examples were seen."""
        rows: list[Row] = next(iter(self.rows.values()))[: steps * batch_size]
        stream = Stream("train", rows, partial(self.formulation.batch, language=next(iter(self.rows))))
        budget = Budget(steps=steps, batch_size=batch_size, learning_rate=1e-5, select="last")
        train(self.model, self.method.loss, [stream], budget, seed=1, accelerator=self.accelerator, evaluate=None)
        return steps * batch_size


# --- plain ---


def encode_plain(tokenizer: PreTrainedTokenizerBase, here: Here, examples: Examples, max_length: int) -> Plain:
    """The task's cloze template filled in as text and padded to `max_length`, with the mask where it survives."""
    template = here.formulation.task.template("cloze", None, "en")
    texts = [
        "".join(_text(segment, examples, n, tokenizer) for segment in template.segments) for n in range(len(examples))
    ]
    encoded = tokenizer(texts, padding="max_length", truncation=True, max_length=max_length, return_tensors="pt")
    ids = encoded["input_ids"]
    position = (ids == tokenizer.mask_token_id).int().argmax(dim=1)  # [examples]
    words = here.formulation.context("en")["label_words"].ids[:, 0, 0]  # type: ignore[attr-defined]
    labels = here.formulation.task.labels
    gold = torch.tensor([labels.index(label) for label in examples.gold])
    return Plain(ids, encoded["attention_mask"], position, words, gold)


def _text(segment: object, examples: Examples, number: int, tokenizer: PreTrainedTokenizerBase) -> str:
    match segment:
        case TextSegment(text):
            return text
        case FieldSegment(name):
            return examples.fields[name][number]
        case MaskSegment():
            return str(tokenizer.mask_token)
    raise AssertionError(f"a cloze template has no {segment}")


def evaluate_plain(model: torch.nn.Module, plain: Plain, batch_size: int, count: int) -> int:
    """Predicts `count` examples from the logits of the whole vocabulary at every position."""
    model.eval()
    with torch.inference_mode():
        for start in range(0, count, batch_size):
            part = slice(start, min(start + batch_size, count))
            logits = model(input_ids=plain.input_ids[part], attention_mask=plain.attention_mask[part]).logits
            at_mask = logits[torch.arange(len(logits)), plain.mask_position[part]]  # [batch, vocabulary]
            at_mask[:, plain.label_words].argmax(dim=1).tolist()
    return count


def train_plain(model: torch.nn.Module, plain: Plain, batch_size: int, steps: int) -> int:
    """The model's own masked LM loss, labels -100 everywhere but at the mask."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    for step in range(steps):
        part = slice(step * batch_size, (step + 1) * batch_size)
        ids = plain.input_ids[part]
        labels = torch.full_like(ids, -100)
        labels[torch.arange(len(ids)), plain.mask_position[part]] = plain.label_words[plain.label[part]]
        model(input_ids=ids, attention_mask=plain.attention_mask[part], labels=labels).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return steps * batch_size


# --- measuring ---


def rate(work: Callable[[], int]) -> float:
    """Examples per second of one run."""
    start = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - start)


def compare(what: str, here: Callable[[], int], plain: Callable[[], int], repetitions: int) -> None:
    """Runs both in turns and prints medians, ranges and the ratio."""
    ours, theirs = [], []
    for _ in range(repetitions):
        theirs.append(rate(plain))
        ours.append(rate(here))
    ratios = [own / other for own, other in zip(ours, theirs, strict=True)]
    print(
        f"  {what:<10}  here {_spread(ours)}   plain {_spread(theirs)} examples/s   ratio {_spread(ratios)}", flush=True
    )


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def peak_memory() -> float:
    """The most memory this process has held so far, in GiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**30 if sys.platform == "darwin" else peak / 2**20


def main() -> None:
    """Runs the comparison and prints it."""
    options = read_options()
    examples, origin = load_texts(options.data, options.languages.split(","), options.examples)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.model
        if folder is None:
            folder = Path(temporary)
            tokenizer, tokenizer_origin = stand_in_tokenizer(options.data)
            print(f"Tokenizer: {tokenizer_origin}")
            write_model(folder, tokenizer, options.layers)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        print(f"Texts: {origin}. Threads: {torch.get_num_threads()}, torch {torch.__version__}.")
        for max_length in map(int, options.max_lengths.split(",")):
            measure(folder, tokenizer, examples, max_length, options)


def measure(
    folder: Path, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Examples], max_length: int, options: Any
) -> None:
    """Evaluation and training at one maximum length."""
    start = time.perf_counter()
    here = Here(folder, max_length, examples)
    plain = encode_plain(tokenizer, here, examples[0], max_length)
    lengths = here.lengths
    computed = here.padded_tokens() / len(lengths)
    print(
        f"max_length {max_length}: {len(lengths)} examples of {statistics.mean(lengths):.1f} tokens (longest "
        f"{max(lengths)}); computed an example: here {computed:.1f} tokens, plain {max_length}. "
        f"Prepared in {time.perf_counter() - start:.1f} s."
    )
    model = here.backbone.model
    evaluate_plain(model, plain, options.batch_size, options.batch_size)  # first runs set up buffers
    here.evaluate()
    repetitions = options.repetitions
    compare(
        "evaluation",
        here.evaluate,
        partial(evaluate_plain, model, plain, options.batch_size, options.plain_examples),
        repetitions,
    )
    print(f"  memory so far, at most: {peak_memory():.1f} GiB", flush=True)
    if options.train_steps:
        compare(
            "training",
            partial(here.train, options.train_steps, options.train_batch_size),
            partial(train_plain, model, plain, options.train_batch_size, options.train_steps),
            options.train_repetitions,
        )
        print(f"  memory so far, at most: {peak_memory():.1f} GiB", flush=True)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / "xnli"
    parser.add_argument("--data", type=Path, default=default, help="a folder with test-LANGUAGE.tsv of XNLI")
    parser.add_argument("--model", type=Path, help="a masked LM with its tokenizer, in place of random weights")
    parser.add_argument("--languages", default="en")
    parser.add_argument("--examples", type=int, default=400, help="examples of each language")
    parser.add_argument("--max-lengths", default="256,128")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=16, help="of the plain way, in evaluation")
    parser.add_argument(
        "--plain-examples", type=int, default=16, help="as all are padded alike, a few measure its rate"
    )
    parser.add_argument("--train-batch-size", type=int, default=8)
    parser.add_argument("--train-steps", type=int, default=1, help="steps of each repetition; 0: evaluation only")
    parser.add_argument("--train-repetitions", type=int, default=2)
    parser.add_argument("--layers", type=int, default=12)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Texts and a tokenizer for the benchmarks: real XNLI files where there are some, embedded samples otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from xbench import micro
from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.spec.registry import load_task

SPECIAL = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}
# The label words of every template: the real tokenizer has each of them as one piece.
LABEL_WORDS = ("yes", "no", "maybe", "Yes", "No", "Maybe", "also", "right")


def load_texts(folder: Path, languages: Sequence[str], count: int) -> tuple[list[Examples], str]:
    """`count` pairs of each language, evenly spaced over the test file, and where they come from."""
    if not (folder / f"test-{languages[0]}.tsv").is_file():
        task = load_task("xnli")
        parts = [load_examples(task, "test", language, "sample", limit=count) for language in languages]
        return parts, "the embedded sample of XNLI (short sentences; real texts were not found)"
    return [_read(folder / f"test-{language}.tsv", language, count) for language in languages], "XNLI test files"


def _read(file: Path, language: str, count: int) -> Examples:
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").split("\n") if line]
    chosen = [rows[number * len(rows) // count] for number in range(min(count, len(rows)))]
    premise, hypothesis, gold = zip(*chosen, strict=True)
    ids = tuple(map(str, range(len(chosen))))
    return Examples("xnli", language, "test", ids, {"premise": premise, "hypothesis": hypothesis}, gold)


def stand_in_tokenizer(folder: Path) -> tuple[PreTrainedTokenizerBase, str]:
    """A tokenizer of XLM-R's kind, where the real one is not at hand, and what it is.

    Trained on the dev texts of all languages in `folder`, it has a tenth of XLM-R's pieces and cuts words into more.
    """
    files = sorted(folder.glob("dev-*.tsv"))
    if not files:
        return AutoTokenizer.from_pretrained(
            micro.path("micro-xlmr")
        ), "the embedded micro tokenizer (more pieces a word)"
    texts = [field for file in files for line in file.read_text("utf-8").split("\n") for field in line.split("\t")[:2]]
    backend = Tokenizer(models.Unigram())
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    special = list(SPECIAL.values())
    words = [word for word in LABEL_WORDS for _ in range(500)]
    trainer = trainers.UnigramTrainer(vocab_size=30_000, special_tokens=special, unk_token="<unk>", show_progress=False)
    backend.train_from_iterator([*texts, *words], trainer)
    bos, eos = (("<s>", special.index("<s>")), ("</s>", special.index("</s>")))
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[bos, eos]
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, **SPECIAL)
    return tokenizer, f"a stand-in of {len(tokenizer)} pieces, trained on the XNLI dev texts (XLM-R's own has 250,002)"

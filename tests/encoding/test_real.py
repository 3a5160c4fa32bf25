"""Real contexts and sentences: encoded with their gold, and the gold decoded again, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerBase

from tests.conftest import GetBackbone
from xbench.answers import gold_answers
from xbench.backbone.load import load_tokenizer
from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.span import Span
from xbench.encoding.tags import Tags
from xbench.spec.registry import load_task
from xbench.spec.task import TaskSpec

YAMLS = Path(__file__).resolve().parents[1] / "tasks" / "real"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
STRIDE = 64


def needs(folder: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=f"shared/data/{folder} is not beside this checkout")


def read_languages(name: str) -> Iterator[tuple[TaskSpec, Examples]]:
    """The test examples of a task in each of its languages, 40 at most."""
    task = load_task(YAMLS / f"{name}-files.yaml")
    for language in task.language_list:
        yield task, load_examples(task, "test", language, "files", limit=40, skip_bad_rows=True)


@pytest.fixture
def tokenizer(request: pytest.FixtureRequest, backbone: GetBackbone) -> PreTrainedTokenizerBase:
    """The embedded XLM-R's, or a small one with the rules of the real XLM-R's."""
    return load_tokenizer("micro-xlmr") if request.param == "micro-xlmr" else backbone(request.param).tokenizer


TOKENIZERS = pytest.mark.parametrize("tokenizer", ["micro-xlmr", "unigram"], indirect=True)


@TOKENIZERS
@pytest.mark.parametrize(
    "name", [pytest.param("xquad", marks=needs("xquad")), pytest.param("tydiqa", marks=needs("tydiqa"))]
)
def test_gold_answers_come_back_through_windows(name: str, tokenizer: PreTrainedTokenizerBase) -> None:
    """An answer that begins or ends inside a piece is widened to it, within its words, and never stands elsewhere."""
    for task, examples in read_languages(name):
        formulation = Span(task, tokenizer, EncodingOptions(max_length=256, stride=STRIDE, answer_length=256), "en")
        rows = formulation.encode(examples).rows
        batch = formulation.batch(rows, examples.language)
        scores = torch.zeros(len(rows), 2, batch["input_ids"].shape[1])
        scores.scatter_(2, batch["label"].unsqueeze(-1), 1.0)
        decoded = formulation.decode(scores, batch)
        assert decoded.indices == tuple(range(len(examples)))
        held = {row.index for row in rows if row.values["label"] != [0, 0]}
        assert len(held) / len(examples) > 0.85, examples.language
        for index, (gold, predicted) in enumerate(zip(examples.gold, decoded.predictions, strict=True)):
            answer, start = gold_answers(gold).texts[0], gold_answers(gold).starts[0]
            if index not in held:  # in no window as a whole
                assert len(tokenizer.tokenize(answer)) > STRIDE
                continue
            context = examples.fields["context"][index]
            before, after = context[:start], context[start + len(answer) :]
            words = re.search(r"\S*$", before)[0] + answer + re.match(r"\S*", after)[0]  # type: ignore[index]
            assert predicted is not None and answer.strip() in predicted and predicted in words, (
                examples.language,
                index,
            )


@needs("ud")
@TOKENIZERS
def test_gold_tags_come_back_exactly(tokenizer: PreTrainedTokenizerBase) -> None:
    for task, examples in read_languages("ud-pud"):
        formulation = Tags(task, tokenizer, EncodingOptions(max_length=64), "en")
        rows = formulation.encode(examples).rows
        batch = formulation.batch(rows, examples.language)
        scores = torch.nn.functional.one_hot(batch["label"].clamp(min=0), len(task.labels)).float()
        decoded = formulation.decode(scores, batch)
        assert decoded.predictions == list(examples.gold), examples.language

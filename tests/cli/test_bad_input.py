"""Every mistake a user can make gives one message that says what, where and what to do, and leaves the store whole."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import XLMRobertaConfig, XLMRobertaModel

from xbench import micro
from xbench.cli import _run
from xbench.store import RunStore

TASK = """\
name: toy
kind: classification
description: A toy task.
fields: [text]
labels: [good, bad]
languages: {{en: {{}}, de: {{}}}}
files:
  train: {{path: "{folder}/train-{{language}}.csv", languages: [en]}}
  dev: {{path: "{folder}/train-{{language}}.csv", languages: [en]}}
  test: {{path: "{folder}/test-{{language}}.csv"}}
columns: {{gold: label, text: text}}
templates:
  plain: {{author: human, cloze: "{template}", verbalizer: plain}}
default_templates: {{cloze: plain, soft: plain}}
verbalizers:
  plain:
    author: human
    pieces: {pieces}
    words: {{en: {{good: {good}, bad: bad}}, de: {{good: gut, bad: schlecht}}}}
metrics: [accuracy]
"""

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A task of one's own with its files, in order."""
    for split, languages in (("train", ("en",)), ("test", ("en", "de"))):
        for language in languages:
            rows = [(f"a {word} thing number {number}", word) for number in range(12) for word in ("good", "bad")]
            write_rows(tmp_path / f"{split}-{language}.csv", [("text", "label"), *rows])
    write_task(tmp_path)
    return tmp_path


def write_rows(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)


def write_task(
    folder: Path, template: str = "{text} It is {mask} .", pieces: str = "first-piece", good: str = "good"
) -> None:
    text = TASK.format(folder=folder, template=template, pieces=pieces, good=good)
    (folder / "toy.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def call(toy: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `xbench eval` on the toy task; gives the exit code and what was said on stderr."""

    def evaluate(*options: str, method: str = "soft[position=suffix]") -> tuple[int, str]:
        steps = "training.steps=2"
        name = f"{method[:-1]},{steps}]" if method.endswith("]") else f"{method}[{steps}]"
        code = _run(
            [
                "eval",
                "--methods",
                name,
                "--tasks",
                "toy",
                "--tasks-dir",
                str(toy),
                "--data",
                "files",
                "--shots",
                "2",
                "--seeds",
                "1",
                "--device",
                "cpu",
                "--runs",
                str(toy / "runs"),
                *options,
            ]
        )
        return code, capsys.readouterr().err

    return evaluate


def assert_told(outcome: tuple[int, str], *parts: str) -> None:
    code, message = outcome
    assert code in (1, 2), message
    assert "Traceback" not in message
    for part in parts:
        assert part in message, message


def test_the_toy_task_runs(call: Call, toy: Path) -> None:
    code, message = call(method="fine-tune")
    assert code == 0, message
    assert len(list(RunStore(toy / "runs").cells())) == 1


def test_unknown_names(call: Call) -> None:
    assert_told(call("--tasks", "toi"), "no task 'toi'", "'toy'")
    assert_told(call("--methods", "sofd"), "no method 'sofd'", "'soft'")


def test_malformed_yaml(call: Call, toy: Path) -> None:
    (toy / "toy.yaml").write_text("name: toy\nlabels: [good, bad\n", encoding="utf-8")
    assert_told(call(), "toy.yaml:")


def test_wrong_type(call: Call, toy: Path) -> None:
    text = (toy / "toy.yaml").read_text(encoding="utf-8").replace("metrics: [accuracy]", "metrics: 3")
    (toy / "toy.yaml").write_text(text, encoding="utf-8")
    assert_told(call(), "toy.yaml:", "metrics")


def test_missing_column(call: Call, toy: Path) -> None:
    write_rows(toy / "test-de.csv", [("txt", "label"), ("gut", "good")])
    assert_told(call(), "test-de.csv", "text")


def test_label_outside_the_label_set(call: Call, toy: Path) -> None:
    write_rows(toy / "test-de.csv", [("text", "label"), ("gut", "goood")])
    assert_told(call(), "test-de.csv", "goood", "good")


def test_language_without_rows(call: Call, toy: Path) -> None:
    write_rows(toy / "test-de.csv", [("text", "label")])
    assert_told(call(), "test-de.csv")


def test_all_fields_empty(call: Call, toy: Path) -> None:
    write_rows(toy / "test-de.csv", [("text", "label"), ("", "good")])
    assert_told(call(), "test-de.csv")


def test_template_longer_than_the_model_takes(call: Call, toy: Path) -> None:
    write_task(toy, template="{text} " + "very " * 600 + "{mask}")
    assert_told(call(), "template alone", "toy")


def test_label_word_that_splits(call: Call, toy: Path) -> None:
    write_task(toy, pieces="error", good="incomprehensibilities")
    assert_told(call(), "incomprehensibilities", "pieces", "first-piece")


def test_too_few_examples(call: Call) -> None:
    assert_told(call("--shots", "500"), "500")


def test_a_model_without_a_masked_lm_head(call: Call, toy: Path) -> None:
    config = XLMRobertaConfig.from_pretrained(micro.path("micro-xlmr"))
    torch.manual_seed(0)
    XLMRobertaModel(config).save_pretrained(toy / "headless")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (toy / "headless" / name).write_bytes((micro.path("micro-xlmr") / name).read_bytes())
    assert_told(call("--model", str(toy / "headless")), "masked language model", "fine-tune")


def test_a_model_that_is_nowhere(call: Call) -> None:
    assert_told(call("--model", "no/such-model"), "no/such-model")


def test_fp16_on_an_encoder_decoder(call: Call, toy: Path) -> None:
    assert_told(call("--precision", "fp16", method="polyprompt"), "fp16")


def test_full_disk(call: Call, toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import xbench.runner.cell_run as cell_run

    def no_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cell_run, "save_file", no_space)
    assert_told(call(method="fine-tune"), "space")
    assert not list(RunStore(toy / "runs").cells())
    monkeypatch.undo()
    code, message = call(method="fine-tune")
    assert code == 0, message


def test_shots_and_train_size_together(call: Call) -> None:
    assert_told(call("--train-size", "total:4"), "--shots and --train-size")


@pytest.mark.parametrize(
    ("option", "value"), [("--set", "soft"), ("--seeds", "one"), ("--shard", "x"), ("--methods", "a,,b")]
)
def test_options_that_cannot_be_read(call: Call, option: str, value: str) -> None:
    assert_told(call(option, value), option, value)

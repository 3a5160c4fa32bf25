"""`xbench export`: cells by id or by how it begins, and folders that say how to load them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from typer.testing import CliRunner, Result

from xbench import micro
from xbench.analysis.results import load_results
from xbench.cli import app
from xbench.store import RunStore


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three small cells."""
    folder = tmp_path_factory.mktemp("store") / "runs"
    methods = "fine-tune,prefix,mpt"
    options = ["--shots", "4", "--seeds", "1", "--languages", "en,de", "--limit", "12", "--workers", "1"]
    steps = [part for name in methods.split(",") for part in ("--set", f"{name}.training.steps=2")]
    done = invoke("eval", "--methods", methods, "--tasks", "marc", *options, *steps, "--runs", str(folder))
    assert done.return_value == 0, done.output
    return folder


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), standalone_mode=False)


def cell_of(runs: Path, method: str) -> Any:
    (cell,) = load_results(runs, method=method)
    return cell.record


def test_the_stored_scores_come_out_of_the_exported_folder(runs: Path, tmp_path: Path) -> None:
    record = cell_of(runs, "fine-tune")
    done = invoke("export", record.id[:8], "--to", str(tmp_path / "out"), "--runs", str(runs))
    assert done.exception is None, done.output
    assert done.stdout.strip().splitlines()[-1] == str(tmp_path / "out")
    page = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "XLMRobertaForSequenceClassification.from_pretrained" in page and record.id in page
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    store = RunStore(runs)
    pair = record.pair("marc", "de")
    stored: pandas.DataFrame = store.predictions(record.id, "marc", "de")
    texts = store.examples(pair.examples)["text"]
    for text, (_, row) in zip(texts, stored.iterrows(), strict=True):
        with torch.no_grad():
            found = model(**tokenizer(text, return_tensors="pt")).logits.double().softmax(-1)[0]
        for number, label in model.config.id2label.items():
            assert float(found[number]) == pytest.approx(row[f"score_{label}"], abs=1e-5)


def test_a_prefix_names_its_backbone(runs: Path, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft")
    done = invoke("export", cell_of(runs, "prefix").id, "--to", str(tmp_path / "out"), "--runs", str(runs))
    assert done.exception is None, done.output
    assert peft.PeftConfig.from_pretrained(str(tmp_path / "out")).base_model_name_or_path == "micro-xlmr"
    page = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert 'base = "micro-xlmr"' in page and "num_labels=5" in page and "xbench.micro.path" in page
    base = AutoModelForSequenceClassification.from_pretrained(micro.path("micro-xlmr"), num_labels=5)
    peft.PeftModel.from_pretrained(base, tmp_path / "out")


def test_mistakes_are_said_and_leave_nothing(runs: Path, tmp_path: Path) -> None:
    def refused(*arguments: str) -> str:
        done = invoke("export", *arguments, "--runs", str(runs))
        assert done.exception is not None
        return str(done.exception)

    out = str(tmp_path / "out")
    assert "several cells begin so" in refused("", "--to", out)
    assert "there is no such cell" in refused("zzzz", "--to", out)
    fine_tuned = cell_of(runs, "fine-tune").id
    assert f"--task xnli: cell {fine_tuned} has marc" in refused(fine_tuned, "--to", out, "--task", "xnli")
    assert "more than transformers' and peft's formats" in refused(cell_of(runs, "mpt").id, "--to", out)
    assert not (tmp_path / "out").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert "it is there already" in refused(fine_tuned, "--to", str(tmp_path / "full"))

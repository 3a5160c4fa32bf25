"""Model cards: what the hub reads in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.site.stores import SHOWN, fill
from xbench.cli import _run


def test_a_card_on_hub_data_is_one_that_the_hub_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from huggingface_hub import EvalResult
    from huggingface_hub.repocard_data import model_index_to_eval_results

    model = "FacebookAI/xlm-roberta-base"
    fill(tmp_path / "runs", (SHOWN,), languages=("en", "de"), data="hub", profile="paper", model=model, seeds=(1,))
    assert _run(["leaderboard", "card", "soft", "--runs", str(tmp_path / "runs")]) == 0
    card = YAML(typ="safe").load(capsys.readouterr().out.strip().strip("-"))
    name, results = model_index_to_eval_results(card["model-index"])
    assert name == "soft" and len(results) == 2 and all(isinstance(one, EvalResult) for one in results)
    german = next(one for one in results if one.dataset_config == "de")
    assert (german.task_type, german.metric_type) == ("text-classification", "accuracy")
    assert (german.dataset_type, german.dataset_split) == ("google-research-datasets/paws-x", "test")
    assert "sample data" not in german.dataset_name and "1 seed," in german.metric_name


def test_a_card_knows_tasks_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.diagnosis.kinds import write_system, write_task

    write_task(tmp_path / "tasks", "tagging")
    write_system(tmp_path / "runs", tmp_path / "tasks", "tagging", "good", lambda n: 0.9)
    arguments = ["leaderboard", "card", "good", "--runs", str(tmp_path / "runs")]
    assert _run([*arguments, "--tasks-dir", str(tmp_path / "tasks")]) == 0
    assert "token-classification" in capsys.readouterr().out
    assert _run(arguments) == 0
    assert "type: other" in capsys.readouterr().out

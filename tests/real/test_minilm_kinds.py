"""The real checkpoint on real tagging and question answering: better than knowing only what is frequent, or where.

The checkpoint was pretrained on English alone: what it learns of English carries over to German and French in part.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import xbench
from tests.real.checkpoint import DATA, HERE, MODEL, NO_MODEL
from xbench.answers import list_text, text_list
from xbench.data.examples import Examples
from xbench.data.load import load_examples
from xbench.metrics.compute import compute
from xbench.spec.registry import load_task

pytestmark = [pytest.mark.skipif(MODEL is None, reason=NO_MODEL), pytest.mark.slow]


def scores(name: str, store: Path, limit: int, **changes: Any) -> dict[str, float]:
    """The headline metric by language, after fine-tuning on all training examples."""
    results = xbench.evaluate(
        "fine-tune",
        name,
        runs=store,
        data="files",
        model=str(MODEL),
        tasks_dirs=[HERE / "tasks"],
        seeds=[1],
        shots="full",
        limit=limit,
        set={"fine-tune": changes},
    ).to_pandas()
    metric = load_task(name, [HERE / "tasks"]).headline_metric
    found = results[results.metric == metric]
    return dict(zip(found["language"], found["value"], strict=True))


def scored_examples(name: str, language: str, limit: int) -> Examples:
    """The examples that `scores` scores."""
    return load_examples(load_task(name, [HERE / "tasks"]), "test", language, "files", limit=limit)


def first_sentences(source: Path, count: int, target: Path) -> None:
    """Writes the first sentences of a CoNLL-U file."""
    sentences = source.read_text(encoding="utf-8").split("\n\n")
    target.write_text("\n\n".join(sentences[:count]) + "\n\n", encoding="utf-8")


@pytest.mark.skipif(not (DATA / "ud").is_dir(), reason="shared/data/ud is not beside this checkout")
def test_fine_tune_tags_english_and_loses_in_german_and_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    first_sentences(DATA / "ud" / "en_ewt-ud-train.conllu", 500, tmp_path / "train.conllu")
    first_sentences(DATA / "ud" / "en_ewt-ud-dev.conllu", 60, tmp_path / "dev.conllu")
    for language in ("en", "de", "fr"):
        first_sentences(DATA / "ud" / f"{language}_pud-ud-test.conllu", 150, tmp_path / f"{language}.conllu")
    budget = {"training.steps": 60, "training.evaluate_every": 30, "training.batch_size": 16}
    found = scores("ewt-few", tmp_path / "runs", 150, **budget, **{"training.learning_rate": 5e-4, "max_length": 64})

    train = load_examples(load_task("ewt-few", [HERE / "tasks"]), "train", "en", "files")
    assert len(train) == 500
    counts = Counter(tag for gold in train.gold for tag in text_list(gold))
    usual = counts.most_common(1)[0][0]
    for language, value in found.items():
        given = scored_examples("ewt-few", language, 150)
        majority = [list_text([usual] * len(text_list(tokens))) for tokens in given.fields["tokens"]]
        baseline = compute(("token_accuracy",), list(given.gold), majority)["token_accuracy"]
        assert baseline < 0.3
        assert value > baseline + (0.4 if language == "en" else 0.1), (language, value)
    assert found["en"] - (found["de"] + found["fr"]) / 2 > 0.1


@pytest.mark.skipif(not (DATA / "tydiqa").is_dir(), reason="shared/data/tydiqa is not beside this checkout")
@pytest.mark.timeout(1800)
def test_fine_tune_answers_english_questions_better_than_the_first_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    train = json.loads((DATA / "tydiqa" / "train" / "english_tydiqa_train.json").read_text(encoding="utf-8"))
    for name, part in (("train", slice(0, 1000)), ("dev", slice(1000, 1020))):
        (tmp_path / f"{name}.json").write_text(json.dumps({**train, "data": train["data"][part]}), encoding="utf-8")
    test = DATA / "tydiqa" / "dev" / "english_tydiqa_dev.json"
    (tmp_path / "test.json").write_bytes(test.read_bytes())
    limits = {"max_length": 160, "stride": 40}
    budget = {"training.steps": 150, "training.evaluate_every": 150, "training.batch_size": 8, "training.warmup": 0.1}
    found = scores("tydiqa-few", tmp_path / "runs", 100, **limits, **budget, **{"training.learning_rate": 3e-4})

    given = scored_examples("tydiqa-few", "en", 100)
    first = [context.split(". ")[0] for context in given.fields["context"]]
    baseline = compute(("f1",), list(given.gold), first)["f1"]
    assert baseline < 0.2
    assert found["en"] > baseline + 0.1, found

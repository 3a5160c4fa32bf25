"""Variants: every published row that a method names can be asked for, and `methods show` tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from xbench.cli import app
from xbench.method.registry import describe_methods, load_method, method_settings, parse_method
from xbench.method.variants import Variant
from xbench.spec.registry import load_task

VARIANTS = [(name, variant) for name in describe_methods() for variant in load_method(name).variants]


@pytest.mark.parametrize(("name", "variant"), VARIANTS, ids=lambda value: getattr(value, "choice", value))
def test_every_variant_has_settings_and_a_place(name: str, variant: Variant) -> None:
    choice = parse_method(variant.choice)
    method = load_method(choice.name)
    for profile in ("paper", "demo", "comparable"):
        settings = method_settings(method, choice, profile, load_task("xnli"), None).model_dump()
        for parameter, value in choice.changes.items():
            found = settings
            for part in parameter.split("."):
                found = found[part]
            assert found == value or (value is None and found == "none")
    assert variant.row and variant.place


def test_rows_of_the_papers_tables_are_named() -> None:
    """UniPrompt's tables 3 and 4 and MPT's table II, row by row."""
    choices = {name: {variant.choice for variant in load_method(name).variants} for name in ("uniprompt", "mpt")}
    assert {f"uniprompt[label_words={words}]" for words in ("discrete", "soft", "soft-plm")} <= choices["uniprompt"]
    assert {"uniprompt", "uniprompt[tower=random]", "uniprompt[tower=FacebookAI/roberta-base]"} <= choices["uniprompt"]
    ablations = {"mpt", "mpt[alpha=1]", "mpt[external_data=false]", "mpt[translator=none]", "soft"}
    assert ablations <= choices["mpt"]


def test_show_prints_paper_parameters_kinds_and_variants() -> None:
    result = CliRunner().invoke(app, ["methods", "show", "mpt"])
    assert result.exit_code == 0
    assert "Qiu et al. 2024" in result.stdout and "Kinds: classification" in result.stdout
    (alpha,) = [line for line in result.stdout.splitlines() if line.startswith("alpha ")]
    assert alpha.split()[1] == "0.5" and "weight of the task's loss" in alpha
    (ablation,) = [line for line in result.stdout.splitlines() if line.startswith("w/o external data")]
    assert ablation.endswith("  table II") and "mpt[external_data=false]" in ablation


def test_show_prints_what_the_paper_has_for_some_tasks() -> None:
    lines = CliRunner().invoke(app, ["methods", "show", "prefix"]).stdout.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("task "))
    found = {line.partition("  ")[0]: line.rpartition("  ")[2] for line in lines[start + 1 :]}
    assert found["xnli"] == "training.learning_rate=0.001, length=32"
    assert found["americasnli, masakhanews"] == "training.epochs=10, training.learning_rate=0.001, length=32"
    assert "marc" not in found


# What the embedded default has not: a model from the hub, more layers, a pretrained pooler, more parallel sentences.
LACKING = ("tower=FacebookAI", "layers=6", "split=8", "pooled=true", "parallel_size=2000", "parallel_size=8000")
CHOICES = list(dict.fromkeys(variant.choice for _, variant in VARIANTS))
RUNNABLE = [choice for choice in CHOICES if not any(part in choice for part in LACKING)]


def test_what_the_embedded_default_lacks_is_named_by_some_variant() -> None:
    assert all(any(part in choice for choice in CHOICES) for part in LACKING)


@pytest.mark.slow
@pytest.mark.parametrize("choice", RUNNABLE)
def test_every_variant_runs_a_cell_on_the_embedded_default(choice: str, tmp_path: Path) -> None:
    name = parse_method(choice).name
    of = "marc" if "uniprompt-release" in choice else "xnli"
    options = ["--shots", "2", "--seeds", "1", "--languages", "en,bg", "--limit", "6", "--workers", "1"]
    steps = ["--set", f"{name}.training.steps=1", "--set", f"{name}.training.epochs=none"]
    options = [option.replace("bg", "de") for option in options] if of == "marc" else options
    arguments = ["eval", "--methods", choice, "--tasks", of, *options, *steps, "--runs", str(tmp_path)]
    done = CliRunner().invoke(app, arguments, standalone_mode=False)
    assert done.exception is None and done.return_value == 0, done.output

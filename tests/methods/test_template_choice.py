"""PolyPrompt's templates: unified or diversified, in one language or in each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import GetBackbone
from tests.tiny import Built, task
from xbench.data.sampling import TrainSize, train_languages_of, train_size_of
from xbench.errors import RequestError
from xbench.method.template_choice import choose_template

GROUPS: Any = [f"diversified-{number}" for number in range(1, 6)]


def test_unified_is_each_tasks_default() -> None:
    for name in ("xnli", "marc-binary", "panx"):
        assert choose_template(task(name), "unified", False) == (task(name).default_templates.text2text, False)


def test_a_diversified_set_draws_one_of_five_for_each_task() -> None:
    drawn = {
        (name, group): choose_template(task(name), group, False)[0] for name in ("xnli", "xquad") for group in GROUPS
    }
    assert set(drawn.values()) <= {f"polyprompt-{number}" for number in range(1, 6)}
    assert len({drawn["xnli", group] for group in GROUPS}) > 1
    assert any(drawn["xnli", group] != drawn["xquad", group] for group in GROUPS)
    assert all(choose_template(task("panx"), group, False)[0] == "entities" for group in GROUPS)  # it has no siblings


def test_in_lingual_templates_are_the_translated_ones() -> None:
    assert choose_template(task("xnli"), "unified", True) == ("polyprompt-1-translated", True)
    assert choose_template(task("panx"), "unified", True) == ("entities", False)


@pytest.mark.parametrize("method", ["mt5", "polyprompt"])
def test_a_method_reads_the_chosen_text(backbone: GetBackbone, method: str) -> None:
    def text(variant: str, language: str) -> str:
        built = Built(f"{method}[{variant}]", backbone("mt5"), task("xnli"), max_length=160)
        return built.backbone.tokenizer.decode(built.batch(language)["input_ids"][0])

    assert text("prompts=cross-lingual", "de").startswith("Answer the question")
    assert text("prompts=in-lingual", "de").startswith("Beantworte die Frage")
    assert text("prompts=in-lingual", "en").startswith("Answer the question")
    drawn = {text(f"templates={group}", "en")[:12] for group in GROUPS}
    assert len(drawn) > 1
    assert "Suppose" in text("template=polyprompt-3", "en")
    for choice in ("templates=diversified-1", "prompts=in-lingual"):
        with pytest.raises(RequestError, match="a named template leaves nothing to choose"):
            text(f"template=polyprompt-3,{choice}", "en")


def test_a_train_size_may_differ_by_task_and_role() -> None:
    text = "most:3000+expanding=most:5000+news=class:8"
    assert train_size_of(text, "xnli", "target") == TrainSize("most", 3000)
    assert train_size_of(text, "rte", "expanding") == TrainSize("most", 5000)
    assert train_size_of(text, "news", "expanding") == TrainSize("class", 8)
    assert train_size_of("16", "xnli", "target") == TrainSize("shots", 16)
    named = "most:3000+news@en/fr=class:8"
    assert train_size_of(named, "news", "expanding") == TrainSize("class", 8)
    assert train_languages_of(named, "news", "expanding") == ("en", "fr")
    assert train_languages_of(named, "xnli", "target") is train_languages_of("16", "news", "expanding") is None
    with pytest.raises(RequestError, match="write NAME=SIZE"):
        train_size_of("16+8", "xnli", "target")

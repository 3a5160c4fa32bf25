"""The decomposition of systems whose targets have models of their own, and of attributes that take supplies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.synthetic import answers, predictions, record_of, write_cell
from xbench.analysis import load_results
from xbench.analysis.transfer import language_gaps, transfer
from xbench.errors import RequestError
from xbench.report.transfer import systems
from xbench.report.transfer_decomposition import SystemDecomposition, decompose_system
from xbench.store import RunStore, stable_hash

N = 120
# (seed, language adapted to) -> shares right in the source and in the languages served.
MODELS = {
    (1, "bg"): {"en": 0.8, "bg": 0.5},
    (1, ""): {"en": 0.9, "de": 0.7, "fr": 0.75},
    (2, "bg"): {"en": 0.7, "bg": 0.45},
    (2, ""): {"en": 0.95, "de": 0.65, "fr": 0.8},
}


def fill(path: Path, models: Mapping[tuple[int, str], Mapping[str, float]]) -> None:
    """One cell for each model, all of one system; premises have 1 to 4 words."""
    store = RunStore(path)
    for (seed, adapted_to), shares in models.items():
        tables = {("xnli", name): predictions(answers(share, N)) for name, share in shares.items()}
        entries = []
        for (task, language), table in tables.items():
            premises = [" ".join(["word"] * (1 + at % 4)) for at in range(N)]
            fields = {"premise": premises, "hypothesis": ["a word"] * N, "gold": table["gold"]}
            store.write_examples(f"hash{language}", {"id": table["id"], **fields})
            entry = record_of(task, language, table, ("accuracy",))
            entries.append(replace(entry, examples=f"hash{language}"))
        template = write_cell(path.parent / "other", "adapts", seed)
        id = stable_hash([template.system, seed, adapted_to])
        store.write_cell(replace(template, id=id, adapted_to=adapted_to, predictions=tuple(entries)), tables)


def decomposed(path: Path, attribute: str = "t1Len", **supplied: object) -> SystemDecomposition:
    ((conditions, scores),) = systems(load_results(path))
    return decompose_system(conditions, scores, attribute, **supplied)  # type: ignore[arg-type]


def test_each_target_is_taken_from_what_its_own_model_scores(tmp_path: Path) -> None:
    fill(tmp_path / "runs", MODELS)
    one = decomposed(tmp_path / "runs")
    found = {name: each.decomposition for name, each in one.found.targets.items()}
    assert found["bg"].source == pytest.approx(0.75) and found["bg"].gap == pytest.approx(0.75 - 0.475)
    assert found["de"].source == found["fr"].source == pytest.approx(0.925)
    assert found["fr"].gap == pytest.approx(0.925 - 0.775)
    # The mean of these gaps is the system's gap, and each is what the views by language show.
    assert one.found.mean.decomposition.gap == pytest.approx(transfer(one.scores).gap, abs=1e-12)
    assert {gap.language: gap.gap for gap in language_gaps(one.scores)} == pytest.approx(
        {name: each.gap for name, each in found.items()}
    )
    for each in (one.found.mean, *one.found.targets.values()):
        total = sum(part.total for part in each.decomposition.buckets)
        assert total == pytest.approx(each.decomposition.gap, abs=1e-12)
    assert any("its own model scores in en" in note for note in one.notes)


def test_a_model_that_was_not_tested_in_the_source_has_no_gap_to_decompose(tmp_path: Path) -> None:
    fill(tmp_path / "runs", {(1, "bg"): {"bg": 0.5}, (1, ""): {"en": 0.9, "de": 0.7}})
    with pytest.raises(RequestError, match="the model adapted to bg was not tested in en"):
        decomposed(tmp_path / "runs")


def test_one_model_for_all_says_nothing_of_models(tmp_path: Path) -> None:
    fill(tmp_path / "runs", {(1, ""): {"en": 0.9, "de": 0.7, "fr": 0.75}})
    one = decomposed(tmp_path / "runs")
    assert one.notes == () and one.found.mean.decomposition.gap == pytest.approx(0.9 - 0.725)


def test_an_attribute_by_a_tagger_is_decomposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "runs", {(1, ""): {"en": 0.9, "de": 0.7}})
    (tmp_path / "my_tagger_two.py").write_text(
        "def tag(texts, language):\n    return [[(0, 4)] if len(text) < 10 else [] for text in texts]\n"
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="t1eNum is not to be had"):
        decomposed(tmp_path / "runs", "t1eNum")
    one = decomposed(tmp_path / "runs", "t1eNum", entity_tagger="my_tagger_two:tag")
    assert one.attribute == "t1eNum" and len(one.found.mean.decomposition.buckets) == 3  # 1, 1 / 2 and no entity

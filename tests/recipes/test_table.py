"""Recipe tables from invented results: which numbers go where, and what they are of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas
import pytest

from tests.recipes.planned import Invented
from xbench.analysis.results import COLUMNS
from xbench.errors import RequestError, SpecError
from xbench.recipes.presentation import as_printed
from xbench.recipes.registry import load_recipe
from xbench.recipes.spec import RecipeSpec
from xbench.recipes.table import Ran, recipe_table
from xbench.runner.request import EvalRequest
from xbench.spec.registry import load_task


def row(method: str, language: str, seed: int, value: float, **changes: Any) -> dict[str, Any]:
    name, _, variant = method.partition("[")
    base = {"task": "marc", "method": name, "variant": variant.rstrip("]"), "shots": "16", "metric": "accuracy"}
    base |= {"source": "en", "skipped_rows": 0, "limit": None}
    return {**dict.fromkeys(COLUMNS, ""), **base, "language": language, "seed": seed, "value": value, **changes}


def recipe(rows: dict[str, Any], columns: list[dict[str, Any]], **table: Any) -> RecipeSpec:
    grids = {"main": {"methods": ["soft", "mpt[alpha=1]"], "tasks": ["marc"], "seeds": [1, 2], "source": "en"}}
    about = {"name": "r", "description": "d", "paper": "p", "average": "a", "gap": "g", "grids": grids}
    return RecipeSpec.model_validate({**about, "table": {"rows": rows, "columns": columns, **table}})


def ran(rows: Iterable[dict[str, Any]], **request: Any) -> dict[str, Ran]:
    asked = EvalRequest(methods=("soft", "mpt[alpha=1]"), tasks=("marc",), source="en", seeds=(1, 2), **request)
    return {"main": Ran(asked, Invented(rows))}


SOFT = [
    *(row("soft", language, 1, value) for language, value in (("en", 0.8), ("de", 0.6), ("fr", 0.5))),
    *(row("soft", language, 2, value) for language, value in (("en", 0.7), ("de", 0.4), ("fr", 0.2))),
    row("soft", "de", 1, 0.99, metric="macro_f1"),
    row("soft", "de", 1, 0.98, shots="32"),
    row("soft", "de", 1, 0.97, task="xnli"),
]
MPT = [row("mpt[alpha=1]", language, seed, 0.9) for language in ("en", "de", "fr") for seed in (1, 2)]
MPT += [row("mpt", "de", 1, 0.01)]  # another variant


def measured(table: pandas.DataFrame, row: str, column: str) -> Any:
    (found,) = table[(table["row"] == row) & (table["column"] == column)].to_dict("records")
    return found


def test_means_gaps_and_languages() -> None:
    columns = [
        {"label": "{Language}", "task": "marc", "languages": "each"},
        {"label": "all", "task": "marc"},
        {"label": "targets", "task": "marc", "languages": "targets"},
        {"label": "source", "task": "marc", "languages": "source"},
        {"label": "two", "task": "marc", "languages": ["de", "en"]},
        {"label": "gap", "task": "marc", "value": "gap"},
    ]
    spec = recipe({"SP": {"method": "soft", "shots": 16}}, columns)
    table = recipe_table(spec, ran([*SOFT, *MPT], languages=("en", "de", "fr")))
    assert list(table["column"]) == ["En", "De", "Fr", "all", "targets", "source", "two", "gap"]
    assert measured(table, "SP", "De")["measured"] == pytest.approx(0.5)
    assert measured(table, "SP", "all")["measured"] == pytest.approx((1.9 + 1.3) / 6)
    assert measured(table, "SP", "targets")["measured"] == pytest.approx((0.55 + 0.3) / 2)
    assert measured(table, "SP", "source")["measured"] == pytest.approx(0.75)
    assert measured(table, "SP", "two")["measured"] == pytest.approx((0.7 + 0.55) / 2)
    gap = measured(table, "SP", "gap")
    assert gap["measured"] == pytest.approx(((0.8 - 0.55) + (0.7 - 0.3)) / 2) and gap["seeds"] == 2
    assert gap["spread"] == pytest.approx(0.15 / 2**0.5)


def test_differences_and_shares_of_another_row() -> None:
    rows = {
        "MPT": "mpt[alpha=1]",
        "more": {"method": "mpt[alpha=1]", "minus": {"method": "soft"}},
        "share": {"method": "mpt[alpha=1]", "minus": {"method": "soft"}, "relative": True},
    }
    spec = recipe(rows, [{"label": "De", "task": "marc", "languages": ["de"]}])
    kept = [each for each in SOFT if each["shots"] == "16"]
    table = recipe_table(spec, ran([*kept, *MPT]))
    assert measured(table, "MPT", "De")["measured"] == pytest.approx(0.9)
    assert measured(table, "more", "De")["measured"] == pytest.approx((0.3 + 0.5) / 2)
    assert measured(table, "share", "De")["measured"] == pytest.approx((0.3 / 0.6 + 0.5 / 0.4) / 2)


def test_runs_one_by_one_and_the_mean_of_the_columns() -> None:
    columns = [
        {"label": "de", "task": "marc", "languages": ["de"]},
        {"label": "fr", "task": "marc", "languages": ["fr"]},
        {"label": "avg", "value": "mean-of-columns"},
    ]
    kept = [each for each in SOFT if each["shots"] == "16" and each["seed"] == 2]
    table = recipe_table(recipe({"SP": "soft"}, columns, runs=True), ran(kept))
    assert list(table["run"]) == ["1", "2"] * 3
    first, second = (table[table["run"] == run].set_index("column")["measured"] for run in ("1", "2"))
    assert first.isna().all()  # a seed that is missing shifts no other
    assert second.to_dict() == pytest.approx({"de": 0.4, "fr": 0.2, "avg": 0.3})


def test_groups_of_train_sizes() -> None:
    spec = recipe({"SP": "soft"}, [{"label": "De", "task": "marc", "languages": ["de"]}], groups="shots")
    table = recipe_table(spec, ran(SOFT, shots=("16", "32")))
    assert table[["group", "measured"]].values.tolist() == [["16", pytest.approx(0.5)], ["32", pytest.approx(0.98)]]


def test_a_source_measured_by_several_adapted_models_counts_once_a_language() -> None:
    rows = [row("soft", "en", 1, value) for value in (0.2, 0.4)] + [row("soft", "de", 1, 0.9)]
    spec = recipe({"SP": "soft"}, [{"label": "all", "task": "marc"}])
    assert measured(recipe_table(spec, ran(rows)), "SP", "all")["measured"] == pytest.approx(0.6)


HUB = {"data": "hub", "profile": "paper", "setting": "zero-shot", "train_tasks": "marc", "model": "x/xlm-roberta-base"}


def soft_labels(**changes: Any) -> pandas.DataFrame:
    """UniPrompt's table 4 with its second row measured in one language."""
    spec = load_recipe("uniprompt-table-4")
    rows = [row("uniprompt[label_words=soft]", "de", seed, 0.4, **{**HUB, **changes}) for seed in (13, 21)]
    return recipe_table(spec, {"main": Ran(spec.grids["main"].request("paper"), Invented(rows))})


def test_published_numbers_stand_beside_measured_ones() -> None:
    found = measured(soft_labels(), "(2) Soft Labels", "De")
    assert (found["measured"], found["published"], found["seeds"]) == (pytest.approx(0.4), pytest.approx(0.4064), 2)
    assert found["differs"] == ""
    header, printed = as_printed(soft_labels())
    assert header == ["row", "De", "Es", "Fr", "Ja", "Zh", "Average"]
    # The mean of one language has not the printed mean of five beside it, and what was not measured has nothing.
    assert printed[1] == ["(2) Soft Labels", "40.0 (40.6)", "–", "–", "–", "–", "40.0"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"data": "sample"}, "data"),
        ({"data": "files"}, "data"),
        ({"profile": "comparable"}, "profile"),
        ({"limit": 50}, "limit"),
        ({"skipped_rows": 3}, "skipped rows"),
        ({"model": "x/xlm-roberta-large"}, "backbone"),
        ({"source": "fr"}, "source"),
        ({"train_tasks": "marc+xnli"}, "train tasks"),
    ],
)
def test_what_is_not_as_in_the_paper_has_no_published_number_beside_it(change: dict[str, Any], why: str) -> None:
    table = soft_labels(**change)
    found = measured(table, "(2) Soft Labels", "De")
    assert found["differs"] == why and table["published"].isna().all()


def test_a_mean_of_columns_has_a_published_number_where_all_of_them_have() -> None:
    name = "Vanilla mT5"
    columns = [{"label": "PAWS-X Acc.", "task": "paws-x"}, {"label": "XNLI Acc.", "task": "xnli"}]
    about = {"grids": {"main": {"methods": "mt5", "tasks": ["paws-x", "xnli"], "setting": "in-language"}}}
    about |= {"name": "r", "description": "d", "paper": "p", "average": "a", "gap": "g"}
    shape = {"rows": {name: {"method": "mt5", "group": "In-language training"}}}
    shape |= {"columns": [*columns, {"label": "Avg.", "value": "mean-of-columns"}]}
    spec = RecipeSpec.model_validate({**about, "published": "polyprompt/table-2", "table": shape})
    request = spec.grids["main"].request("paper")
    of_paper = {**HUB, "setting": "in-language", "shots": "most:3000+expanding=most:5000", "model": "google/mt5-base"}
    languages = {name: load_task(name).languages for name in ("paws-x", "xnli")}

    def average(**changes: Any) -> Any:
        rows = [
            row("mt5", language, 1, 0.5, **{**of_paper, "task": task, "train_tasks": task, **changes})
            for task, names in languages.items()
            for language in names
        ]
        return measured(recipe_table(spec, {"main": Ran(request, Invented(rows))}), name, "Avg.")

    assert average()["published"] == pytest.approx(0.73)
    assert average(train_tasks="xnli")["differs"] == "train tasks"


def test_costs_of_a_cell_and_of_one_stage() -> None:
    columns = [
        {"label": "all", "value": "parameters"},
        {"label": "language", "value": "parameters", "stage": "language"},
        {"label": "bytes", "value": "bytes", "stage": "language"},
    ]
    stages = [
        {"name": name, "trained_parameters": trained, "stored_bytes": 4 * trained}
        for name, trained in (("language", 20), ("language", 30), ("tune", 5))
    ]
    record = SimpleNamespace(method="soft", variant="", seed=1, shots="16", trainable_parameters=55, stored_bytes=220)
    record.stages = stages

    class Stored(Invented):
        def __iter__(self) -> Any:
            return iter([SimpleNamespace(record=record)])

    grids = ran([])
    grids["main"] = Ran(grids["main"].request, Stored([]))
    table = recipe_table(recipe({"SP": "soft"}, columns), grids)
    assert table.set_index("column")["measured"].to_dict() == {"all": 55, "language": 30, "bytes": 120}
    with pytest.raises(ValueError, match="only a cost"):
        recipe({"SP": "soft"}, [{"label": "De", "task": "marc", "stage": "tune"}])


# --- mistakes ---


def test_an_unknown_recipe_shows_the_nearest() -> None:
    with pytest.raises(RequestError, match=r"no recipe 'mpt-table-3'\. Did you mean 'mpt-table"):
        load_recipe("mpt-table-3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("rows: {FT: fine-tune,", "rows: {FT: mt5,"), r"row 'FT': mt5: no grid of this row has it"),
        (("source: en", "sorce: en"), r":1[0-9]?, key 'grids.main.sorce': .*Did you mean 'source'"),
        (("{label: Avg.,", "{label: Avg., value: middle,"), r"key 'table.columns.1.value'"),
        (("groups: shots", "groups: {all: other}"), r"there is no grid 'other'"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    from xbench.recipes.registry import recipe_paths

    text = recipe_paths()["mpt-table-1"].read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "own.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(SpecError, match=message):
        load_recipe(str(tmp_path / "own.yaml"))

"""What the cells of the shipped recipes are trained with, under their papers' settings: the same where it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from xbench.cli import app
from xbench.method.budget import Budget
from xbench.recipes.registry import load_recipe, recipe_paths
from xbench.recipes.requests import recipe_requests, with_steps, without_lengths
from xbench.runner.grid import CellPlan, plan_grid
from xbench.runner.stage_data import training_languages

RECIPES = list(recipe_paths())


def paper_cells(name: str) -> list[CellPlan]:
    """The cells of a recipe as its paper has them."""
    requests = recipe_requests(load_recipe(name), "paper").grids.values()
    return [cell for request in requests for cell in plan_grid(request).cells]


def values(cells: list[CellPlan], value: Callable[[Any], Any]) -> dict[str, set[Any]]:
    """By task, what the cells' settings have."""
    found: dict[str, set[Any]] = {}
    for cell in cells:
        for task in cell.tasks:
            found.setdefault(task.name, set()).add(value(cell.settings))
    return found


@pytest.mark.parametrize("name", RECIPES)
def test_rows_of_a_table_see_as_much_of_each_text(name: str) -> None:
    """Otherwise a difference between two methods may be one between the texts they read."""
    lengths = values(paper_cells(name), lambda settings: settings.max_length)
    assert all(len(of_task) == 1 for of_task in lengths.values()), lengths


@pytest.mark.parametrize("name", [name for name in RECIPES if name.startswith("prefix-")])
def test_fine_tuning_has_the_batches_of_prompt_tuning(name: str) -> None:
    """As the notes say; the released code gives those of its prompts alone."""
    sizes = values(paper_cells(name), lambda settings: settings.training.batch_size)
    assert sizes and all(found == {8 if of in ("xquad", "tydiqa") else 32} for of, found in sizes.items()), sizes


def test_all_of_mpts_table_1_is_trained_alike() -> None:
    """Qiu et al. 2024, section IV-B, and equations 2 and 3 for the prompts."""
    cells = paper_cells("mpt-table-1")
    budgets = {cell.settings.training for cell in cells}
    assert budgets == {Budget(epochs=50, batch_size=24, learning_rate=4e-5)}
    spaces = {cell.choice.name: getattr(cell.settings, "label_space", None) for cell in cells}
    assert spaces == {"fine-tune": None, "soft": "vocabulary", "pct": "vocabulary", "mpt": "vocabulary"}


@pytest.mark.parametrize("name", [f"polyprompt-{shown}" for shown in ("table-2", "figure-3", "figure-5", "figure-6")])
def test_polyprompt_has_the_languages_of_its_paper(name: str) -> None:
    """Fu et al. 2022, table 1, and section 4.1.2 for those of XL-Sum (a random choice) and PANX."""
    printed = {"xquad": 11, "tydiqa": 9, "mlqa": 7, "marc-binary": 6, "mldoc": 8, "paws-x": 7, "xnli": 15}
    for request in recipe_requests(load_recipe(name), "paper", data="files").grids.values():
        for cell in plan_grid(request).cells:
            assert {task: len(found) for task, found in cell.languages.items()}.items() <= printed.items()
            trained = {task.name: len(training_languages(task, cell)) for task in cell.train_tasks}
            more = {"xlsum": 32, "panx": 40} if request.setting == "in-language" else {"xlsum": 1, "panx": 1}
            assert {task: trained[task] for task in more if task in trained}.items() <= more.items()


@pytest.mark.parametrize("name", [name for name in RECIPES if name.startswith("unseen-")])
def test_inference_has_the_template_of_chen_and_chen(name: str) -> None:
    """Appendix A; MasakhaNEWS has none there."""
    cells = [cell for cell in paper_cells(name) if cell.choice.name == "unseen-prompt"]
    templates = values(cells, lambda settings: settings.template)
    assert templates == {of: {"chen" if of == "americasnli" else None} for of in templates}


@pytest.mark.parametrize("name", ["unseen-table-2", "unseen-table-3", "unseen-figure-3"])
def test_the_dry_run_names_the_text_that_the_hub_has_not(name: str, monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path))
    found = CliRunner().invoke(app, ["reproduce", name, "--dry-run"])
    assert found.exit_code == 0
    (told,) = [line for line in found.stderr.splitlines() if line.startswith("To be provided")]
    assert "americasnli" in told and str(tmp_path / "americasnlp2021" / "aym.txt") in told
    assert "en.txt" not in told and "masakhanews" not in told


@pytest.mark.parametrize("name", RECIPES)
def test_every_stage_trains_for_the_steps_that_are_said(name: str) -> None:
    """Whatever epochs a grid or a variant asks for; in the table each row keeps its own cells."""
    recipe = without_lengths(load_recipe(name))
    for grid, request in recipe_requests(recipe, "paper").grids.items():
        assert request.methods == recipe.grids[grid].methods
        for cell in plan_grid(with_steps(request, 3)).cells:
            budgets = [value for value in vars(cell.settings).values() if isinstance(value, Budget)]
            assert budgets and {(budget.steps, budget.epochs) for budget in budgets} == {(3, None)}, cell.name
    rows = {label: row.method for label, row in recipe.table.rows.items()}
    assert len(set(rows.values())) == len({row.method for row in load_recipe(name).table.rows.values()})

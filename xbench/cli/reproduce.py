"""`xbench reproduce`: a paper's table or figure as a shipped grid, in the paper's shape."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from xbench.recipes.requests import Requests
    from xbench.recipes.spec import RecipeSpec
    from xbench.recipes.table import Ran
    from xbench.runner.grid import CellPlan


def reproduce(
    name: Annotated[str, typer.Argument(help="a recipe's name, a YAML file of your own, or list")],
    profile: Annotated[
        str, typer.Option(help="paper: its own settings and data; demo: the embedded default; comparable: one budget")
    ] = "paper",
    dry_run: Annotated[
        bool, typer.Option(help="print cells, tokens and GPU-hours, estimated offline, and stop")
    ] = False,
    limit_grid: Annotated[
        int | None, typer.Option(help="keep so many methods, tasks, train sizes and target languages, and one seed")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="evaluate on this many examples of each test set")] = None,
    steps: Annotated[int | None, typer.Option(help="train every stage for so many steps; to try a recipe out")] = None,
    data: Annotated[str | None, typer.Option(help="hub or files; the profile decides by default")] = None,
    throughput: Annotated[float, typer.Option(help="of one GPU in training, TFLOP/s, for --dry-run")] = 50.0,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, mps; the best there is by default")] = None,
    precision: Annotated[str, typer.Option(help="fp32, bf16 or fp16")] = "fp32",
    workers: Annotated[int | None, typer.Option(help="processes with cells of their own")] = None,
    runs: Annotated[Path | None, typer.Option(help="the run store; ./runs or $XBENCH_RUNS by default")] = None,
    format: Annotated[str, typer.Option("--format", help="table, csv, json, markdown or latex")] = "table",
) -> int:
    """Runs a paper's table as a grid and shows it in the paper's shape; `reproduce list` shows all recipes."""
    if name == "list":
        return _list()
    from xbench.recipes.presentation import check_format, write_table
    from xbench.recipes.registry import load_recipe
    from xbench.recipes.requests import recipe_requests, with_steps, without_lengths

    check_format(format)
    recipe = load_recipe(name).under(profile)
    if steps is not None:
        recipe = without_lengths(recipe)
    options = {"limit": limit, "data": data, "device": device, "precision": precision}
    asked = recipe_requests(recipe, profile, limit_grid, **options)
    if steps is not None:
        asked = type(asked)({name: with_steps(each, steps) for name, each in asked.grids.items()}, asked.left_out)
    for reason in asked.left_out:
        _say(f"Left out of {reason}.")
    if dry_run:
        return _estimate(asked, throughput * 1e12)
    ran, failures = _run(asked, runs, workers)
    from xbench.recipes.table import recipe_table

    is_sample = any(each.request.data_kind == "sample" for each in ran.values())
    represented = _represented(recipe, ran, device)
    table = recipe_table(recipe, ran, represented=represented)
    if is_sample:
        _say("Sample data: this shows the machinery and its phenomena, not results about real models.")
    write_table(recipe, table, format, sys.stdout)
    for note in recipe.notes:
        _say(f"Note: {note}")
    alone = table[table["measured"].notna() & (table["differs"] != "")]
    if len(alone) and not is_sample:
        differing = dict.fromkeys(one for text in alone["differs"] for one in text.split(", "))
        _say(
            f"No printed number stands beside {len(alone)} of {int(table['measured'].notna().sum())} measured ones; "
            f"they differ in: {', '.join(differing)}."
        )
    return 1 if failures else 0


def _list() -> int:
    from xbench.recipes.registry import describe_recipes

    found = describe_recipes()
    width = max(map(len, found))
    for name, description in found.items():
        print(f"{name:<{width}}  {description}")
    return 0


def _estimate(asked: Requests, throughput: float) -> int:
    """Prints what each grid takes, by stated counts; nothing is downloaded or loaded."""
    from xbench.recipes.estimate import Cost, estimate
    from xbench.recipes.presentation import cost_rows
    from xbench.runner.grid import plan_grid

    plans = {name: plan_grid(each).cells for name, each in asked.grids.items()}
    _say_missing([cell for cells in plans.values() for cell in cells])
    costs: dict[str, Cost] = {name: estimate(cells) for name, cells in plans.items()}
    total = sum(costs.values(), Cost())
    print("grid\tcells\tsteps\ttrained_tokens\tread_tokens\tgpu_hours")
    for row in cost_rows({**costs, "total": total}, throughput):
        print("\t".join(row))
    _say(
        f"{total.cells} cells: about {total.trained_tokens:,} tokens to train on and {total.read_tokens:,} to read, "
        f"{total.gpu_hours(throughput):,.1f} GPU-hours. Assumed: 6 N operations for a trained token and 2 N for one "
        f"that is read, N the backbone's parameters; {throughput / 1e12:g} TFLOP/s; rows and lengths as stated in the "
        "recipes' counts.yaml."
    )
    return 0


def _say_missing(plans: Sequence[CellPlan]) -> None:
    """Names the files of text that cells read and that are not there."""
    from xbench.runner.unlabelled import missing_text_files

    for about, paths in missing_text_files(plans).items():
        _say(f"To be provided, text of {about}: {', '.join(map(str, paths))}")


def _run(asked: Requests, runs: Path | None, workers: int | None) -> tuple[dict[str, Ran], int]:
    """Runs every grid; gives their results and the number of cells that failed."""
    from xbench.analysis.results import load_results
    from xbench.cli.eval import evaluate_grid
    from xbench.recipes.table import Ran
    from xbench.runner.grid import plan_grid
    from xbench.runner.workers import useful_workers
    from xbench.store import default_path

    outcomes: dict[str, Sequence[str]] = {}
    failures = 0
    for name, request in asked.grids.items():
        plan = plan_grid(request)
        for reason in plan.skipped:
            _say(f"Skipped: {reason}")
        _say_missing(plan.cells)
        embedded = request.profile == "demo"
        count = workers if workers is not None else useful_workers(len(plan.cells)) if embedded else 1
        outcome = evaluate_grid(request, plan, runs, workers=count)
        for failure in outcome.failures:
            _say(f"Failed: {failure.plan.name}: {failure.message}")
        failures += len(outcome.failures)
        outcomes[name] = outcome.cells
    results = load_results(*([runs or default_path()] if any(outcomes.values()) else []))
    return {name: Ran(asked.grids[name], results.only(cells)) for name, cells in outcomes.items()}, failures


def _represented(recipe: RecipeSpec, ran: Mapping[str, Ran], device: str | None) -> dict[tuple[str, str, str], float]:
    """The cosines that the table shows, read from the models of its cells."""
    from xbench.recipes.table import cells_to_represent

    wanted = cells_to_represent(recipe, ran)
    if not wanted:
        return {}
    from xbench.recipes.representations import read_cells

    found: dict[str, Any] = {cell.record.id: cell for each in ran.values() for cell in each.results}
    return read_cells([found[id] for id in wanted], device)


def _say(text: str) -> None:
    print(text, file=sys.stderr)

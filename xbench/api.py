"""The Python API: the words of the command line as keywords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.errors import XbenchError

if TYPE_CHECKING:
    from xbench.analysis.results import Results


class EvaluationError(XbenchError):
    """Some cells failed; the others are in the run store."""

    exit_code = 1


def evaluate(
    methods: str | Iterable[str] = "all",
    tasks: str | Iterable[str] = "all",
    *,
    runs: str | Path | None = None,
    set: Mapping[str, Mapping[str, Any]] | None = None,  # the option's own name
    **options: Any,
) -> Results:
    """Runs methods on tasks and gives the results of these cells.

    Names are given as text or as a list of texts: `evaluate(["soft", "mpt[alpha=1]"], "marc", seeds=[1, 2])`. `set`
    maps a method to parameters; the other options are those of `xbench eval`: profile, model, data, setting, shots,
    train_tasks, source, languages, seeds, tasks_dirs, methods_dirs, limit, on_bad_row, device, precision.

    Raises:
        RequestError: an option is unknown or wrong.
        EvaluationError: some cells failed; the message says which and why.
    """
    from xbench.analysis.results import load_results
    from xbench.cli.eval import evaluate_grid
    from xbench.errors import RequestError, nearest
    from xbench.runner.grid import plan_grid
    from xbench.runner.request import EvalRequest
    from xbench.store import default_path

    known = EvalRequest.__dataclass_fields__
    for name in options:
        if name not in known or name in ("changes", "part"):
            raise RequestError(f"evaluate() has no option '{name}'.{nearest(name, known)}")
    several = ("shots", "train_tasks", "languages", "seeds", "tasks_dirs", "methods_dirs")
    given: dict[str, Any] = {name: _several(value) if name in several else value for name, value in options.items()}
    given |= {"methods": _several(methods), "tasks": _several(tasks), "changes": set or {}}
    request = EvalRequest(**given)
    store = Path(runs) if runs is not None else default_path()
    outcome = evaluate_grid(request, plan_grid(request), store)
    if outcome.failures:
        reasons = "\n".join(f"{failure.plan.name}: {failure.message}" for failure in outcome.failures)
        raise EvaluationError(f"{len(outcome.failures)} cells failed; the others are in {store}.\n{reasons}")
    return load_results(store).only(outcome.cells)


def _several(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, str | int | Path) else tuple(value)

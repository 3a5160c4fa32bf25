"""xbench: measures how well prompt-based tuning carries across languages, and explains the result.

`evaluate` runs methods on tasks, `load_results` reads what a run store holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["evaluate", "load_results"]

if TYPE_CHECKING:
    from xbench.analysis.results import load_results
    from xbench.api import evaluate


def __getattr__(name: str) -> Any:
    # Importing xbench stays fast: torch and pandas come in with the first call.
    if name == "evaluate":
        from xbench.api import evaluate

        return evaluate
    if name == "load_results":
        from xbench.analysis.results import load_results

        return load_results
    raise AttributeError(f"module 'xbench' has no attribute '{name}'")

"""xbench: measures how well prompt-based tuning carries across languages, and explains the result.

`evaluate` runs methods on tasks, `load_results` reads what a run store holds, `diagnose` says where systems differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["diagnose", "evaluate", "load_results"]

if TYPE_CHECKING:
    from xbench.analysis.results import load_results
    from xbench.api import evaluate
    from xbench.diagnosis.diagnose import diagnose


def __getattr__(name: str) -> Any:
    # Importing xbench stays fast: torch and pandas come in with the first call.
    if name == "evaluate":
        from xbench.api import evaluate

        return evaluate
    if name == "load_results":
        from xbench.analysis.results import load_results

        return load_results
    if name == "diagnose":
        from xbench.diagnosis.diagnose import diagnose

        return diagnose
    raise AttributeError(f"module 'xbench' has no attribute '{name}'")

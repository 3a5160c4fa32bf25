"""Analysis: what the predictions of a run store say. Reads the store only, and never imports torch."""

from xbench.analysis.results import COLUMNS, Results, load_results

__all__ = ["COLUMNS", "Results", "load_results"]

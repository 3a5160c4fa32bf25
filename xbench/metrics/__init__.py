"""Metrics: pure functions from gold and predicted labels to fractions in [0, 1]."""

from xbench.metrics.classification import accuracy, macro_f1
from xbench.metrics.compute import METRICS, compute, module_path

__all__ = ["METRICS", "accuracy", "compute", "macro_f1", "module_path"]

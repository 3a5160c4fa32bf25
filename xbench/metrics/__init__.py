"""Metrics: from gold and predicted answers to fractions in [0, 1], as counts of examples that add up."""

from xbench.metrics.classification import accuracy, macro_f1
from xbench.metrics.compute import METRICS, compute, module_path
from xbench.metrics.metric import Metric, Predictions, as_mean, ratio

__all__ = ["METRICS", "Metric", "Predictions", "accuracy", "as_mean", "compute", "macro_f1", "module_path", "ratio"]

"""`evaluate`-compatible module of xbench's rouge2: `evaluate.load` takes the path of its folder."""

from xbench.metrics.evaluate_module import evaluate_module

Module = evaluate_module("rouge2")

"""`evaluate`-compatible module of xbench's f1: `evaluate.load` takes the path of its folder."""

from xbench.metrics.evaluate_module import evaluate_module

Module = evaluate_module("f1")

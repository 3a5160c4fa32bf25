"""`evaluate`-compatible module of xbench's token_accuracy: `evaluate.load` takes the path of its folder."""

from xbench.metrics.evaluate_module import evaluate_module

Module = evaluate_module("token_accuracy")

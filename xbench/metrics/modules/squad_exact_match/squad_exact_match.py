"""`evaluate`-compatible module of xbench's squad_exact_match: `evaluate.load` takes the path of its folder."""

from xbench.metrics.evaluate_module import evaluate_module

Module = evaluate_module("squad_exact_match")

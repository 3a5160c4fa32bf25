"""`evaluate`-compatible module of xbench's squad_f1: `evaluate.load` takes the path of its folder."""

from xbench.metrics.evaluate_module import evaluate_module

Module = evaluate_module("squad_f1")

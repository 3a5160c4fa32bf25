"""Significance: tests over languages and over examples, effect sizes, corrections, and how many seeds it would take."""

from xbench.analysis.significance.wilcoxon import LEAST_PAIRS, Wilcoxon, wilcoxon

__all__ = ["LEAST_PAIRS", "Wilcoxon", "wilcoxon"]

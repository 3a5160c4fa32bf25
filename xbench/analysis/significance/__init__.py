"""Significance: tests over languages and over examples, effect sizes, corrections, and how many seeds it would take."""

from xbench.analysis.significance.correction import holm
from xbench.analysis.significance.effects import HodgesLehmann, hodges_lehmann, rank_biserial
from xbench.analysis.significance.p_value import PValue
from xbench.analysis.significance.paired import independent_t, paired_t, sign_test
from xbench.analysis.significance.ranks import Ranks, rank_systems
from xbench.analysis.significance.seeds_needed import SeedsNeeded, seeds_needed
from xbench.analysis.significance.wilcoxon import LEAST_PAIRS, Wilcoxon, wilcoxon

__all__ = [
    "LEAST_PAIRS",
    "HodgesLehmann",
    "PValue",
    "Ranks",
    "SeedsNeeded",
    "Wilcoxon",
    "hodges_lehmann",
    "holm",
    "independent_t",
    "paired_t",
    "rank_biserial",
    "rank_systems",
    "seeds_needed",
    "sign_test",
    "wilcoxon",
]

"""Transfer: how far target languages stay behind the source, and where the difference comes from."""

from xbench.analysis.transfer.chance import Chance, chance
from xbench.analysis.transfer.decomposition import BucketParts, Decomposition, average, check_metric, decompose
from xbench.analysis.transfer.gap import LanguageGap, Transfer, language_gaps, transfer
from xbench.analysis.transfer.gap_interval import gap_interval
from xbench.analysis.transfer.groups import GROUPINGS, GroupGap, group_gaps, group_of
from xbench.analysis.transfer.share import RankCorrelation, rank_correlation

__all__ = [
    "GROUPINGS",
    "BucketParts",
    "Chance",
    "Decomposition",
    "GroupGap",
    "LanguageGap",
    "RankCorrelation",
    "Transfer",
    "average",
    "chance",
    "check_metric",
    "decompose",
    "gap_interval",
    "group_gaps",
    "group_of",
    "language_gaps",
    "rank_correlation",
    "transfer",
]

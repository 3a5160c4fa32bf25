"""Transfer: how far target languages stay behind the source, and where the difference comes from."""

from xbench.analysis.transfer.gap import Transfer, transfer

__all__ = ["Transfer", "transfer"]

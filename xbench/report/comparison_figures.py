"""The figure of `xbench compare`: mean ranks of all systems under each set of conditions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xbench.analysis.compare import Comparisons
from xbench.errors import RequestError
from xbench.report.comparison import title


def write_rank_figure(comparisons: Sequence[Comparisons], path: Path) -> Path:
    """Writes critical-difference diagrams, one for each set of conditions and block that has ranks.

    Raises RequestError where none has, and for a path that ends in no known format.
    """
    from xbench.report.figures.critical_difference import critical_difference
    from xbench.report.figures.style import save_figure

    panels = []
    for group in comparisons:
        heading, warning = title(group)
        about = heading + (" (machinery only)" if warning else "")
        for block in group.blocks:
            if block.ranks:
                paired = f"{block.ranks.friedman.n} {block.ranks.friedman.paired}"
                panels.append((f"{' + '.join(block.tasks)}: mean ranks over {paired}\n{about}", block.ranks))
    if not panels:
        raise RequestError(
            "There are no ranks to draw: it takes three systems measured in two languages under the same conditions."
        )
    return save_figure(critical_difference(panels), path)
